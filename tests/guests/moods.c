// A guest that does what it is told, most of it bad. The mood is the first argument, or the value
// of "mood" in the JSON on standard input; without one it answers its parameters.
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char input[1 << 16];
static volatile int zero = 0;

// The traps happen three named calls deep.
#define CHAIN(name, statement)                                  \
  __attribute__((noinline)) static int name##_inner(int n) {    \
    statement;                                                  \
    return n + zero;                                            \
  }                                                             \
  __attribute__((noinline)) static int name##_middle(int n) {   \
    return name##_inner(n + 1) + zero;                          \
  }                                                             \
  static void name(void) { printf("%d\n", name##_middle(zero)); }

static int (*volatile no_function)(int) = NULL;
CHAIN(divide, n /= zero)
CHAIN(overflow, n = (INT_MIN + zero) / (zero - 1))
CHAIN(unreachable, __builtin_trap())
CHAIN(null_call, n += no_function(n))
CHAIN(wild_read, n += *(volatile int*)(uintptr_t)(0xfffffff0u + (unsigned)zero))

#pragma clang diagnostic ignored "-Winfinite-recursion"
// What each call leaves on the stack keeps it from becoming a loop.
__attribute__((noinline)) static int depth_of(int n) {
  volatile char frame[64] = {0};
  return depth_of(n + 1) + frame[n & 63];
}
static void recurse(void) { printf("{\"depth\":%d}\n", depth_of(zero)); }

static void loop(void) {
  for (volatile unsigned turns = 0;; turns++) {
  }
}

static void sleep_for_an_hour(void) { poll(NULL, 0, 3600 * 1000); }

static void exit_3(void) { exit(3); }
static void silent(void) {}
static void blank(void) { fputs("\n  \n\n", stdout); }
static void text(void) { puts("this is not JSON"); }
static void scalar(void) { puts("42"); }
static void array(void) { puts("[\"a\",{\"b\":2},3]"); }
static void broken(void) { puts("{\"broken\":"); }
static void not_utf8(void) { puts("{\"bad\":\"\xff\xfe\"}"); }
static void no_newline(void) { fputs("{\"ok\":true}", stdout); }

// 100 MB, in lines or in one.
static void flood_with(char end) {
  static char line[1 << 16];
  memset(line, 'x', sizeof line);
  line[sizeof line - 1] = end;
  for (int i = 0; i < 1600; i++) fwrite(line, 1, sizeof line, stdout);
  puts("\n{\"flooded\":true}");
}
static void flood(void) { flood_with('\n'); }
static void flood_line(void) { flood_with('x'); }

// Within what may be written, yet longer than a result may be.
static void long_result(void) {
  fputs("{\"long\":\"", stdout);
  for (int i = 0; i < 2 << 20; i++) putchar('y');
  puts("\"}");
}

static void logs(void) {
  puts("to stdout");
  fputs("to stderr\n", stderr);
  puts("{\"ok\":true}");
  fputs("after the result\n", stderr);
}

// Up to the limit; being refused is no trap.
static void grow(void) {
  unsigned pages = 0;
  while (__builtin_wasm_memory_grow(0, 16) != (size_t)-1) pages += 16;
  printf("{\"pages\":%u}\n", (unsigned)__builtin_wasm_memory_size(0));
  if (pages == 0) exit(1);
}

static const struct {
  const char* name;
  void (*act)(void);
} kMoods[] = {
    {"divide", divide},       {"overflow", overflow},       {"unreachable", unreachable},
    {"null_call", null_call}, {"wild_read", wild_read},     {"recurse", recurse},
    {"loop", loop},           {"sleep", sleep_for_an_hour}, {"exit_3", exit_3},
    {"silent", silent},       {"blank", blank},             {"text", text},
    {"scalar", scalar},       {"array", array},             {"broken", broken},
    {"not_utf8", not_utf8},   {"no_newline", no_newline},   {"flood", flood},
    {"flood_line", flood_line}, {"long_result", long_result}, {"logs", logs},
    {"grow", grow},
};

static int has_mood(const char* name) {
  char wanted[64];
  snprintf(wanted, sizeof wanted, "\"mood\":\"%s\"", name);
  return strstr(input, wanted) != NULL;
}

int main(int argc, char** argv) {
  if (argc < 2 && fread(input, 1, sizeof input - 1, stdin) == 0) return 1;
  for (size_t i = 0; i < sizeof kMoods / sizeof *kMoods; i++) {
    if (argc < 2 ? has_mood(kMoods[i].name) : strcmp(argv[1], kMoods[i].name) == 0) {
      kMoods[i].act();
      return 0;
    }
  }
  fputs(argc < 2 ? input : "unknown mood\n", stdout);
  return argc < 2 ? 0 : 1;
}
