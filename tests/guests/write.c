// Writes its second argument to the file named by its first, or says why it cannot.
#include <errno.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  FILE* file = fopen(argv[1], "w");
  if (file == NULL || fputs(argv[2], file) == EOF || fclose(file) != 0) {
    fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
    return 1;
  }
  return 0;
}
