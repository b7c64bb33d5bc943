// bench_instances FILE.wherry EXPORT: what it costs to load a compiled module, make an instance of
// it, call an export once and throw all of it away; medians and tenth percentiles of 2,000 rounds.
//
// The export takes integers (1 is passed for each), and imports get a host function that answers 0:
// this is about instances, not about what guests do.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "runtime/instance.h"

namespace wherry {
namespace {

using Clock = std::chrono::steady_clock;

class AnsweringZero : public runtime::ImportResolver {
 public:
  std::optional<runtime::Extern> resolve(std::string_view, std::string_view, wasm::ExternKind,
                                         const wasm::FuncType* type) override {
    if (!type) return std::nullopt;
    auto answer = [](const runtime::HostCall& call) {
      call.slots[0] = 0;
      return runtime::HostOutcome::kContinue;
    };
    return runtime::HostFunction{*type, answer, nullptr};
  }
};

struct Samples {
  const char* what;
  std::vector<double> microseconds = {};

  void add(Clock::time_point from, Clock::time_point to) {
    microseconds.push_back(std::chrono::duration<double, std::micro>(to - from).count());
  }
  void print() {
    std::sort(microseconds.begin(), microseconds.end());
    std::printf("%-24s median %6.1f us   p10 %6.1f us\n", what,
                microseconds[microseconds.size() / 2], microseconds[microseconds.size() / 10]);
  }
};

Status run(const std::string& path, const std::string& name) {
  Samples load{"load"}, instantiate{"instantiate"}, call{"first call"}, destroy{"destroy"};
  AnsweringZero imports;
  for (int round = 0; round < 2000; round++) {
    Clock::time_point start = Clock::now();
    auto module = TRY(runtime::CompiledModule::load(path));
    Clock::time_point loaded = Clock::now();
    auto store = TRY(runtime::Store::create());
    auto made = TRY(store->instantiate(module, imports));
    Clock::time_point instantiated = Clock::now();
    auto function = made.instance->find_function(name);
    if (!function) return make_error(ErrorKind::kNotFound, "{} has no function {}", path, name);
    std::vector<runtime::Value> arguments;
    for (wasm::ValueType type : function->type.params) arguments.push_back({type, 1});
    TRY(store->call(*function, arguments));
    Clock::time_point called = Clock::now();
    store.reset();
    module.reset();
    load.add(start, loaded);
    instantiate.add(loaded, instantiated);
    call.add(instantiated, called);
    destroy.add(called, Clock::now());
  }
  for (Samples* samples : {&load, &instantiate, &call, &destroy}) samples->print();
  return ok_status();
}

}  // namespace
}  // namespace wherry

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bench_instances FILE.wherry EXPORT\n");
    return 2;
  }
  auto done = wherry::run(argv[1], argv[2]);
  if (!done.ok()) std::fprintf(stderr, "error: %s\n", done.error().message.c_str());
  return done.ok() ? 0 : 1;
}
