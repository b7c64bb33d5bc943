// Functions that are called by their names, with values: numbers, texts as C has them, and bytes.
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name))) name

struct slice {
  uint8_t* data;
  size_t length;
};

static int initialized;
__attribute__((constructor)) static void initialize(void) { initialized++; }

int EXPORT(times_initialized)(void) { return initialized; }

int EXPORT(add)(int a, int b) { return a + b; }
int64_t EXPORT(negate)(int64_t a) { return -a; }
uint64_t EXPORT(largest)(void) { return UINT64_MAX; }
uint32_t EXPORT(invert)(uint32_t a) { return ~a; }
float EXPORT(third)(float a) { return a / 3; }
double EXPORT(root)(double a) { return sqrt(a); }
bool EXPORT(both)(bool a, bool b) { return a && b; }
void EXPORT(nothing)(void) {}

// char* greet(name, times)
char* EXPORT(greet)(const char* name, int times) {
  size_t length = strlen(name);
  char* text = malloc((length + 8) * (size_t)times + 1);
  char* end = text;
  for (int i = 0; i < times; i++) end += sprintf(end, "Hello, %s!", name);
  *end = 0;
  return text;
}
char* EXPORT(no_text)(void) { return NULL; }

struct slice EXPORT(reverse)(const uint8_t* data, size_t length) {
  struct slice result = {malloc(length), length};
  for (size_t i = 0; i < length; i++) result.data[i] = data[length - 1 - i];
  return result;
}
// Copies of a text: as long as one likes.
struct slice EXPORT(repeated)(const uint8_t* data, size_t length, uint32_t times) {
  struct slice result = {malloc(length * times), length * times};
  for (uint32_t i = 0; i < times; i++) memcpy(result.data + i * length, data, length);
  return result;
}
struct slice EXPORT(outside)(uint32_t pointer, uint32_t length) {
  return (struct slice){(uint8_t*)(uintptr_t)pointer, length};
}

int EXPORT(speak)(const char* text) {
  printf("said: %s\n", text);
  fprintf(stderr, "%s", getenv("VOICE"));
  return 7;
}
void EXPORT(quit)(int code) { exit(code); }
int EXPORT(divide)(int a, int b) { return a / b; }
int EXPORT(forever)(void) {
  for (volatile int i = 0;; i++) {
  }
}
static int counter;
int EXPORT(count)(void) { return ++counter; }
