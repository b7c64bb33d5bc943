// OpenWhisk's actions, and functions of Node: an event in, a result out.
#include <thread>

#include "base/json.h"
#include "http/client.h"
#include "verify/child.h"
#include "verify/lambda_event.h"
#include "verify/openwhisk_value.h"
#include "verify/runners.h"

namespace wherry::verify {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What a process may have as an argument; dockerskeleton gives longer ones on standard input only.
constexpr size_t kMaxArgumentBytes = 131'071;

class NativeAction final : public Runner {
 public:
  NativeAction(std::string directory, const RunnerOptions& options)
      : directory_(std::move(directory)), options_(options) {}

  Result<std::optional<Answer>> ask(const Event& event) override {
    auto value = openwhisk_value_of(event.request, options_.speaks_http);
    if (!value) return std::optional<Answer>();
    ChildPlan plan{{directory_ + "/exec"}, directory_};
    plan.has_pipes = true;
    plan.environment["__OW_ACTIVATION_ID"] = "1";
    if (value->size() <= kMaxArgumentBytes) plan.command.push_back(*value);
    auto child = TRY(Child::start(plan));
    // It need not read what it has as an argument already.
    if (value->size() > kMaxArgumentBytes) TRY(child->write(*value));
    child->close_input();
    std::string output = TRY(child->read_all(options_.patience));
    while (output.ends_with('\n')) output.pop_back();
    return std::optional(
        TRY(answer_of_action(output.substr(output.rfind('\n') + 1), options_.speaks_http)));
  }
  bool takes_many() const override { return true; }

 private:
  const std::string directory_;
  const RunnerOptions options_;
};

// Loads what a zip has, as the platform's own runtime does, and gives it an event a line.
constexpr char kNodeScript[] = R"(
const [path, name] = process.argv.slice(1);
const all = await import("file://" + path);
const call = (all.default ?? all)[name] ?? all[name];
let rest = "";
process.stdin.setEncoding("utf8");
for await (const piece of process.stdin) {
  rest += piece;
  for (let end; (end = rest.indexOf("\n")) >= 0; rest = rest.slice(end + 1)) {
    let answer;
    try {
      answer = await call(JSON.parse(rest.slice(0, end)), {});
    } catch (error) {
      answer = { error: error.message };
    }
    process.stdout.write(`\u001eRESULT ${JSON.stringify(answer)}\n`);
  }
}
)";
constexpr std::string_view kResultMark = "\x1eRESULT ";

class NodeFunction final : public Runner {
 public:
  NodeFunction(std::unique_ptr<Child> child, bool is_lambda, const RunnerOptions& options)
      : child_(std::move(child)), is_lambda_(is_lambda), options_(options) {}

  Result<std::optional<Answer>> ask(const Event& event) override {
    const auto value = is_lambda_ ? std::optional(lambda_event_of(event.request))
                                  : openwhisk_value_of(event.request, options_.speaks_http);
    if (!value) return std::optional<Answer>();
    TRY(child_->write(*value + "\n"));
    std::string line;
    do line = TRY(child_->read_line(options_.patience));
    while (!line.starts_with(kResultMark));
    const std::string result = line.substr(kResultMark.size());
    Answer answer =
        TRY(is_lambda_ ? answer_of_lambda(result) : answer_of_action(result, options_.speaks_http));
    answer.is_value = !is_lambda_;
    return std::optional(std::move(answer));
  }

 private:
  const std::unique_ptr<Child> child_;
  const bool is_lambda_;
  const RunnerOptions options_;
};

// Runs a program to its end; what it printed.
Result<std::string> output_of(std::vector<std::string> command, milliseconds patience) {
  ChildPlan plan{std::move(command)};
  plan.has_pipes = true;
  auto child = TRY(Child::start(plan));
  child->close_input();
  std::string output = TRY(child->read_all(patience));
  return output + child->log();
}

class Container final : public Runner {
 public:
  Container(bool is_action, const RunnerOptions& options)
      : is_action_(is_action), options_(options) {}
  ~Container() override {
    if (!id_.empty())
      (void)output_of({"podman", "rm", "--force", "--time", "0", id_}, options_.patience).ok();
  }

  // The invoker's flags, but for the network: a port of this machine is all that is needed.
  Status start(const std::string& image) {
    const unsigned port = TRY(free_port());
    address_ = fmt::format("127.0.0.1:{}", port);
    std::string id = TRY(output_of({"podman",
                                    "run",
                                    "--detach",
                                    "--network",
                                    "host",
                                    "--memory",
                                    "256m",
                                    "--memory-swap",
                                    "256m",
                                    "--cap-drop",
                                    "NET_RAW",
                                    "--cap-drop",
                                    "NET_ADMIN",
                                    "--ulimit",
                                    "nofile=1024:1024",
                                    "--ulimit",
                                    "nproc=1024:1024",
                                    "--pids-limit",
                                    "1024",
                                    "--read-only",
                                    "-e",
                                    fmt::format("PORT={}", port),
                                    image},
                                   options_.patience));
    while (id.ends_with('\n')) id.pop_back();
    if (id.size() != 64 || id.find_first_not_of("0123456789abcdef") != id.npos) {
      return make_error(ErrorKind::kIo, "podman: {}", id);
    }
    id_ = std::move(id);
    return await();
  }

  Result<std::optional<Answer>> ask(const Event& event) override {
    if (!is_action_) {
      http::Response response = TRY(http::fetch(address_, event.request, options_.patience));
      return std::optional(Answer{response.status, true, std::move(response.body)});
    }
    auto value = openwhisk_value_of(event.request, options_.speaks_http);
    if (!value) return std::optional<Answer>();
    http::Response response = TRY(post("/run", R"({"value":)" + *value + "}"));
    return std::optional(TRY(answer_of_action(response.body, options_.speaks_http)));
  }
  // The invoker gives an action's container one activation at a time.
  bool takes_many() const override { return !is_action_; }

 private:
  Result<http::Response> post(std::string path, std::string body) {
    http::Request request{"POST", std::move(path), {{"Content-Type", "application/json"}}};
    request.body = std::move(body);
    return http::fetch(address_, request, options_.patience);
  }

  Status await() {
    const auto deadline = steady_clock::now() + options_.patience;
    while (true) {
      auto first =
          is_action_
              ? post("/init", R"({"value":{"name":"f","main":"main","binary":false,"code":""}})")
              : http::fetch(address_, {"GET", "/healthz"}, options_.patience);
      if (first.ok() && first->status == 200) return ok_status();
      if (first.ok() || steady_clock::now() > deadline) {
        return make_error(ErrorKind::kIo, "it did not start: {}",
                          TRY(output_of({"podman", "logs", id_}, options_.patience)));
      }
      std::this_thread::sleep_for(options_.knock);
    }
  }

  const bool is_action_;
  const RunnerOptions options_;
  std::string address_, id_;
};

}  // namespace

Result<Started> start_native_action(const std::string& directory, const RunnerOptions& options) {
  return Started{std::make_unique<NativeAction>(directory, options), "a process for each"};
}

Result<Started> start_node_function(pack::Target target, const std::string& directory,
                                    const RunnerOptions& options) {
  const bool is_lambda = target == pack::Target::kLambdaNodejs;
  ChildPlan plan{
      {"node", "--input-type=module", "-e", kNodeScript,
       directory + (is_lambda ? "/index.mjs" : "/index.js"), is_lambda ? "handler" : "main"},
      directory};
  plan.has_pipes = true;
  auto child = Child::start(plan);
  if (!child.ok() && child.error().kind == ErrorKind::kNotFound) {
    return Started{nullptr, child.error().message};
  }
  return Started{std::make_unique<NodeFunction>(TRY(std::move(child)), is_lambda, options), "Node"};
}

Result<std::string> load_image(const std::string& archive, milliseconds patience) {
  const std::string loaded = TRY(output_of({"podman", "load", "--input", archive}, patience));
  constexpr std::string_view kMark = "Loaded image: ";
  const size_t mark = loaded.find(kMark);
  if (mark == loaded.npos) return make_error(ErrorKind::kIo, "podman: {}", loaded);
  const size_t begin = mark + kMark.size();
  return loaded.substr(begin, loaded.find('\n', begin) - begin);
}

Result<Started> start_container(const std::string& archive, bool is_action,
                                const RunnerOptions& options) {
  if (!find_program("podman")) return Started{nullptr, "podman is not installed"};
  const std::string image =
      options.image.empty() ? TRY(load_image(archive, options.patience)) : options.image;
  auto runner = std::make_unique<Container>(is_action, options);
  TRY(runner->start(image));
  return Started{std::move(runner), "podman"};
}

}  // namespace wherry::verify
