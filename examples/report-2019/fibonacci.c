// fibonacci [N]: the N-th Fibonacci number by naive recursion. The report used 42 and 52.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

int main(int argc, char** argv) {
  uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 42;
  printf("fibonacci(%" PRIu32 ") = %" PRIu64 "\n", n, fibonacci(n));
  return 0;
}
