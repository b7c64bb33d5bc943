// greeting-cgi: a CGI program with a form, and a greeting for who has filled it in.
//
//   clang-22 --target=wasm32-wasi -Wno-deprecated -O2 --no-wasm-opt examples/functions/greeting-cgi.c
//       -o greeting-cgi.wasm
//
// It is to be served with `abi = "cgi"`: a program with main() is taken for a command otherwise.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The value of `name=` in `application/x-www-form-urlencoded` text, decoded in place.
static char *value_of(char *form, const char *name) {
  size_t length = strlen(name);
  for (char *part = strtok(form, "&"); part; part = strtok(NULL, "&")) {
    if (strncmp(part, name, length) != 0 || part[length] != '=') continue;
    char *from = part + length + 1, *to = from, *value = from;
    for (; *from; from++) {
      unsigned code;
      if (*from == '%' && sscanf(from + 1, "%2x", &code) == 1 && from[1] && from[2]) {
        *to++ = (char)code;
        from += 2;
      } else {
        *to++ = *from == '+' ? ' ' : *from;
      }
    }
    *to = 0;
    return value;
  }
  return NULL;
}

static void print_escaped(const char *text) {
  for (; *text; text++) {
    switch (*text) {
      case '<': fputs("&lt;", stdout); break;
      case '>': fputs("&gt;", stdout); break;
      case '&': fputs("&amp;", stdout); break;
      default: putchar(*text);
    }
  }
}

int main(void) {
  static char form[65536];
  if (strcmp(getenv("REQUEST_METHOD"), "POST") == 0) {
    form[fread(form, 1, sizeof form - 1, stdin)] = 0;
  } else {
    snprintf(form, sizeof form, "%s", getenv("QUERY_STRING"));
  }
  const char *name = value_of(form, "name");
  printf("Content-Type: text/html; charset=utf-8\n\n");
  if (name && *name) {
    printf("<p>Hello, ");
    print_escaped(name);
    printf("!</p>\n");
    fprintf(stderr, "greeted %s\n", name);
  } else {
    printf("<form method=post>Your name: <input name=name> <button>Greet me</button></form>\n");
  }
  return 0;
}
