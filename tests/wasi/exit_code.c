// Ends as its argument says: `exit N`, `return N` or `abort`.
#include "check.h"

int main(int argc, char** argv) {
  CHECK(argc >= 2);
  if (strcmp(argv[1], "abort") == 0) abort();
  int code = atoi(argv[2]);
  if (strcmp(argv[1], "exit") == 0) exit(code);
  return code;
}
