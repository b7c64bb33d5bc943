// Packages that are servers: on a port that they are told of.
#include <thread>

#include "http/client.h"
#include "verify/child.h"
#include "verify/runners.h"

namespace wherry::verify {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class HttpRunner final : public Runner {
 public:
  HttpRunner(std::unique_ptr<Child> child, unsigned port, const RunnerOptions& options)
      : child_(std::move(child)),
        address_(fmt::format("127.0.0.1:{}", port)),
        patience_(options.patience),
        knock_(options.knock) {}

  // Until it answers.
  Status await() {
    const auto deadline = steady_clock::now() + patience_;
    while (true) {
      auto health = http::fetch(address_, {"GET", "/healthz"}, milliseconds(5000));
      if (health.ok()) return ok_status();
      if (child_->has_ended() || steady_clock::now() > deadline) {
        return make_error(ErrorKind::kIo, "it did not start: {}", child_->log());
      }
      std::this_thread::sleep_for(knock_);
    }
  }

  Result<std::optional<Answer>> ask(const Event& event) override {
    http::Response response = TRY(http::fetch(address_, event.request, patience_));
    return std::optional(Answer{response.status, true, std::move(response.body)});
  }
  bool takes_many() const override { return true; }

 private:
  const std::unique_ptr<Child> child_;
  const std::string address_;
  const milliseconds patience_, knock_;
};

Result<Started> start_server(ChildPlan plan, unsigned port, std::string where,
                             const RunnerOptions& options) {
  auto child = Child::start(plan);
  if (!child.ok() && child.error().kind == ErrorKind::kNotFound) {
    return Started{nullptr, child.error().message};
  }
  auto runner = std::make_unique<HttpRunner>(TRY(std::move(child)), port, options);
  TRY(runner->await());
  return Started{std::move(runner), std::move(where)};
}

}  // namespace

Result<Started> start_azure(const std::string& directory, const RunnerOptions& options) {
  const unsigned port = TRY(free_port());
  ChildPlan plan{{directory + "/handler"}, directory};
  plan.environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = std::to_string(port);
  return start_server(std::move(plan), port, "the handler's port", options);
}

Result<Started> start_systemd(const std::string& directory, const RunnerOptions& options) {
  const unsigned port = TRY(free_port());
  ChildPlan plan{{"systemd-socket-activate", fmt::format("--listen=127.0.0.1:{}", port),
                  directory + "/wherry-host"},
                 directory};
  return start_server(std::move(plan), port, "systemd-socket-activate", options);
}

Result<Started> start_node_server(const std::string& directory, const RunnerOptions& options) {
  const unsigned port = TRY(free_port());
  ChildPlan plan{{"node", directory + "/server.mjs"}, directory};
  plan.environment["PORT"] = std::to_string(port);
  return start_server(std::move(plan), port, "Node", options);
}

Result<Started> start_workerd(const std::string& directory, const RunnerOptions& options) {
  const unsigned port = TRY(free_port());
  ChildPlan plan{{options.workerd.empty() ? "workerd" : options.workerd, "serve", "config.capnp",
                  fmt::format("--socket-addr=http=127.0.0.1:{}", port)},
                 directory};
  return start_server(std::move(plan), port, "workerd", options);
}

}  // namespace wherry::verify
