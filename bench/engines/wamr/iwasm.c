// `iwasm MODULE|AOT-FILE [ARG...]`: runs a WASI command on WAMR and gives its exit code, 1 after a
// trap. The stack is as large as a native one, as WAMR's default of 64 kB is for small devices.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bh_read_file.h"
#include "wasm_export.h"

static int fail(const char* what, const char* why) {
  fprintf(stderr, "iwasm: %s: %s\n", what, why);
  return 1;
}

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--version") == 0) {
    uint32_t major, minor, patch;
    wasm_runtime_get_version(&major, &minor, &patch);
    printf("iwasm %u.%u.%u\n", major, minor, patch);
    return 0;
  }
  if (argc < 2) return fail("usage", "iwasm MODULE|AOT-FILE [ARG...]");
  RuntimeInitArgs init;
  memset(&init, 0, sizeof init);
  init.mem_alloc_type = Alloc_With_System_Allocator;
  if (!wasm_runtime_full_init(&init)) return fail("start", "the runtime cannot be initialized");

  uint32_t size;
  uint8_t* bytes = (uint8_t*)bh_read_file_to_buffer(argv[1], &size);
  if (bytes == NULL) return fail(argv[1], "cannot be read");
  char why[256];
  wasm_module_t module = wasm_runtime_load(bytes, size, why, sizeof why);
  if (module == NULL) return fail(argv[1], why);
  wasm_runtime_set_wasi_args(module, NULL, 0, NULL, 0, NULL, 0, argv + 1, argc - 1);
  wasm_module_inst_t instance = wasm_runtime_instantiate(module, 8 << 20, 0, why, sizeof why);
  if (instance == NULL) return fail(argv[1], why);

  if (!wasm_application_execute_main(instance, argc - 1, argv + 1)) {
    return fail(argv[1], wasm_runtime_get_exception(instance));
  }
  return (int)wasm_runtime_get_wasi_exit_code(instance);
}
