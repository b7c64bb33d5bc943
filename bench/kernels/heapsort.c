// Heapsort of records by a floating-point key.
#include "kernel.h"

enum { kCount = 20000 };

typedef struct {
  double key;
  uint32_t id, weight;
} Record;

static void sift_down(Record* heap, uint32_t count, uint32_t at) {
  Record sinking = heap[at];
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && heap[child].key < heap[child + 1].key) child++;
    if (heap[child].key <= sinking.key) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = sinking;
}

static void heapsort_records(Record* records, uint32_t count) {
  for (uint32_t at = count / 2; at-- > 0;) sift_down(records, count, at);
  for (uint32_t end = count; end-- > 1;) {
    Record largest = records[0];
    records[0] = records[end];
    records[end] = largest;
    sift_down(records, end, 0);
  }
}

int main(int argc, char** argv) {
  static Record records[kCount];
  uint32_t rounds = kernel_rounds(argc, argv, 210);
  Random random = {10};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < kCount; i++) {
      records[i] = (Record){random_double(&random), i, random_below(&random, 100)};
    }
    heapsort_records(records, kCount);
    for (uint32_t i = 0; i < kCount; i++) sum = checksum_u64(sum, records[i].id * i);
  }
  return kernel_finish(sum);
}
