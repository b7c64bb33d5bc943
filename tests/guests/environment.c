// Answers its environment as a JSON object. Values must be free of what JSON would escape.
#include <stdio.h>
#include <string.h>

extern char** environ;

int main(void) {
  printf("{");
  for (char** entry = environ; entry != NULL && *entry != NULL; entry++) {
    char* equals = strchr(*entry, '=');
    printf("%s\"%.*s\":\"%s\"", entry == environ ? "" : ",", (int)(equals - *entry), *entry,
           equals + 1);
  }
  printf("}\n");
  return 0;
}
