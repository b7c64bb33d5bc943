// Namespaces, classes, templates and lambdas, for what debug information calls them.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace shapes {

class Polygon {
 public:
  explicit Polygon(int corners) : corners_(corners) {}
  int corners() const { return corners_; }

 private:
  int corners_;
};

namespace {

template <typename T>
T divided(T value, T by) {
  return value / by;
}

}  // namespace

struct Sum {
  int total = 0;
  void add(const Polygon& polygon) { total += divided(100, polygon.corners()); }
};

}  // namespace shapes

int main(int argc, char** argv) {
  std::vector<shapes::Polygon> polygons;
  for (int i = 1; i < argc; i++) polygons.emplace_back(std::atoi(argv[i]));
  shapes::Sum sum;
  std::for_each(polygons.begin(), polygons.end(),
                [&sum](const shapes::Polygon& polygon) { sum.add(polygon); });
  std::printf("%d\n", sum.total);
}
