// Estimates by random numbers: π, the volume of a ball in six dimensions, a random walk with a
// barrier, with the spread of each.
#include <math.h>

#include "kernel.h"

typedef struct {
  double sum, squares;
  uint32_t count;
} Estimate;

static void add(Estimate* estimate, double value) {
  estimate->sum += value;
  estimate->squares += value * value;
  estimate->count++;
}

static double mean_of(const Estimate* estimate) { return estimate->sum / estimate->count; }

static double spread_of(const Estimate* estimate) {
  double mean = mean_of(estimate), variance = estimate->squares / estimate->count - mean * mean;
  return sqrt(variance > 0 ? variance / estimate->count : 0);
}

static double in_circle(Random* random, int points) {
  int inside = 0;
  for (int i = 0; i < points; i++) {
    double x = random_double(random), y = random_double(random);
    inside += x * x + y * y <= 1;
  }
  return 4.0 * inside / points;
}

static double in_ball(Random* random, int points) {
  int inside = 0;
  for (int i = 0; i < points; i++) {
    double squared = 0;
    for (int axis = 0; axis < 6 && squared <= 1; axis++) {
      double x = random_double(random) * 2 - 1;
      squared += x * x;
    }
    inside += squared <= 1;
  }
  return 64.0 * inside / points;
}

// What is left of a price that ends worthless below the barrier.
static double walk(Random* random, int steps) {
  double price = 100;
  for (int i = 0; i < steps; i++) {
    // Nearly normal: a sum of uniform numbers.
    double noise = random_double(random) + random_double(random) + random_double(random) - 1.5;
    price *= 1.0002 + 0.03 * noise;
    if (price < 70) return 0;
  }
  return price > 105 ? price - 105 : 0;
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 2800);
  Random random = {42};
  Estimate circle = {0, 0, 0}, ball = {0, 0, 0}, option = {0, 0, 0};
  for (uint32_t round = 0; round < rounds; round++) {
    add(&circle, in_circle(&random, 8000));
    add(&ball, in_ball(&random, 4000));
    for (int i = 0; i < 60; i++) add(&option, walk(&random, 120));
  }
  uint64_t sum = 0;
  const Estimate* const estimates[] = {&circle, &ball, &option};
  for (int i = 0; i < 3; i++) {
    sum = checksum_double(sum, mean_of(estimates[i]));
    sum = checksum_double(sum, spread_of(estimates[i]));
  }
  return kernel_finish(sum);
}
