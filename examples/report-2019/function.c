// The report's function for its figure 12: the N-th Fibonacci number by naive recursion, as JSON.
//
//   standard input   {"n": 42}
//   the last line    {"result": 267914296}
//
// A plain program: WASI, and the same source natively.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

int main(void) {
  char event[256];
  size_t size = fread(event, 1, sizeof event - 1, stdin);
  event[size] = '\0';
  const char* n = strstr(event, "\"n\"");
  if (n != NULL) n = strchr(n + 3, ':');
  if (n == NULL) {
    printf("{\"error\": \"n is missing\"}\n");
    return 0;
  }
  printf("{\"result\": %" PRIu64 "}\n", fibonacci((uint32_t)strtoul(n + 1, NULL, 10)));
  return 0;
}
