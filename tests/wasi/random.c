#include <unistd.h>
#include <wasi/api.h>

#include "check.h"

static uint8_t large[3 << 20];

int main(void) {
  char first[32] = {0}, second[32] = {0};
  CHECK(getentropy(first, sizeof first) == 0);
  CHECK(getentropy(second, sizeof second) == 0);
  CHECK(memcmp(first, second, sizeof first) != 0);
  CHECK_WASI(__wasi_random_get(large, sizeof large), 0);
  // The last of several pieces is filled too.
  int different = 0;
  for (int i = 1; i < 64; i++) different += large[sizeof large - i] != large[sizeof large - 1 - i];
  CHECK(different > 16);
  CHECK_WASI(__wasi_random_get(large, 0), 0);
  return 0;
}
