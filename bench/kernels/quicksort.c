// Quicksort of integers: median of three, the smaller part first, insertion sort for the rest.
#include "kernel.h"

enum { kCount = 20000, kSmall = 12 };

static void swap(int32_t* x, int32_t* y) {
  int32_t kept = *x;
  *x = *y;
  *y = kept;
}

static void insertion_sort(int32_t* numbers, int32_t count) {
  for (int32_t i = 1; i < count; i++) {
    int32_t number = numbers[i], at = i;
    for (; at > 0 && numbers[at - 1] > number; at--) numbers[at] = numbers[at - 1];
    numbers[at] = number;
  }
}

static int32_t median(int32_t* first, int32_t* middle, int32_t* last) {
  if (*middle < *first) swap(first, middle);
  if (*last < *middle) swap(middle, last);
  if (*middle < *first) swap(first, middle);
  return *middle;
}

static void quicksort(int32_t* numbers, int32_t count) {
  while (count > kSmall) {
    int32_t pivot = median(numbers, numbers + count / 2, numbers + count - 1);
    int32_t low = 0, high = count - 1;
    while (low <= high) {
      while (numbers[low] < pivot) low++;
      while (numbers[high] > pivot) high--;
      if (low <= high) swap(numbers + low++, numbers + high--);
    }
    if (high + 1 < count - low) {
      quicksort(numbers, high + 1);
      numbers += low;
      count -= low;
    } else {
      quicksort(numbers + low, count - low);
      count = high + 1;
    }
  }
  insertion_sort(numbers, count);
}

int main(int argc, char** argv) {
  static int32_t numbers[kCount];
  uint32_t rounds = kernel_rounds(argc, argv, 460);
  Random random = {5};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    // All numbers differ, most do, or few do.
    uint32_t limit = round % 3 == 0 ? UINT32_MAX : round % 3 == 1 ? kCount : 100;
    for (int i = 0; i < kCount; i++) numbers[i] = (int32_t)random_below(&random, limit);
    quicksort(numbers, kCount);
    sum = checksum_bytes(sum, numbers, sizeof(numbers));
  }
  return kernel_finish(sum);
}
