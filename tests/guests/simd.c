// A program that computes with vectors, and relaxed ones, whatever the optimizer would rather do.
#include <stdio.h>
#include <wasm_simd128.h>

int main(int argc, char** argv) {
  (void)argv;
  volatile v128_t sum = wasm_i32x4_add(wasm_i32x4_splat(argc), wasm_i32x4_const(1, 2, 3, 4));
  printf("%d\n", wasm_i32x4_extract_lane(sum, 3));
  volatile v128_t half = wasm_f32x4_splat(0.5f);
  v128_t chosen = wasm_i32x4_relaxed_laneselect(half, sum, wasm_i32x4_const(-1, 0, 0, 0));
  printf("%g\n", (double)wasm_f32x4_extract_lane(wasm_f32x4_relaxed_madd(half, half, chosen), 0));
  return 0;
}
