// fibonacci: the report's function, to be called by its name with JSON.
//
//   parameters  {"n": 42} or [42]
//   result      {"result": 267914296}; beyond 2^53 a string
//
// Any exported function is one: no main, no glue, and the manifest names the parameter.
//
//   clang --target=wasm32-wasi -O3 -mexec-model=reactor fibonacci.c -o fibonacci.wasm
//   wherry invoke fibonacci.wasm --export 'fibonacci(n: u32) -> u64' --param n=42
#include <stdint.h>

__attribute__((export_name("fibonacci"))) uint64_t fibonacci(uint32_t n) {
  uint64_t now = 0, next = 1;
  for (; n > 0; n--) {
    uint64_t sum = now + next;
    now = next;
    next = sum;
  }
  return now;
}
