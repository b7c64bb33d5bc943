#include "cli/bench_platforms.h"

#include <algorithm>

#include "base/files.h"
#include "base/programs.h"
#include "cli/function_to_pack.h"
#include "verify/child.h"
#include "verify/runner.h"

namespace wherry::cli {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{120'000};
constexpr milliseconds kKnock{1};
constexpr milliseconds kCompileTimeout{120'000};

// A package that verify can start.
class Package final : public bench::Started {
 public:
  explicit Package(std::unique_ptr<verify::Runner> runner) : runner_(std::move(runner)) {}

  Result<std::string> ask(const std::string& event) override {
    http::Request request{"POST", "/", {{"Content-Type", "application/json"}}};
    request.body = event;
    auto answer = TRY(runner_->ask({"event", std::move(request)}));
    if (!answer) return make_error(ErrorKind::kUnsupported, "not an event of this platform");
    if (answer->status && *answer->status != 200) {
      return make_error(ErrorKind::kGuest, "status {}: {}", *answer->status, answer->body);
    }
    return std::move(answer->body);
  }
  bool takes_many() const override { return runner_->takes_many(); }

 private:
  const std::unique_ptr<verify::Runner> runner_;
};

// A process for each invocation: the event on standard input, the answer is the last line.
class Processes final : public bench::Started {
 public:
  explicit Processes(bench::Command command) : command_(std::move(command)) {}

  Result<std::string> ask(const std::string& event) override {
    verify::ChildPlan plan{command_};
    plan.has_pipes = true;
    auto child = TRY(verify::Child::start(plan));
    TRY(child->write(event));
    child->close_input();
    std::string output = TRY(child->read_all(kPatience));
    while (output.ends_with('\n')) output.pop_back();
    return output.substr(output.rfind('\n') + 1);
  }
  bool takes_many() const override { return true; }

 private:
  const bench::Command command_;
};

class Preparing {
 public:
  Preparing(const bench::SuiteFunction& function, const bench::Results& results,
            const Settings& settings, const std::vector<std::string>& directories,
            const std::string& scratch, bench::Interrupts& interrupts)
      : function_(function),
        results_(results),
        settings_(settings),
        directories_(directories),
        scratch_(scratch),
        interrupts_(interrupts) {}

  Result<BenchPlatforms> prepare() {
    TRY(make_directories(scratch_));
    const std::string module = TRY(compile_module());
    BenchPlatforms prepared;
    prepared.plan = {function_.title, function_.short_event, function_.long_event,
                     function_.short_answer, function_.long_answer};
    if (results_.mode == bench::Mode::kQuick) {
      prepared.plan.cold_rounds = 5;
      prepared.plan.warm_time = milliseconds(300);
    }
    add_native(prepared.deployments);
    TRY(add_local(module, prepared.deployments));
    const auto packed = TRY(read_function_to_pack({module}, settings_));
    for (const pack::TargetInfo& info : pack::targets()) {
      prepared.deployments.push_back(TRY(deployment_of(info, packed)));
    }
    return prepared;
  }

 private:
  Status run(const bench::Command& command) {
    bench::ProcessPlan plan;
    plan.command = command;
    plan.output = plan.errors = scratch_ + "/compiler.log";
    plan.timeout = kCompileTimeout;
    const auto ran = TRY(bench::run_process(plan, interrupts_));
    if (ran.exit_code == 0 && ran.signal == 0 && !ran.is_timed_out && !ran.is_interrupted) {
      return ok_status();
    }
    const ByteVector log = TRY(read_file(plan.output, 1 << 20));
    return make_error(ErrorKind::kInvalid, "{}: {}", bench::shell_text(command), as_text(log));
  }

  Result<std::string> compile_module() {
    const bench::FoundEngine* compiler = bench::find_for_language(results_.compilers, "c");
    if (compiler == nullptr || !compiler->is_installed()) {
      return make_error(ErrorKind::kNotFound, "no compiler for {} is installed", function_.source);
    }
    const std::string module = scratch_ + "/fibonacci.wasm";
    bench::Substitutions words{compiler->paths, {{"flags", {}}}};
    words.words["source"] = function_.source;
    words.words["module"] = module;
    TRY(run(TRY(bench::substituted(compiler->engine.run, words))));
    return module;
  }

  // By the first native engine; without one there is no such row.
  void add_native(std::vector<bench::Deployment>& deployments) {
    const bench::FoundEngine* native = bench::find_for_language(results_.engines, "c");
    if (native == nullptr || !native->is_installed()) return;
    bench::Deployment deployment;
    deployment.target = "native";
    deployment.where = "a process for each, " + native->engine.title;
    bench::Substitutions words{native->paths, {{"arguments", {}}}};
    words.words["source"] = function_.source;
    words.words["work"] = scratch_;
    words.words["assets"] = scratch_;
    bench::Command command;
    const auto make = [&]() -> Status {
      for (const bench::Command& step : native->engine.prepare) {
        TRY(run(TRY(bench::substituted(step, words))));
      }
      command = TRY(bench::substituted(native->engine.run, words));
      return ok_status();
    };
    if (Status made = make(); !made.ok()) deployment.missing = made.error().message;
    deployment.start = [command]() -> Result<std::unique_ptr<bench::Started>> {
      return std::unique_ptr<bench::Started>(std::make_unique<Processes>(command));
    };
    deployments.push_back(std::move(deployment));
  }

  Status add_local(const std::string& module, std::vector<bench::Deployment>& deployments) {
    const std::string compiled = scratch_ + "/fibonacci.wherry";
    TRY(run({beside_this_program("wherry"), "compile", module, "-o", compiled}));
    bench::Deployment deployment;
    deployment.target = "wherry-host run";
    deployment.where = "a process for each";
    const bench::Command command = {beside_this_program("wherry-host"), "run", compiled};
    deployment.start = [command]() -> Result<std::unique_ptr<bench::Started>> {
      return std::unique_ptr<bench::Started>(std::make_unique<Processes>(command));
    };
    deployments.push_back(std::move(deployment));
    return ok_status();
  }

  Result<bench::Deployment> deployment_of(const pack::TargetInfo& info,
                                          const pack::FunctionToPack& packed) {
    bench::Deployment deployment;
    deployment.target = info.name;
    auto package = pack::make_package(info, packed);
    if (!package.ok()) {
      deployment.missing = package.error().message;
      return deployment;
    }
    for (const pack::Entry& entry : package->entries)
      deployment.package_bytes += entry.contents.size();
    const std::string directory = scratch_ + "/" + info.name;
    const std::string path = TRY(verify::unpack(*package, directory));
    verify::RunnerOptions options;
    options.patience = kPatience;
    options.knock = kKnock;
    if (auto workerd = find_program("workerd", directories_)) options.workerd = *workerd;
    if (info.target == pack::Target::kOpenwhisk || info.target == pack::Target::kKnative) {
      const bool is_file = info.target == pack::Target::kOpenwhisk;
      auto image = verify::load_image(is_file ? path : path + "/image.tar", kPatience);
      if (image.ok()) {
        options.image = *image;
      } else {
        deployment.missing = image.error().message;
        return deployment;
      }
    }
    const std::string name = packed.manifest.options.name;
    // Whether it can be started here shows when it is.
    auto first = verify::start_package(info, name, path, options);
    if (!first.ok()) {
      deployment.missing = first.error().message;
      return deployment;
    }
    if (first->runner == nullptr) {
      deployment.missing = first->where;
      return deployment;
    }
    deployment.where = first->where;
    deployment.is_warm = info.target != pack::Target::kOpenwhiskNative;
    deployment.start = [&info, name, path, options]() -> Result<std::unique_ptr<bench::Started>> {
      auto started = TRY(verify::start_package(info, name, path, options));
      if (started.runner == nullptr) return make_error(ErrorKind::kNotFound, "{}", started.where);
      return std::unique_ptr<bench::Started>(std::make_unique<Package>(std::move(started.runner)));
    };
    return deployment;
  }

  const bench::SuiteFunction& function_;
  const bench::Results& results_;
  const Settings& settings_;
  const std::vector<std::string>& directories_;
  const std::string& scratch_;
  bench::Interrupts& interrupts_;
};

}  // namespace

Result<BenchPlatforms> prepare_platforms(const bench::SuiteFunction& function,
                                         const bench::Results& results, const Settings& settings,
                                         const std::vector<std::string>& directories,
                                         const std::string& scratch,
                                         bench::Interrupts& interrupts) {
  return Preparing(function, results, settings, directories, scratch, interrupts).prepare();
}

}  // namespace wherry::cli
