// The 0-1 knapsack problem by dynamic programming, with the chosen items.
#include "kernel.h"

enum { kItems = 100, kCapacity = 5000 };

typedef struct {
  uint32_t weight, value;
} Item;

static uint32_t best[kCapacity + 1];
static uint8_t taken[kItems][kCapacity + 1];

static uint32_t solve(const Item* items, uint32_t capacity) {
  memset(best, 0, sizeof(best));
  for (int i = 0; i < kItems; i++) {
    memset(taken[i], 0, sizeof(taken[i]));
    for (uint32_t room = capacity; room >= items[i].weight; room--) {
      uint32_t with = best[room - items[i].weight] + items[i].value;
      if (with > best[room]) {
        best[room] = with;
        taken[i][room] = 1;
      }
    }
  }
  return best[capacity];
}

static uint64_t chosen(const Item* items, uint32_t capacity) {
  uint64_t sum = 0;
  for (int i = kItems; i-- > 0;) {
    if (!taken[i][capacity]) continue;
    sum = checksum_u64(sum, (uint64_t)i);
    capacity -= items[i].weight;
  }
  return sum;
}

int main(int argc, char** argv) {
  static Item items[kItems];
  uint32_t rounds = kernel_rounds(argc, argv, 1400);
  Random random = {37};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < kItems; i++) {
      items[i] = (Item){20 + random_below(&random, 300), 1 + random_below(&random, 1000)};
    }
    uint32_t capacity = kCapacity - random_below(&random, 1000);
    sum = checksum_u64(sum, solve(items, capacity));
    sum += chosen(items, capacity);
  }
  return kernel_finish(sum);
}
