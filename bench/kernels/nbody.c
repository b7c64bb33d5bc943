// Planets about a star: forces of all pairs, leapfrog steps in double precision, the energy.
#include <math.h>

#include "kernel.h"

enum { kBodies = 12 };

typedef struct {
  double x, y, z, vx, vy, vz, mass;
} Body;

static Body bodies[kBodies];

static void advance(double dt) {
  for (int i = 0; i < kBodies; i++) {
    Body* a = &bodies[i];
    for (int j = i + 1; j < kBodies; j++) {
      Body* b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double squared = dx * dx + dy * dy + dz * dz + 1e-4;
      double pull = dt / (squared * sqrt(squared));
      a->vx -= dx * b->mass * pull;
      a->vy -= dy * b->mass * pull;
      a->vz -= dz * b->mass * pull;
      b->vx += dx * a->mass * pull;
      b->vy += dy * a->mass * pull;
      b->vz += dz * a->mass * pull;
    }
  }
  for (int i = 0; i < kBodies; i++) {
    Body* body = &bodies[i];
    body->x += dt * body->vx;
    body->y += dt * body->vy;
    body->z += dt * body->vz;
  }
}

static double energy(void) {
  double total = 0;
  for (int i = 0; i < kBodies; i++) {
    const Body* a = &bodies[i];
    total += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
    for (int j = i + 1; j < kBodies; j++) {
      const Body* b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      total -= a->mass * b->mass / sqrt(dx * dx + dy * dy + dz * dz + 1e-4);
    }
  }
  return total;
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 12000);
  Random random = {39};
  bodies[0].mass = 40;
  for (int i = 1; i < kBodies; i++) {
    double distance = 1 + i, speed = sqrt(40 / distance), around = random_double(&random) * 2 - 1;
    double aside = sqrt(1 - around * around);
    bodies[i] = (Body){distance * around,
                       distance * aside,
                       random_double(&random) * 0.1,
                       -speed * aside,
                       speed * around,
                       0,
                       0.001 + random_double(&random) * 0.01};
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int step = 0; step < 100; step++) advance(0.001);
    sum = checksum_double(sum, energy());
  }
  for (int i = 0; i < kBodies; i++) sum = checksum_double(sum, bodies[i].x + bodies[i].vz);
  return kernel_finish(sum);
}
