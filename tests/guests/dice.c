// Answers something else each time.
#include <stdio.h>
#include <unistd.h>

int main(void) {
  unsigned long long dice = 0;
  getentropy(&dice, sizeof dice);
  printf("{\"dice\":\"%llx\"}\n", dice);
  return 0;
}
