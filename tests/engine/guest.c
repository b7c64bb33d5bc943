// What the engine tests run: each export is one way for a guest to behave.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name), noinline))
#define IMPORT(name) __attribute__((import_module("host"), import_name(#name)))

IMPORT(twice) int32_t host_twice(int32_t value);
IMPORT(call_back) int32_t host_call_back(int32_t depth);
IMPORT(refuse) void host_refuse(void);
IMPORT(leave) void host_leave(int32_t code);
IMPORT(wait) void host_wait(void);

EXPORT(add) int32_t add(int32_t left, int32_t right) { return left + right; }

EXPORT(divide) int32_t divide(int32_t left, int32_t right) { return left / right; }

__attribute__((noinline)) static int32_t read_at(const int32_t* where) { return *where + 1; }
EXPORT(read) int32_t read_memory(int32_t where) { return read_at((const int32_t*)where) + 1; }

EXPORT(unreachable) void reach(void) { __builtin_trap(); }

// Frames of different sizes, to meet the guard page from each kind.
static volatile int32_t sink;
EXPORT(recurse) int32_t recurse(int32_t depth) {
  int32_t deeper = recurse(depth + 1);
  sink = deeper;  // so that nobody makes a loop of it
  return deeper + depth;
}

EXPORT(recurse_into_host) int32_t recurse_into_host(int32_t depth) {
  int32_t deeper = host_twice(depth) + recurse_into_host(depth + 1);
  sink = deeper;
  return deeper;
}

EXPORT(loop) void loop(void) {
  for (volatile int32_t i = 0;; i = i + 1) {
  }
}
EXPORT(tight_loop) void tight_loop(void) {
  for (;;) __asm__ volatile("");
}
EXPORT(loop_in_host) void loop_in_host(void) {
  for (;;) host_wait();
}

EXPORT(loop_through_host) void loop_through_host(void) {
  for (volatile int32_t i = 0;; i = i + 1) host_twice(i);
}

// Up and down the stack for ever.
__attribute__((noinline)) static int32_t dive_to(int32_t depth) {
  if (depth == 0) return sink;
  int32_t deeper = dive_to(depth - 1);
  sink = deeper;
  return deeper + depth;
}
EXPORT(dive) void dive(void) {
  for (;;) sink = dive_to(3000);
}
// In code that the compiler brings along, and in services of the runtime.
EXPORT(fill_for_ever) void fill_for_ever(void) {
  for (;;) __builtin_memset((char*)4096, sink, 32768);
}
EXPORT(grow_for_ever) void grow_for_ever(void) {
  for (;;) sink = (int32_t)__builtin_wasm_memory_grow(0, (size_t)(sink & 1));
}

EXPORT(twice) int32_t twice(int32_t value) { return host_twice(value); }
EXPORT(call_back) int32_t call_back(int32_t depth) { return host_call_back(depth) + 1; }
EXPORT(refuse) void refuse(void) { host_refuse(); }
EXPORT(leave) void leave(int32_t code) { host_leave(code); }

EXPORT(grow) int32_t grow(int32_t pages) { return (int32_t)__builtin_wasm_memory_grow(0, (size_t)pages); }
EXPORT(pages) int32_t pages(void) { return (int32_t)__builtin_wasm_memory_size(0); }

static uint8_t bytes[65536] = {1, 2, 3};
EXPORT(checksum) int32_t checksum(int32_t length) {
  uint32_t sum = 0;
  for (int32_t i = 0; i < length; i++) sum = sum * 31 + bytes[i];
  return (int32_t)sum;
}
EXPORT(fill) void fill(int32_t from, int32_t value, int32_t length) {
  __builtin_memset((void*)from, value, (size_t)length);
}
EXPORT(move) void move(int32_t to, int32_t from, int32_t length) {
  __builtin_memmove((void*)to, (void*)from, (size_t)length);
}
EXPORT(address) int32_t address(void) { return (int32_t)bytes; }

// A loop that looks like strlen: it must neither be called that nor stop at the wrong place.
EXPORT(length) int32_t length(int32_t from) {
  const char* text = (const char*)from;
  int32_t count = 0;
  while (text[count] != 0) count++;
  return count;
}

typedef int32_t (*Operation)(int32_t, int32_t);
static int32_t subtract(int32_t left, int32_t right) { return left - right; }
static int32_t multiply(int32_t left, int32_t right) { return left * right; }
static Operation operations[] = {subtract, multiply};
EXPORT(dispatch) int32_t dispatch(int32_t which, int32_t left, int32_t right) {
  return operations[which](left, right);
}
EXPORT(call_wrong_type) int32_t call_wrong_type(int32_t which) {
  return ((int32_t(*)(double))(void*)operations[which])(1.0);
}
EXPORT(call_null) int32_t call_null(void) {
  volatile Operation null = 0;
  return null(1, 2);
}
EXPORT(call_nowhere) int32_t call_nowhere(void) {
  volatile Operation nowhere = (Operation)12345;
  return nowhere(1, 2);
}
