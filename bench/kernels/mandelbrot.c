// The Mandelbrot set at several depths of zoom, with a test for the two large bulbs.
#include "kernel.h"

enum { kSide = 128, kMostSteps = 256 };

static bool in_bulbs(double x, double y) {
  double q = (x - 0.25) * (x - 0.25) + y * y;
  return q * (q + x - 0.25) <= 0.25 * y * y || (x + 1) * (x + 1) + y * y <= 0.0625;
}

static uint32_t steps_at(double cx, double cy) {
  if (in_bulbs(cx, cy)) return kMostSteps;
  double x = 0, y = 0, xx = 0, yy = 0;
  uint32_t steps = 0;
  while (steps < kMostSteps && xx + yy <= 4) {
    y = 2 * x * y + cy;
    x = xx - yy + cx;
    xx = x * x;
    yy = y * y;
    steps++;
  }
  return steps;
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 240);
  uint64_t sum = 0;
  double width = 3;
  for (uint32_t round = 0; round < rounds; round++) {
    double left = -0.7436438870371587 - width / 2, top = 0.13182590420531197 - width / 2;
    uint32_t inside = 0;
    for (int y = 0; y < kSide; y++) {
      for (int x = 0; x < kSide; x++) {
        uint32_t steps = steps_at(left + width * x / kSide, top + width * y / kSide);
        inside += steps == kMostSteps;
        sum = checksum_u64(sum, steps);
      }
    }
    sum += inside;
    width = round % 16 == 15 ? 3 : width * 0.7;
  }
  return kernel_finish(sum);
}
