// prime [N]: is N prime, by trial division? The 2019 report asked it of 4294967029.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_prime(uint64_t n) {
  if (n < 2) return false;
  for (uint64_t divisor = 2; divisor < n; divisor++) {
    if (n % divisor == 0) return false;
  }
  return true;
}

int main(int argc, char** argv) {
  uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 4294967029u;
  printf("%" PRIu64 " is %s\n", n, is_prime(n) ? "prime" : "not prime");
  return 0;
}
