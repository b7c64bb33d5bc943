// A bootstrap beside a server that has Lambda's Runtime API as its documents describe it: one event
// at a time, as a function URL sends it.
#include <condition_variable>
#include <mutex>

#include "http/server.h"
#include "verify/child.h"
#include "verify/lambda_event.h"
#include "verify/runners.h"

namespace wherry::verify {

namespace {

using std::chrono::milliseconds;

constexpr char kRequestId[] = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

// Safe from many threads: requests come on the server's.
class RuntimeApi {
 public:
  Status listen() {
    http::ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.loops = 1;
    http::Handlers handlers;
    handlers.handle = [this](const http::ExchangePtr& exchange) { handle(exchange); };
    handlers.body_policy = [](const http::Request&) { return http::BodyPolicy{64 << 20}; };
    server_ = TRY(http::Server::create(std::move(options), std::move(handlers), Log()));
    return ok_status();
  }
  const std::string& address() const { return server_->address(); }

  struct Told {
    std::string path, body;
  };
  Result<Told> invoke(std::string event, milliseconds patience) {
    std::unique_lock lock(mutex_);
    told_.reset();
    event_ = std::move(event);
    give_event();
    if (!changed_.wait_for(lock, patience, [this] { return told_.has_value(); })) {
      return make_error(ErrorKind::kIo, "no answer in time");
    }
    return std::move(*told_);
  }

  // Before the process is told to end: it is waiting for an event, or about to.
  void stop() {
    {
      std::lock_guard lock(mutex_);
      is_stopping_ = true;
      if (asking_) asking_->abort();
      asking_.reset();
    }
    if (server_) server_->stop();
  }

 private:
  void handle(const http::ExchangePtr& exchange) {
    std::lock_guard lock(mutex_);
    const http::Request& request = exchange->request();
    if (request.method == "GET") {
      if (is_stopping_) return exchange->abort();
      asking_ = exchange;
      return give_event();
    }
    told_ = Told{request.target, request.body};
    exchange->respond({202, {}, ""});
    changed_.notify_all();
  }

  // Under the lock.
  void give_event() {
    if (!asking_ || !event_) return;
    http::Response next;
    next.headers = {{"Lambda-Runtime-Aws-Request-Id", kRequestId}};
    next.body = std::move(*event_);
    event_.reset();
    std::exchange(asking_, nullptr)->respond(std::move(next));
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  http::ExchangePtr asking_;
  std::optional<std::string> event_;
  std::optional<Told> told_;
  bool is_stopping_ = false;
  std::unique_ptr<http::Server> server_;
};

class LambdaRunner final : public Runner {
 public:
  explicit LambdaRunner(milliseconds patience) : patience_(patience) {}
  ~LambdaRunner() override { api_.stop(); }

  Status start(const std::string& directory) {
    TRY(api_.listen());
    ChildPlan plan{{directory + "/bootstrap"}, directory};
    plan.environment = {{"AWS_LAMBDA_RUNTIME_API", api_.address()},
                        {"LAMBDA_TASK_ROOT", directory},
                        {"_HANDLER", "bootstrap"}};
    child_ = TRY(Child::start(plan));
    return ok_status();
  }

  Result<std::optional<Answer>> ask(const Event& event) override {
    RuntimeApi::Told told = TRY(api_.invoke(lambda_event_of(event.request), patience_));
    if (!told.path.ends_with("/response")) {
      return make_error(ErrorKind::kGuest, "{}: {}", told.path, told.body);
    }
    return std::optional(TRY(answer_of_lambda(told.body)));
  }

 private:
  const milliseconds patience_;
  RuntimeApi api_;
  std::unique_ptr<Child> child_;
};

}  // namespace

Result<Started> start_lambda(const std::string& directory, const RunnerOptions& options) {
  auto runner = std::make_unique<LambdaRunner>(options.patience);
  TRY(runner->start(directory));
  return Started{std::move(runner), "the Runtime API's exchanges"};
}

}  // namespace wherry::verify
