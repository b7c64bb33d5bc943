// Run as: --env A=1 --env EMPTY= GUEST one 'two words' ''
#include "check.h"

extern char** environ;

int main(int argc, char** argv) {
  CHECK(argc == 4);
  CHECK(argv[0][0] != 0);
  CHECK(strcmp(argv[1], "one") == 0);
  CHECK(strcmp(argv[2], "two words") == 0);
  CHECK(strcmp(argv[3], "") == 0);
  CHECK(argv[4] == NULL);

  CHECK(strcmp(getenv("A"), "1") == 0);
  CHECK(strcmp(getenv("EMPTY"), "") == 0);
  CHECK(getenv("PATH") == NULL);
  CHECK(getenv("HOME") == NULL);
  int count = 0;
  while (environ[count]) count++;
  CHECK(count == 2);
  return 0;
}
