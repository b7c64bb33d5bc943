// Shapes of many kinds behind tables of functions, as objects with virtual methods are: they move,
// bounce, are measured and tested for points.
#include <math.h>

#include "kernel.h"

enum { kShapes = 2000, kCorners = 6 };

typedef struct Shape Shape;

typedef struct {
  double (*area)(const Shape*);
  double (*edge)(const Shape*);
  bool (*contains)(const Shape*, double x, double y);
  void (*grow)(Shape*, double factor);
} Methods;

struct Shape {
  const Methods* methods;
  double x, y, vx, vy;
  union {
    double radius;
    struct {
      double width, height;
    } box;
    double corners[kCorners][2];
  };
};

static double circle_area(const Shape* s) { return 3.141592653589793 * s->radius * s->radius; }
static double circle_edge(const Shape* s) { return 6.283185307179586 * s->radius; }
static bool circle_contains(const Shape* s, double x, double y) {
  double dx = x - s->x, dy = y - s->y;
  return dx * dx + dy * dy <= s->radius * s->radius;
}
static void circle_grow(Shape* s, double factor) { s->radius *= factor; }

static double box_area(const Shape* s) { return s->box.width * s->box.height; }
static double box_edge(const Shape* s) { return 2 * (s->box.width + s->box.height); }
static bool box_contains(const Shape* s, double x, double y) {
  return fabs(x - s->x) * 2 <= s->box.width && fabs(y - s->y) * 2 <= s->box.height;
}
static void box_grow(Shape* s, double factor) {
  s->box.width *= factor;
  s->box.height *= factor;
}

static double polygon_area(const Shape* s) {
  double twice = 0;
  for (int i = 0; i < kCorners; i++) {
    const double *a = s->corners[i], *b = s->corners[(i + 1) % kCorners];
    twice += a[0] * b[1] - b[0] * a[1];
  }
  return fabs(twice) / 2;
}
static double polygon_edge(const Shape* s) {
  double edge = 0;
  for (int i = 0; i < kCorners; i++) {
    const double *a = s->corners[i], *b = s->corners[(i + 1) % kCorners];
    edge += sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]));
  }
  return edge;
}
static bool polygon_contains(const Shape* s, double x, double y) {
  bool inside = false;
  for (int i = 0, j = kCorners - 1; i < kCorners; j = i++) {
    const double *a = s->corners[i], *b = s->corners[j];
    if ((a[1] > y - s->y) == (b[1] > y - s->y)) continue;
    double crossing = (b[0] - a[0]) * (y - s->y - a[1]) / (b[1] - a[1]) + a[0];
    if (x - s->x < crossing) inside = !inside;
  }
  return inside;
}
static void polygon_grow(Shape* s, double factor) {
  for (int i = 0; i < kCorners; i++) {
    s->corners[i][0] *= factor;
    s->corners[i][1] *= factor;
  }
}

static const Methods kCircle = {circle_area, circle_edge, circle_contains, circle_grow};
static const Methods kBox = {box_area, box_edge, box_contains, box_grow};
static const Methods kPolygon = {polygon_area, polygon_edge, polygon_contains, polygon_grow};

static Shape make_shape(Random* random) {
  static const Methods* const kKinds[] = {&kCircle, &kBox, &kBox, &kPolygon};
  static const double kHexagon[kCorners][2] = {{1, 0},  {0.5, 0.8},   {-0.5, 0.9},
                                               {-1, 0}, {-0.5, -0.7}, {0.5, -0.8}};
  Shape s = {.methods = kKinds[random_below(random, 4)]};
  s.x = random_double(random) * 100;
  s.y = random_double(random) * 100;
  s.vx = random_double(random) - 0.5;
  s.vy = random_double(random) - 0.5;
  double size = 1 + random_double(random) * 4;
  if (s.methods == &kCircle) {
    s.radius = size;
  } else if (s.methods == &kBox) {
    s.box.width = size;
    s.box.height = size * (0.5 + random_double(random));
  } else {
    for (int i = 0; i < kCorners; i++) {
      s.corners[i][0] = kHexagon[i][0] * size;
      s.corners[i][1] = kHexagon[i][1] * size;
    }
  }
  return s;
}

int main(int argc, char** argv) {
  static Shape shapes[kShapes];
  uint32_t rounds = kernel_rounds(argc, argv, 15000);
  Random random = {43};
  for (int i = 0; i < kShapes; i++) shapes[i] = make_shape(&random);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    double area = 0, edge = 0, x = random_double(&random) * 100, y = random_double(&random) * 100;
    uint32_t hits = 0;
    for (int i = 0; i < kShapes; i++) {
      Shape* s = &shapes[i];
      s->x += s->vx;
      s->y += s->vy;
      if (s->x < 0 || s->x > 100) s->vx = -s->vx;
      if (s->y < 0 || s->y > 100) s->vy = -s->vy;
      area += s->methods->area(s);
      edge += s->methods->edge(s);
      if (s->methods->contains(s, x, y)) {
        hits++;
        s->methods->grow(s, round % 2 ? 1.25 : 0.8);
      }
    }
    sum = checksum_double(checksum_double(sum, area), edge) + hits;
  }
  return kernel_finish(sum);
}
