// Uses a vector instruction, whatever the optimizer would rather do.
#include <stdio.h>
#include <wasm_simd128.h>

int main(int argc, char** argv) {
  (void)argv;
  volatile v128_t sum = wasm_i32x4_add(wasm_i32x4_splat(argc), wasm_i32x4_const(1, 2, 3, 4));
  printf("%d\n", wasm_i32x4_extract_lane(sum, 3));
  return 0;
}
