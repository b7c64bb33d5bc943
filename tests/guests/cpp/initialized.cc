// A reactor with constructors to run, for `wherry initialize`: they run in _initialize.
#include <cstdio>
#include <map>
#include <memory>
#include <string>

namespace {

struct Shape {
  virtual ~Shape() = default;
  virtual int corners() const = 0;
};
struct Triangle : Shape {
  int corners() const override { return 3; }
};
struct Square : Shape {
  int corners() const override { return 4; }
};

std::map<std::string, std::unique_ptr<Shape>> make_shapes() {
  std::puts("making shapes");
  std::fflush(stdout);
  std::map<std::string, std::unique_ptr<Shape>> shapes;
  shapes["triangle"] = std::make_unique<Triangle>();
  shapes["square"] = std::make_unique<Square>();
  return shapes;
}

std::map<std::string, std::unique_ptr<Shape>> shapes = make_shapes();

}  // namespace

extern "C" __attribute__((export_name("wizer.resume"))) void resume() {
  for (const auto& [name, shape] : shapes) std::printf("%s %d\n", name.c_str(), shape->corners());
  std::fflush(stdout);
}
