// A command that calls the URL in its environment.
#include "wherry.h"

int main(void) {
  struct wherry_answer answer = wherry_fetch("GET", getenv("URL"), NULL, NULL, 0);
  printf("{\"status\": %d, \"length\": %zu}\n", answer.status, answer.length);
  return 0;
}
