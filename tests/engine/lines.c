// What lines_test.cc runs: traps at lines that it knows by number.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name), noinline))
__attribute__((import_module("host"), import_name("refuse"))) void host_refuse(void);

static volatile int32_t sink;

static inline int32_t quotient(int32_t left, int32_t right) { return left / right; }
static inline int32_t mean(int32_t sum, int32_t count) {
  sink = sum;
  return quotient(sum, count);
}
EXPORT(divide) int32_t divide(int32_t left, int32_t right) { return mean(left + 1, right) + 1; }

// A function of its own for clang, and none for us.
__attribute__((noinline)) static int32_t read_at(int32_t where) {
  return *(const volatile int32_t*)where;
}
EXPORT(read) int32_t read_memory(int32_t where) {
  sink = where;
  return read_at(where) + 1;
}

EXPORT(ratios) void ratios(int32_t n) {
  sink = 100 / n;
  sink = 100 / (n - 1);
}
// Of which clang makes one trap, that has no line.
EXPORT(traps) void traps(int32_t which) {
  if (which == 1) __builtin_trap();
  if (which == 2) __builtin_trap();
  sink = which;
}

EXPORT(recurse) int32_t recurse(int32_t depth) {
  int32_t deeper = recurse(depth + 1);
  sink = deeper;
  return deeper + depth;
}

EXPORT(refuse) void refuse(void) {
  sink = 1;
  host_refuse();
  sink = 2;
}

EXPORT(loop) void loop(void) {
  for (;;) __asm__ volatile("");
}

typedef int32_t (*Operation)(int32_t, int32_t);
static Operation volatile operation = divide;
EXPORT(indirect) int32_t indirect(int32_t right) { return operation(41, right) + 1; }

// So that the call above has more candidates than are called by name.
static int32_t plus(int32_t left, int32_t right) { return left + right; }
static int32_t minus(int32_t left, int32_t right) { return left - right; }
EXPORT(choose) void choose(int32_t which) { operation = which == 0 ? plus : minus; }
