// A reactor that prepares a table before it is asked anything: for `wherry initialize`. What it does
// besides is its only compile-time choice, AND.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NOTHING 0
#define ENTROPY 1
#define TIME 2
#define VARIABLE 3
#define ABORT 4
#define EXIT 5

static unsigned *squares;
static int count;
static int (*operation)(int);
static long kept;

static int twice(int x) { return 2 * x; }
static int thrice(int x) { return 3 * x; }

__attribute__((export_name("wizer.initialize"))) void initialize(void) {
  count = 50000;
  squares = malloc(count * sizeof *squares);
  for (int i = 0; i < count; i++) squares[i] = (unsigned)i * (unsigned)i;
  operation = count % 2 ? twice : thrice;
  printf("prepared %d squares\n", count);
  fflush(stdout);
  if (AND == ENTROPY) getentropy(&kept, sizeof kept);
  if (AND == TIME) kept = (long)time(NULL);
  if (AND == VARIABLE) kept = getenv("KEPT") != NULL;
  if (AND == ABORT) abort();
  if (AND == EXIT) exit(3);
}

__attribute__((export_name("wizer.resume"))) void resume(void) {
  unsigned sum = 0;
  for (int i = 0; i < count; i++) sum += squares[i];
  printf("{\"sum\": %u, \"operation\": %d, \"kept\": %ld}\n", sum, operation ? operation(21) : 0,
         kept);
  fflush(stdout);
}
