// `wamrc -o AOT-FILE MODULE`: compiles a module for this machine's processor with WAMR's compiler,
// with the settings of WAMR's own wamrc where it is given no options (-O3, SIMD on).

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <llvm-c/TargetMachine.h>

#include "aot_export.h"
#include "bh_read_file.h"
#include "wasm_export.h"

static int fail(const char* what, const char* why) {
  fprintf(stderr, "wamrc: %s: %s\n", what, why);
  return 1;
}

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--version") == 0) {
    uint32_t major, minor, patch;
    wasm_runtime_get_version(&major, &minor, &patch);
    printf("wamrc %u.%u.%u, LLVM %d\n", major, minor, patch, LLVM_VERSION_MAJOR);
    return 0;
  }
  if (argc != 4 || strcmp(argv[1], "-o") != 0) return fail("usage", "wamrc -o AOT-FILE MODULE");
  RuntimeInitArgs init;
  memset(&init, 0, sizeof init);
  init.mem_alloc_type = Alloc_With_System_Allocator;
  if (!wasm_runtime_full_init(&init) || !aot_compiler_init()) {
    return fail("start", "the compiler cannot be initialized");
  }
  uint32_t size;
  uint8_t* bytes = (uint8_t*)bh_read_file_to_buffer(argv[3], &size);
  if (bytes == NULL) return fail(argv[3], "cannot be read");
  char why[256];
  wasm_module_t module = wasm_runtime_load(bytes, size, why, sizeof why);
  if (module == NULL) return fail(argv[3], why);

  AOTCompOption option;
  memset(&option, 0, sizeof option);
  option.opt_level = 3;
  option.size_level = 3;
  option.output_format = AOT_FORMAT_FILE;
  // 2 leaves bounds checks to the platform: guard pages where it has them.
  option.bounds_checks = 2;
  option.stack_bounds_checks = 2;
  option.enable_simd = true;
  option.enable_aux_stack_check = true;
  option.enable_bulk_memory = true;
  option.enable_bulk_memory_opt = true;
  option.enable_ref_types = true;
  option.enable_call_indirect_overlong = true;
  aot_call_stack_features_init_default(&option.call_stack_features);

  aot_comp_data_t data = aot_create_comp_data(module, NULL, false);
  aot_comp_context_t context = data == NULL ? NULL : aot_create_comp_context(data, &option);
  if (context == NULL || !aot_compile_wasm(context) || !aot_emit_aot_file(context, data, argv[2])) {
    return fail(argv[3], aot_get_last_error());
  }
  return 0;
}
