// A command line for the wasm3 interpreter, whose published source package holds only the library:
// `wasm3 MODULE [ARG...]` runs a WASI command and gives its exit code, 1 after a trap.

#include <m3_api_wasi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasm3.h>

static void fail(const char* what, const char* why) {
  fprintf(stderr, "wasm3: %s: %s\n", what, why);
  exit(1);
}

static uint8_t* read_file(const char* path, uint32_t* size) {
  FILE* file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) fail(path, "cannot be read");
  long length = ftell(file);
  rewind(file);
  uint8_t* bytes = malloc(length > 0 ? length : 1);
  if (bytes == NULL || fread(bytes, 1, length, file) != (size_t)length) fail(path, "cannot be read");
  fclose(file);
  *size = length;
  return bytes;
}

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--version") == 0) {
    puts("wasm3 " M3_VERSION);
    return 0;
  }
  if (argc < 2) fail("usage", "wasm3 MODULE [ARG...]");
  uint32_t size;
  uint8_t* bytes = read_file(argv[1], &size);

  IM3Environment environment = m3_NewEnvironment();
  IM3Runtime runtime = m3_NewRuntime(environment, 1 << 20, NULL);
  IM3Module module;
  M3Result error = m3_ParseModule(environment, &module, bytes, size);
  if (!error) error = m3_LoadModule(runtime, module);
  if (!error) error = m3_LinkWASI(module);
  IM3Function start;
  if (!error) error = m3_FindFunction(&start, runtime, "_start");
  if (error) fail(argv[1], error);

  m3_wasi_context_t* wasi = m3_GetWasiContext();
  wasi->argc = argc - 1;
  wasi->argv = (const char* const*)(argv + 1);
  error = m3_CallArgv(start, 0, NULL);
  fflush(stdout);
  if (error == m3Err_trapExit) return wasi->exit_code;
  if (error) fail(argv[1], error);
  return 0;
}
