// bench_instances FILE.wherry EXPORT [ARGUMENT] [--rounds N] [--threads N] [--live N]: what it
// costs to load a compiled module, to make an instance of it, call an export once and throw all of
// it away; and the same with a pool, whose instances are as fresh. Figures are medians; those of
// the pool also come as multiples of one getppid() made in the same rounds.
//
// The export takes integers (ARGUMENT, or 1, is passed for each), and imports get a host function
// that answers 0: this is about instances, not about what guests do.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "runtime/instance.h"
#include "runtime/instance_pool.h"

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

struct Options {
  std::string path, name;
  uint64_t argument = 1;
  int rounds = 100'000, threads = 1, live = 0;
};

struct Samples {
  const char* what;
  std::vector<double> microseconds = {};

  void add(Clock::time_point from, Clock::time_point to) {
    microseconds.push_back(std::chrono::duration<double, std::micro>(to - from).count());
  }
  double at(size_t percent) {
    std::sort(microseconds.begin(), microseconds.end());
    return microseconds[microseconds.size() * percent / 100];
  }
  void print() {
    std::printf("%-28s median %7.2f us   p10 %7.2f us   p99 %7.2f us\n", what, at(50), at(10),
                at(99));
  }
};

Result<runtime::CallResult> call(const Options& options, runtime::Store& store,
                                 const runtime::Instance& instance) {
  auto function = instance.find_function(options.name);
  if (!function) {
    return make_error(ErrorKind::kNotFound, "{} has no function {}", options.path, options.name);
  }
  std::vector<runtime::Value> arguments;
  for (wasm::ValueType type : function->type.params) arguments.push_back({type, options.argument});
  auto result = TRY(store.call(*function, arguments));
  if (auto* trap = std::get_if<runtime::Trap>(&result)) {
    return make_error(ErrorKind::kInvalid, "{} trapped: {}", options.name, trap->message());
  }
  return result;
}

// Nothing is kept from one round to the next but the file in the page cache.
Status measure_cold(const Options& options) {
  Samples load{"load"}, instantiate{"instantiate"}, first{"first call"}, destroy{"destroy"},
      start{"file to guest's first answer"};
  AnsweringZero imports;
  for (int round = 0; round < 2000; round++) {
    Clock::time_point begin = Clock::now();
    auto module = TRY(runtime::CompiledModule::load(options.path));
    Clock::time_point loaded = Clock::now();
    auto store = TRY(runtime::Store::create({}, module.get()));
    auto made = TRY(store->instantiate(module, imports));
    Clock::time_point instantiated = Clock::now();
    TRY(call(options, *store, *made.instance));
    Clock::time_point called = Clock::now();
    store.reset();
    module.reset();
    load.add(begin, loaded);
    instantiate.add(loaded, instantiated);
    first.add(instantiated, called);
    start.add(begin, called);
    destroy.add(called, Clock::now());
  }
  for (Samples* samples : {&load, &instantiate, &first, &start, &destroy}) samples->print();
  return ok_status();
}

Status cycle(const Options& options, runtime::InstancePool& pool, AnsweringZero& imports) {
  auto lease = TRY(pool.acquire(imports));
  TRY(lease.start());
  TRY(call(options, lease.store(), lease.instance()));
  return ok_status();
}

// One thread's rounds of a fresh instance, one call and the reset, each timed.
Status run_rounds(const Options& options, runtime::InstancePool& pool, Samples& cycles,
                  Samples& system_calls) {
  AnsweringZero imports;
  for (int round = 0; round < options.rounds; round++) {
    Clock::time_point begin = Clock::now();
    TRY(cycle(options, pool, imports));
    Clock::time_point done = Clock::now();
    ::getppid();
    cycles.add(begin, done);
    system_calls.add(done, Clock::now());
  }
  return ok_status();
}

Status measure_pool(const Options& options) {
  auto module = TRY(runtime::CompiledModule::load(options.path));
  auto pool = runtime::InstancePool::create(module);
  struct Worker {
    Samples cycles{"fresh instance, call, reset"}, system_calls{"getppid"};
    Status status = ok_status();
    double per_second = 0;
  };
  std::vector<Worker> workers(static_cast<size_t>(options.threads));
  std::vector<std::thread> threads;
  for (Worker& worker : workers) {
    threads.emplace_back([&options, &pool, &worker] {
      worker.status = run_rounds(options, *pool, worker.cycles, worker.system_calls);
      // Without a clock in each round.
      AnsweringZero imports;
      Clock::time_point begin = Clock::now();
      for (int round = 0; worker.status.ok() && round < options.rounds; round++) {
        worker.status = cycle(options, *pool, imports);
      }
      worker.per_second =
          options.rounds / std::chrono::duration<double>(Clock::now() - begin).count();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (Worker& worker : workers) {
    TRY(worker.status);
    worker.cycles.print();
    std::printf("%-28s median %7.2f us: %.1f of them; %.0f cycles/s\n", worker.system_calls.what,
                worker.system_calls.at(50), worker.cycles.at(50) / worker.system_calls.at(50),
                worker.per_second);
  }
  return ok_status();
}

// Of this process, in KiB: what is resident, and the page tables beside it.
uint64_t memory_kib(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::stoull(line.substr(field.size()));
  }
  return 0;
}

Status measure_live(const Options& options) {
  auto module = TRY(runtime::CompiledModule::load(options.path));
  auto pool = runtime::InstancePool::create(module);
  AnsweringZero imports;
  uint64_t resident = memory_kib("VmRSS:"), tables = memory_kib("VmPTE:");
  std::vector<runtime::InstancePool::Lease> leases;
  for (int i = 0; i < options.live; i++) {
    leases.push_back(TRY(pool->acquire(imports)));
    TRY(leases.back().start());
    TRY(call(options, leases.back().store(), leases.back().instance()));
  }
  resident = memory_kib("VmRSS:") - resident;
  tables = memory_kib("VmPTE:") - tables;
  std::printf("%zu live instances: %.1f MB resident, %.1f MB of page tables\n", leases.size(),
              static_cast<double>(resident) / 1024, static_cast<double>(tables) / 1024);
  return ok_status();
}

Status run(const Options& options) {
  if (options.live > 0) return measure_live(options);
  TRY(measure_cold(options));
  return measure_pool(options);
}

}  // namespace
}  // namespace wherry

int main(int argc, char** argv) {
  wherry::Options options;
  std::vector<std::string> positional;
  for (int i = 1; i < argc; i++) {
    std::string argument = argv[i];
    int* number = argument == "--rounds"    ? &options.rounds
                  : argument == "--threads" ? &options.threads
                  : argument == "--live"    ? &options.live
                                            : nullptr;
    if (!number) {
      positional.push_back(argument);
    } else if (i + 1 < argc) {
      *number = std::max(1, std::atoi(argv[++i]));
    }
  }
  if (positional.size() < 2 || positional.size() > 3) {
    std::fprintf(stderr,
                 "usage: bench_instances FILE.wherry EXPORT [ARGUMENT] [--rounds N] [--threads N] "
                 "[--live N]\n");
    return 2;
  }
  options.path = positional[0];
  options.name = positional[1];
  if (positional.size() == 3) options.argument = std::stoull(positional[2]);
  auto done = wherry::run(options);
  if (!done.ok()) std::fprintf(stderr, "error: %s\n", done.error().message.c_str());
  return done.ok() ? 0 : 1;
}
