// A ray tracer: spheres and a chequered floor, shadows, reflections.
#include <math.h>

#include "kernel.h"

enum { kWidth = 96, kHeight = 72, kSpheres = 12, kDepth = 4 };

typedef struct {
  double x, y, z;
} Vector;

typedef struct {
  Vector center, color;
  double radius, shine;
} Sphere;

typedef struct {
  double distance, shine;
  Vector point, normal, color;
} Hit;

static Sphere spheres[kSpheres];
static Vector light;

static Vector add(Vector a, Vector b) { return (Vector){a.x + b.x, a.y + b.y, a.z + b.z}; }
static Vector subtract(Vector a, Vector b) { return (Vector){a.x - b.x, a.y - b.y, a.z - b.z}; }
static Vector scale(Vector a, double by) { return (Vector){a.x * by, a.y * by, a.z * by}; }
static double dot(Vector a, Vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static Vector unit(Vector a) { return scale(a, 1 / sqrt(dot(a, a))); }

// The distance to the sphere, or 0.
static double meet(const Sphere* sphere, Vector from, Vector direction) {
  Vector away = subtract(from, sphere->center);
  double b = dot(away, direction), c = dot(away, away) - sphere->radius * sphere->radius;
  double discriminant = b * b - c;
  if (discriminant < 0) return 0;
  double root = sqrt(discriminant), near = -b - root, far = -b + root;
  return near > 1e-6 ? near : far > 1e-6 ? far : 0;
}

static bool find(Vector from, Vector direction, Hit* hit) {
  const Sphere* nearest = NULL;
  hit->distance = 1e9;
  for (int i = 0; i < kSpheres; i++) {
    double distance = meet(&spheres[i], from, direction);
    if (distance > 0 && distance < hit->distance) {
      hit->distance = distance;
      nearest = &spheres[i];
    }
  }
  double floor = direction.y < -1e-9 ? -from.y / direction.y : 0;
  if (floor > 1e-6 && floor < hit->distance) {
    hit->distance = floor;
    hit->point = add(from, scale(direction, floor));
    hit->normal = (Vector){0, 1, 0};
    bool dark = ((int32_t)(hit->point.x + 1000) + (int32_t)(hit->point.z + 1000)) & 1;
    hit->color = dark ? (Vector){0.1, 0.1, 0.1} : (Vector){0.9, 0.9, 0.9};
    hit->shine = 0.2;
    return floor < 100;
  }
  if (nearest == NULL) return false;
  hit->point = add(from, scale(direction, hit->distance));
  hit->normal = scale(subtract(hit->point, nearest->center), 1 / nearest->radius);
  hit->color = nearest->color;
  hit->shine = nearest->shine;
  return true;
}

static bool lit(Vector point, Vector to_light, double distance) {
  for (int i = 0; i < kSpheres; i++) {
    double met = meet(&spheres[i], point, to_light);
    if (met > 0 && met < distance) return false;
  }
  return true;
}

static Vector trace(Vector from, Vector direction, int depth) {
  Hit hit;
  if (!find(from, direction, &hit)) {
    return scale((Vector){0.5, 0.7, 1}, 0.5 + 0.5 * direction.y);
  }
  Vector to_light = subtract(light, hit.point);
  double distance = sqrt(dot(to_light, to_light));
  to_light = scale(to_light, 1 / distance);
  double brightness = 0.1, slant = dot(hit.normal, to_light);
  if (slant > 0 && lit(hit.point, to_light, distance)) brightness += 0.9 * slant;
  Vector color = scale(hit.color, brightness * (1 - hit.shine));
  if (depth == 0) return color;
  Vector mirrored = subtract(direction, scale(hit.normal, 2 * dot(direction, hit.normal)));
  return add(color, scale(trace(hit.point, mirrored, depth - 1), hit.shine));
}

static uint8_t to_byte(double value) {
  return (uint8_t)(value <= 0 ? 0 : value >= 1 ? 255 : value * 255 + 0.5);
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 440);
  Random random = {51};
  uint64_t sum = 0;
  for (int i = 0; i < kSpheres; i++) {
    double radius = 0.3 + random_double(&random);
    spheres[i].center =
        (Vector){random_double(&random) * 8 - 4, radius, random_double(&random) * 8};
    spheres[i].color =
        (Vector){random_double(&random), random_double(&random), random_double(&random)};
    spheres[i].radius = radius;
    spheres[i].shine = random_double(&random) * 0.7;
  }
  for (uint32_t round = 0; round < rounds; round++) {
    light = (Vector){-5 + (double)(round % 10), 8, -3};
    Vector eye = {0, 2, -6};
    for (int y = 0; y < kHeight; y++) {
      for (int x = 0; x < kWidth; x++) {
        Vector direction = {(x - kWidth / 2) / (double)kWidth,
                            (kHeight / 2 - y) / (double)kWidth - 0.15, 0.8};
        Vector color = trace(eye, unit(direction), kDepth);
        sum = checksum_u64(sum, (uint32_t)to_byte(color.x) << 16 | (uint32_t)to_byte(color.y) << 8 |
                                    to_byte(color.z));
      }
    }
  }
  return kernel_finish(sum);
}
