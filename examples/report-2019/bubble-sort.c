// bubble-sort [COUNT…]: sorts that many numbers of a fixed sequence and times the sort alone.
//
// Without arguments it takes the report's sizes, 1,000 to 500,000. Results go to standard output,
// times to standard error, so that outputs can be compared.
#define _POSIX_C_SOURCE 199309L
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// A generator of our own, so that every platform sorts the same numbers.
static uint32_t next_number(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 1;
}

static void bubble_sort(int32_t* numbers, size_t count) {
  for (size_t end = count; end > 1; end--) {
    for (size_t i = 1; i < end; i++) {
      if (numbers[i - 1] > numbers[i]) {
        int32_t larger = numbers[i - 1];
        numbers[i - 1] = numbers[i];
        numbers[i] = larger;
      }
    }
  }
}

static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int sort_and_report(size_t count) {
  int32_t* numbers = malloc((count ? count : 1) * sizeof(int32_t));
  if (numbers == NULL) {
    fprintf(stderr, "no memory for %zu numbers\n", count);
    return 1;
  }
  uint32_t state = 2019;
  for (size_t i = 0; i < count; i++) numbers[i] = (int32_t)next_number(&state);
  double start = now_s();
  bubble_sort(numbers, count);
  double end = now_s();
  uint64_t checksum = 0;
  for (size_t i = 0; i < count; i++) checksum = checksum * 31 + (uint32_t)numbers[i];
  printf("%zu numbers sorted, checksum %016" PRIx64 "\n", count, checksum);
  fprintf(stderr, "%zu numbers: %.6f s\n", count, end - start);
  free(numbers);
  return 0;
}

int main(int argc, char** argv) {
  static const size_t kReportSizes[] = {1000,  5000,   10000,  50000,
                                        75000, 100000, 250000, 500000};
  if (argc > 1) {
    for (int i = 1; i < argc; i++) {
      if (sort_and_report((size_t)strtoull(argv[i], NULL, 10)) != 0) return 1;
    }
    return 0;
  }
  for (size_t i = 0; i < sizeof(kReportSizes) / sizeof(kReportSizes[0]); i++) {
    if (sort_and_report(kReportSizes[i]) != 0) return 1;
  }
  return 0;
}
