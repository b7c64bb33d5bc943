// args_get, args_sizes_get, environ_get, environ_sizes_get. Run as:
// --env A=1 --env EMPTY= --env SNOW=☃ GUEST one 'two words' '' '☃ = x'
#include "raw.h"

extern char** environ;

int main(int argc, char** argv) {
  CHECK(argc == 5);
  CHECK(argv[0][0] != 0);
  CHECK(strcmp(argv[1], "one") == 0);
  CHECK(strcmp(argv[2], "two words") == 0);
  CHECK(strcmp(argv[3], "") == 0);
  CHECK(strcmp(argv[4], "\xe2\x98\x83 = x") == 0);
  CHECK(argv[5] == NULL);

  CHECK(strcmp(getenv("A"), "1") == 0);
  CHECK(strcmp(getenv("EMPTY"), "") == 0);
  CHECK(strcmp(getenv("SNOW"), "\xe2\x98\x83") == 0);
  CHECK(getenv("PATH") == NULL);
  CHECK(getenv("HOME") == NULL);
  int count = 0;
  while (environ[count]) count++;
  CHECK(count == 3);

  // The calls themselves: sizes with the zero bytes, pointers into the text.
  __wasi_size_t strings, size, pieces = 0;
  OK(__wasi_environ_sizes_get(&strings, &size));
  CHECK(strings == 3 && size == sizeof "A=1" + sizeof "EMPTY=" + sizeof "SNOW=...");
  OK(__wasi_args_sizes_get(&strings, &size));
  CHECK(strings == 5 && size < 4096);
  for (int i = 0; i < argc; i++) pieces += strlen(argv[i]) + 1;
  CHECK(pieces == size);
  uint8_t *pointers[6] = {0}, text[4096];
  memset(text, '-', sizeof text);
  OK(__wasi_args_get(pointers, text));
  CHECK(pointers[0] == text && pointers[5] == NULL && text[size - 1] == 0 && text[size] == '-');
  for (int i = 0; i < argc; i++) CHECK(strcmp((char*)pointers[i], argv[i]) == 0);
  // Room for all but the last byte is not enough, and nothing is written.
  uint8_t* end = (uint8_t*)(__builtin_wasm_memory_size(0) * 65536u);
  pointers[0] = NULL;
  FAILS(__wasi_args_get(pointers, end - size + 1), FAULT);
  CHECK(pointers[0] == NULL);
  OK(__wasi_args_get(pointers, end - size));
  CHECK(strcmp((char*)pointers[1], "one") == 0);
  FAILS(__wasi_environ_get(OUTSIDE, text), FAULT);
  FAILS(__wasi_environ_sizes_get(&strings, OUTSIDE), FAULT);
  return 0;
}
