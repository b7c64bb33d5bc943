// Any exported function can be called, without a line of code for it:
//
//   clang-22 --target=wasm32-wasi -Wno-deprecated -O2 --no-wasm-opt -mexec-model=reactor roman.c
//     -o roman.wasm
//
// with `signature = "roman(number: u32) -> string"` takes {"number": 1984} and answers
// {"result": "MCMLXXXIV"}.
#include <stdlib.h>
#include <string.h>

static const struct {
  unsigned value;
  const char* digits;
} kNumerals[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
                 {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"}};

__attribute__((export_name("roman"))) const char* roman(unsigned number) {
  static char text[32];
  const char* zero = getenv("ZERO");
  if (number == 0) return zero != NULL ? zero : "";
  if (number > 3999) return NULL;  // null in JSON: there is no such numeral
  for (size_t i = 0; i < sizeof kNumerals / sizeof *kNumerals; i++) {
    for (; number >= kNumerals[i].value; number -= kNumerals[i].value) strcat(text, kNumerals[i].digits);
  }
  return text;
}
