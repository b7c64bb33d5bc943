// hello: about the smallest handler (sdk/c/wherry.h) that is given JSON and answers JSON.
//
//   parameters  {"name": "World"}
//   result      {"greeting": "Hello, World!"}
//
// The name goes from one JSON string into another as it is, escapes and all. It is found by its text; a larger
// function would bring a JSON library.
#include <stddef.h>
#include <string.h>

#include "wherry.h"

// The member's string without its quotes, of `*length` bytes, or null.
static const char* string_member(const char* json, const char* quoted_name, size_t* length) {
  const char* at = json != NULL ? strstr(json, quoted_name) : NULL;
  if (at == NULL) return NULL;
  at += strlen(quoted_name);
  at += strspn(at, " \t\r\n");
  if (*at++ != ':') return NULL;
  at += strspn(at, " \t\r\n");
  if (*at++ != '"') return NULL;
  const char* end = at;
  for (; *end != '"'; end++) {
    if (*end == '\\') end++;
    if (*end == 0) return NULL;
  }
  *length = (size_t)(end - at);
  return at;
}

int wherry_handle(void) {
  size_t length = 0;
  const char* name = string_member(wherry_body(NULL), "\"name\"", &length);
  wherry_set_header("Content-Type", "application/json");
  if (name == NULL) {
    wherry_response_status(400);
    return wherry_print("{\"error\": \"the parameter name is missing or not a string\"}");
  }
  wherry_print("{\"greeting\": \"Hello, ");
  wherry_write(name, length);
  return wherry_print("!\"}");
}
