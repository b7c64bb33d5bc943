// text-stats: a function that counts what is in a text.
//
//   parameters  {"text": "…"}
//   result      {"characters": 11, "words": 2, "sentences": 1, "longest_word": "world",
//                "reading_seconds": 1}
//
// A WASI command: one JSON text on standard input, the result as the last line of standard output,
// everything on standard error is log. With -DAS_HANDLER a handler (sdk/c/wherry.h), which answers
// the same in fewer microseconds. It reads the one member it needs by itself; a larger function
// would bring a JSON library.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline __attribute__((unused)) char* read_all(FILE* from) {
  size_t used = 0, room = 4096;
  char* text = malloc(room);
  while (text != NULL) {
    used += fread(text + used, 1, room - used - 1, from);
    if (feof(from) || ferror(from)) {
      text[used] = 0;
      break;
    }
    if (room - used == 1) text = realloc(text, room *= 2);
  }
  return text;
}

static const char* skip_space(const char* at) {
  while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') at++;
  return at;
}

// Behind a JSON string that starts at `at`, or null.
static const char* skip_string(const char* at) {
  for (at++; *at != '"'; at++) {
    if (*at == 0) return NULL;
    if (*at == '\\' && *++at == 0) return NULL;
  }
  return at + 1;
}

// Where the value of a member of the outermost object starts, or null.
static const char* find_member(const char* json, const char* name) {
  int depth = 0;
  for (const char* at = json; at != NULL && *at != 0;) {
    if (*at == '{' || *at == '[') depth++;
    if (*at == '}' || *at == ']') depth--;
    if (*at != '"') {
      at++;
      continue;
    }
    const char* end = skip_string(at);
    if (end == NULL) return NULL;
    const char* colon = skip_space(end);
    size_t length = (size_t)(end - at) - 2;
    if (depth == 1 && *colon == ':' && length == strlen(name) &&
        strncmp(at + 1, name, length) == 0) {
      return skip_space(colon + 1);
    }
    at = end;
  }
  return NULL;
}

static uint32_t read_hex4(const char* at) {
  char digits[5] = {0};
  memcpy(digits, at, strnlen(at, 4));
  return (uint32_t)strtoul(digits, NULL, 16);
}

static char* put_utf8(char* to, uint32_t code) {
  if (code < 0x80) {
    *to++ = (char)code;
  } else if (code < 0x800) {
    *to++ = (char)(0xc0 | code >> 6);
    *to++ = (char)(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    *to++ = (char)(0xe0 | code >> 12);
    *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    *to++ = (char)(0x80 | (code & 0x3f));
  } else {
    *to++ = (char)(0xf0 | code >> 18);
    *to++ = (char)(0x80 | (code >> 12 & 0x3f));
    *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    *to++ = (char)(0x80 | (code & 0x3f));
  }
  return to;
}

// The JSON string at `from` as UTF-8, in new memory, or null; a decoded string is never longer than
// its source.
static char* decode_string(const char* from) {
  char* text = malloc(strlen(from));
  if (text == NULL) return NULL;
  char* to = text;
  for (const char* at = from + 1; *at != '"'; at++) {
    if (*at == 0) return NULL;
    if (*at != '\\') {
      *to++ = *at;
      continue;
    }
    if (*++at == 0) return NULL;
    static const char kEscapes[] = "n\nt\tr\rb\bf\f";
    const char* escape = strchr(kEscapes, *at);
    if (*at == 'u') {
      if (strnlen(at + 1, 4) < 4) return NULL;
      uint32_t code = read_hex4(at + 1);
      at += 4;
      if (code >= 0xd800 && code < 0xdc00 && at[1] == '\\' && at[2] == 'u' &&
          strnlen(at + 3, 4) == 4) {
        code = 0x10000 + ((code - 0xd800) << 10) + (read_hex4(at + 3) - 0xdc00);
        at += 6;
      }
      to = put_utf8(to, code);
    } else {
      *to++ = escape != NULL ? escape[1] : *at;
    }
  }
  *to = 0;
  return text;
}

// What a byte is: part of a word, white space, the end of a sentence, within a character.
enum { kWord = 1, kSpace = 2, kStop = 4, kInside = 8 };
static const unsigned char kClasses[256] = {['0' ... '9'] = kWord,
                                            ['A' ... 'Z'] = kWord,
                                            ['a' ... 'z'] = kWord,
                                            ['\''] = kWord,
                                            [0x80 ... 0xbf] = kWord | kInside,
                                            [0xc0 ... 0xff] = kWord,
                                            [' '] = kSpace,
                                            ['\t' ... '\r'] = kSpace,
                                            ['.'] = kStop,
                                            ['!'] = kStop,
                                            ['?'] = kStop};
static unsigned class_of(char byte) { return kClasses[(unsigned char)byte]; }

// The result for `json`, and how many characters its text has; null if it has none.
static char* text_stats(const char* json, size_t* characters) {
  const char* value = json != NULL ? find_member(json, "text") : NULL;
  char* text = value != NULL && *value == '"' ? decode_string(value) : NULL;
  if (text == NULL) return NULL;
  size_t words = 0, sentences = 0, longest = 0;
  const char* longest_word = "";
  const char* word = NULL;  // the one we are in
  *characters = 0;
  for (const char* at = text;; at++) {
    const unsigned class = class_of(*at);
    if ((class & kWord) && word == NULL) {
      words++;
      word = at;
    } else if (!(class & kWord) && word != NULL) {
      if ((size_t)(at - word) > longest) {
        longest = (size_t)(at - word);
        longest_word = word;
      }
      word = NULL;
    }
    if (*at == 0) break;
    *characters += !(class & kInside);
    if ((class & kStop) && (at[1] == 0 || (class_of(at[1]) & kSpace))) sentences++;
  }
  size_t room = longest + 200;
  char* result = malloc(room);
  if (result == NULL) abort();
  // People read about 240 words a minute.
  snprintf(result, room,
           "{\"characters\": %zu, \"words\": %zu, \"sentences\": %zu, \"longest_word\": \"%.*s\", "
           "\"reading_seconds\": %zu}\n",
           *characters, words, sentences, (int)longest, longest_word, (words + 3) / 4);
  return result;
}

static const char kNoText[] = "{\"error\": \"the parameter text is missing or not a string\"}\n";

#ifdef AS_HANDLER
#include "wherry.h"

int wherry_handle(void) {
  size_t characters = 0;
  char* result = text_stats(wherry_body(NULL), &characters);
  wherry_set_header("Content-Type", "application/json");
  if (result == NULL) wherry_response_status(400);
  return wherry_print(result != NULL ? result : kNoText);
}
#else
int main(void) {
  size_t characters = 0;
  char* result = text_stats(read_all(stdin), &characters);
  if (result != NULL) fprintf(stderr, "counted %zu characters\n", characters);
  fputs(result != NULL ? result : kNoText, stdout);
  return 0;
}
#endif
