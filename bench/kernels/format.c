// Builds a report in a growing string: padded columns, decimal and hexadecimal numbers, money,
// dates and floating-point numbers in scientific notation.
#include "kernel.h"

typedef struct {
  char* text;
  size_t bytes, room;
} Text;

static void reserve(Text* text, size_t more) {
  if (text->bytes + more <= text->room) return;
  size_t room = text->room * 2 > text->bytes + more ? text->room * 2 : text->bytes + more;
  char* larger = realloc(text->text, room);
  if (larger == NULL) exit(1);
  text->text = larger;
  text->room = room;
}

static void append(Text* text, const char* added, size_t bytes) {
  reserve(text, bytes);
  memcpy(text->text + text->bytes, added, bytes);
  text->bytes += bytes;
}

static void append_char(Text* text, char c) { append(text, &c, 1); }

// Right-aligned in `width`, filled up with `fill`.
static void append_padded(Text* text, const char* added, size_t bytes, size_t width, char fill) {
  reserve(text, width);
  for (size_t i = bytes; i < width; i++) append_char(text, fill);
  append(text, added, bytes);
}

static void append_number(Text* text, uint64_t number, uint32_t base, size_t width, char fill) {
  char digits[64];
  size_t at = sizeof(digits);
  do digits[--at] = "0123456789abcdef"[number % base];
  while ((number /= base) > 0);
  append_padded(text, digits + at, sizeof(digits) - at, width, fill);
}

// 1,234,567.89
static void append_money(Text* text, int64_t cents, size_t width) {
  char characters[40];
  size_t at = sizeof(characters);
  uint64_t rest = (uint64_t)(cents < 0 ? -cents : cents);
  for (int place = 0; place < 3 || rest > 0; place++) {
    if (place == 2) characters[--at] = '.';
    if (place > 2 && (place - 2) % 3 == 0) characters[--at] = ',';
    characters[--at] = (char)('0' + rest % 10);
    rest /= 10;
  }
  if (cents < 0) characters[--at] = '-';
  append_padded(text, characters + at, sizeof(characters) - at, width, ' ');
}

// Six digits after the point; scaling by powers of ten is exact enough and the same everywhere.
static void append_scientific(Text* text, double value) {
  int exponent = 0;
  if (value < 0) {
    append_char(text, '-');
    value = -value;
  }
  while (value >= 10) value /= 10, exponent++;
  while (value > 0 && value < 1) value *= 10, exponent--;
  uint64_t digits = (uint64_t)(value * 1e6 + 0.5);
  append_number(text, digits / 1000000, 10, 1, '0');
  append_char(text, '.');
  append_number(text, digits % 1000000, 10, 6, '0');
  append_char(text, 'e');
  append_char(text, exponent < 0 ? '-' : '+');
  append_number(text, (uint64_t)(exponent < 0 ? -exponent : exponent), 10, 2, '0');
}

// The date of a day since 1970-01-01 in the proleptic Gregorian calendar.
static void append_date(Text* text, uint32_t day) {
  uint32_t days = day + 719468, era = days / 146097, of_era = days % 146097;
  uint32_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  uint32_t shifted = (5 * of_year + 2) / 153;
  uint32_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  append_number(text, year_of_era + era * 400 + (month <= 2), 10, 4, '0');
  append_char(text, '-');
  append_number(text, month, 10, 2, '0');
  append_char(text, '-');
  append_number(text, of_year - (153 * shifted + 2) / 5 + 1, 10, 2, '0');
}

static void append_row(Text* text, Random* random, uint32_t row) {
  append_number(text, row, 10, 6, ' ');
  append(text, " | ", 3);
  append_date(text, random_below(random, 40000));
  append(text, " | 0x", 5);
  append_number(text, random_u32(random), 16, 8, '0');
  append(text, " | ", 3);
  append_money(text, (int64_t)random_below(random, 2000000000) - 500000000, 16);
  append(text, " | ", 3);
  append_scientific(text, (random_double(random) - 0.5) * (double)(1u << random_below(random, 30)));
  append_char(text, '\n');
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 3000);
  Random random = {22};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    Text text = {NULL, 0, 0};
    for (uint32_t row = 0; row < 1000; row++) append_row(&text, &random, row);
    sum = checksum_bytes(sum, text.text, text.bytes);
    free(text.text);
  }
  return kernel_finish(sum);
}
