// The unicode case of OpenWhisk's tests: {"delimiter":"X"} to {"winter":"X ☃ X"}, logged as well.
#include <stdio.h>
#include <string.h>

int main(void) {
  static char input[4096];
  static const char kKey[] = "\"delimiter\":\"";
  if (fread(input, 1, sizeof input - 1, stdin) == 0) return 1;
  char* start = strstr(input, kKey);
  if (start == NULL) return 1;
  start += sizeof kKey - 1;
  char* end = strchr(start, '"');
  if (end == NULL) return 1;
  *end = '\0';
  printf("%s ☃ %s\n", start, start);
  printf("{\"winter\":\"%s ☃ %s\"}\n", start, start);
  return 0;
}
