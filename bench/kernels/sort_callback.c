// A generic sort with a comparison that the caller passes, like qsort(): of records by several
// orders, found again by binary search with the same callback.
#include "kernel.h"

enum { kCount = 4000 };

typedef int (*Compare)(const void*, const void*);

typedef struct {
  char name[12];
  int32_t age;
  double salary;
} Person;

static void swap(uint8_t* x, uint8_t* y, size_t size) {
  for (size_t i = 0; i < size; i++) {
    uint8_t kept = x[i];
    x[i] = y[i];
    y[i] = kept;
  }
}

static void sift_down(uint8_t* base, size_t at, size_t count, size_t size, Compare compare) {
  for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0) child++;
    if (compare(base + at * size, base + child * size) >= 0) return;
    swap(base + at * size, base + child * size, size);
    at = child;
  }
}

static void heap_sort(uint8_t* base, size_t count, size_t size, Compare compare) {
  for (size_t at = count / 2; at-- > 0;) sift_down(base, at, count, size, compare);
  for (size_t end = count; end-- > 1;) {
    swap(base, base + end * size, size);
    sift_down(base, 0, end, size, compare);
  }
}

// Quicksort, which turns to heapsort when it goes too deep.
static void sort(uint8_t* base, size_t count, size_t size, Compare compare, int depth) {
  while (count > 8) {
    if (depth-- == 0) {
      heap_sort(base, count, size, compare);
      return;
    }
    uint8_t* last = base + (count - 1) * size;
    uint8_t* middle = base + count / 2 * size;
    if (compare(middle, base) < 0) swap(middle, base, size);
    if (compare(last, middle) < 0) swap(last, middle, size);
    if (compare(middle, base) < 0) swap(middle, base, size);
    swap(middle, last - size, size);
    const uint8_t* pivot = last - size;
    size_t low = 0, high = count - 2;
    for (;;) {
      while (compare(base + ++low * size, pivot) < 0) continue;
      while (compare(base + --high * size, pivot) > 0) continue;
      if (low >= high) break;
      swap(base + low * size, base + high * size, size);
    }
    swap(base + low * size, last - size, size);
    sort(base + (low + 1) * size, count - low - 1, size, compare, depth);
    count = low;
  }
  for (size_t i = 1; i < count; i++) {
    for (size_t at = i; at > 0 && compare(base + at * size, base + (at - 1) * size) < 0; at--) {
      swap(base + at * size, base + (at - 1) * size, size);
    }
  }
}

static const void* search(const void* key, const uint8_t* base, size_t count, size_t size,
                          Compare compare) {
  while (count > 0) {
    const uint8_t* middle = base + count / 2 * size;
    int order = compare(key, middle);
    if (order == 0) return middle;
    if (order > 0) {
      base = middle + size;
      count -= count / 2 + 1;
    } else {
      count /= 2;
    }
  }
  return NULL;
}

static int by_name(const void* x, const void* y) {
  return strcmp(((const Person*)x)->name, ((const Person*)y)->name);
}

static int by_salary(const void* x, const void* y) {
  double a = ((const Person*)x)->salary, b = ((const Person*)y)->salary;
  return a < b ? -1 : a > b;
}

static int by_age_and_name(const void* x, const void* y) {
  int difference = ((const Person*)x)->age - ((const Person*)y)->age;
  return difference != 0 ? difference : by_name(x, y);
}

int main(int argc, char** argv) {
  static const Compare kOrders[] = {by_name, by_salary, by_age_and_name};
  static Person people[kCount], asked[kCount];
  uint32_t rounds = kernel_rounds(argc, argv, 440);
  Random random = {44};
  for (int i = 0; i < kCount; i++) {
    for (uint32_t j = 3 + random_below(&random, 8); j > 0; j--) {
      people[i].name[j - 1] = (char)('a' + random_below(&random, 26));
    }
    people[i].age = 18 + (int32_t)random_below(&random, 60);
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    Compare compare = kOrders[round % 3];
    for (int i = 0; i < kCount; i++) {
      people[i].salary = 1000 * random_double(&random);
      if (random_below(&random, 2))
        swap((uint8_t*)&people[i], (uint8_t*)&people[kCount - 1 - i], sizeof(Person));
    }
    memcpy(asked, people, sizeof(people));
    sort((uint8_t*)people, kCount, sizeof(Person), compare, 24);
    for (int i = 0; i < kCount; i++) {
      const Person* found =
          search(&asked[i], (const uint8_t*)people, kCount, sizeof(Person), compare);
      sum = checksum_u64(sum, (uint64_t)(found - people));
    }
  }
  return kernel_finish(sum);
}
