// Merge sort, bottom up and stable: references to strings, by text.
#include "kernel.h"

enum { kCount = 6000, kTextBytes = 16 };

static char texts[kCount][kTextBytes];

static int compare(const char* x, const char* y) {
  while (*x != '\0' && *x == *y) x++, y++;
  return (int)(uint8_t)*x - (int)(uint8_t)*y;
}

static void merge(const uint16_t* from, uint16_t* to, uint32_t left, uint32_t middle,
                  uint32_t right) {
  uint32_t x = left, y = middle;
  for (uint32_t at = left; at < right; at++) {
    bool take_left = y >= right || (x < middle && compare(texts[from[x]], texts[from[y]]) <= 0);
    to[at] = take_left ? from[x++] : from[y++];
  }
}

// Returns where the sorted references are.
static uint16_t* merge_sort(uint16_t* references, uint16_t* spare, uint32_t count) {
  for (uint32_t width = 1; width < count; width *= 2) {
    for (uint32_t left = 0; left < count; left += 2 * width) {
      uint32_t middle = left + width < count ? left + width : count;
      uint32_t right = left + 2 * width < count ? left + 2 * width : count;
      merge(references, spare, left, middle, right);
    }
    uint16_t* sorted = spare;
    spare = references;
    references = sorted;
  }
  return references;
}

int main(int argc, char** argv) {
  static uint16_t references[kCount], spare[kCount];
  uint32_t rounds = kernel_rounds(argc, argv, 510);
  Random random = {11};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < kCount; i++) {
      // Common beginnings, as in names and paths.
      uint32_t length = 4 + random_below(&random, kTextBytes - 5);
      for (uint32_t j = 0; j < length; j++) {
        texts[i][j] = (char)('a' + random_below(&random, j < 4 ? 3 : 26));
      }
      texts[i][length] = '\0';
      references[i] = (uint16_t)i;
    }
    const uint16_t* sorted = merge_sort(references, spare, kCount);
    for (uint32_t i = 0; i < kCount; i++) sum = checksum_u64(sum, sorted[i]);
  }
  return kernel_finish(sum);
}
