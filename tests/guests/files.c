// Prints the file named by its argument, or why it cannot.
#include <errno.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  FILE* file = fopen(argv[1], "r");
  if (file == NULL) {
    fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
    return 1;
  }
  for (int c; (c = fgetc(file)) != EOF;) putchar(c);
  return 0;
}
