// A guest with debug information, which traps where its argument says.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
  struct list* next;
  int value;
};

static inline int first_value(const struct list* list) { return list->value; }

static inline int value_at(const struct list* list, int index) {
  while (index-- > 0) list = list->next;
  return first_value(list);
}

static int ratio(int left, int right) { return left / right; }

static int compare(const void* left, const void* right) {
  return ratio(*(const int*)left, *(const int*)right);
}

// 4 GiB less 4: no memory is as large.
static struct list* volatile nowhere = (struct list*)0xfffffff8;

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "nothing";
  if (strcmp(what, "read") == 0) {
    struct list last = {nowhere, 3};
    printf("%d\n", value_at(&last, 1));
  } else if (strcmp(what, "sort") == 0) {
    int numbers[] = {0, 0, 0, 0};
    qsort(numbers, 4, sizeof numbers[0], compare);
    printf("%d\n", numbers[0]);
  } else if (strcmp(what, "abort") == 0) {
    abort();
  }
  return 0;
}
