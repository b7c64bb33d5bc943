// A command line for wasm3's library, which the crate wasm3-sys has the sources of, but not of its program.
//
// usage: wasm3 MODULE.wasm [ARGUMENT…]; wasm3 --version
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "m3_api_wasi.h"
#include "m3_env.h"
#include "wasm3.h"

enum { kStackBytes = 1 << 20 };

static void check(M3Result result, const char* what) {
  if (result == m3Err_none) return;
  fprintf(stderr, "%s: %s\n", what, result);
  exit(1);
}

int main(int argc, char** argv) {
  if (argc < 2) return fprintf(stderr, "usage: wasm3 MODULE.wasm [ARGUMENT...]\n"), 2;
  if (strcmp(argv[1], "--version") == 0) return printf("wasm3 %s\n", M3_VERSION), 0;
  FILE* file = fopen(argv[1], "rb");
  if (file == NULL) return perror(argv[1]), 1;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  uint8_t* bytes = malloc((size_t)size);
  if (bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size) return perror(argv[1]), 1;
  IM3Environment environment = m3_NewEnvironment();
  IM3Runtime runtime = m3_NewRuntime(environment, kStackBytes, NULL);
  IM3Module module;
  check(m3_ParseModule(environment, &module, bytes, (uint32_t)size), "parse");
  check(m3_LoadModule(runtime, module), "load");
  check(m3_LinkWASI(module), "link");
  IM3Function start;
  check(m3_FindFunction(&start, runtime, "_start"), "_start");
  runtime->exit_code = 0;
  M3Result result = m3_CallWithArgs(start, (uint32_t)argc - 1, (const char* const*)argv + 1);
  if (result == m3Err_trapExit) return runtime->exit_code;
  check(result, "run");
  return 0;
}
