// Answers its parameters, and says hello on both streams.
#include <stdio.h>

static char input[4 << 20];

int main(void) {
  size_t length = fread(input, 1, sizeof input, stdin);
  puts("hello stdout");
  fputs("hello stderr\n", stderr);
  fwrite(input, 1, length, stdout);
  return 0;
}
