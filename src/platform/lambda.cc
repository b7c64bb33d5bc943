#include "platform/lambda.h"

#include <mutex>
#include <thread>

#include "base/json.h"
#include "http/buffered_exchange.h"
#include "http/client.h"
#include "platform/lambda_event.h"
#include "platform/lambda_stream.h"
#include "platform/openwhisk.h"

namespace wherry::platform {

namespace {

using std::chrono::milliseconds;

constexpr char kRoot[] = "/2018-06-01/runtime/";
// An event may be long in coming, and the process stand still meanwhile.
constexpr milliseconds kForEvents = std::chrono::hours(24);
// What the API takes of an answer.
constexpr size_t kMaxAnswerBytes = (6 << 20) + 100;
constexpr unsigned kFailuresBeforeEnd = 3;

struct Answer {
  bool is_error = false;
  std::string error_type;
  std::string body;
};

// "no result" to Function.NoResult.
std::string error_type_of(function::OutcomeKind kind) {
  std::string type = "Function.";
  bool begins = true;
  for (char c : std::string_view(function::name_of(kind))) {
    if (c != ' ') type += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    begins = c == ' ';
  }
  return type;
}

Answer error_answer(std::string type, std::string_view message) {
  std::string body = lambda_error(type, message);
  return {true, std::move(type), std::move(body)};
}

Answer too_large() {
  return error_answer(
      "Function.ResponseSizeTooLarge",
      fmt::format("the answer is larger than Lambda's limit of {} bytes", kMaxAnswerBytes));
}

http::Request post(std::string path, Answer answer) {
  http::Request request{"POST", kRoot + std::move(path), {{"Content-Type", "application/json"}}};
  if (answer.is_error) {
    request.headers.push_back({"Lambda-Runtime-Function-Error-Type", answer.error_type});
  }
  request.body = std::move(answer.body);
  return request;
}

class Loop {
 public:
  Loop(const std::string& api, const LambdaFunction& function) : api_(api), function_(function) {}

  // An event from end to end.
  Status step() {
    http::Response next =
        TRY(http::fetch(api_, {"GET", std::string(kRoot) + "invocation/next"}, kForEvents));
    const std::string* id = next.find_header("Lambda-Runtime-Aws-Request-Id");
    if (next.status != 200 || id == nullptr) {
      return make_error(ErrorKind::kIo, "the Lambda Runtime API answered {} to next: {}",
                        next.status, quoted_text(next.body));
    }
    return handle(*id, next);
  }

 private:
  Status handle(const std::string& id, const http::Response& next) {
    auto event = parse_json(next.body);
    if (!event.ok()) return tell(id, error_answer("Function.BadEvent", event.error().message));
    const auto deadline = deadline_in(next);
    if (is_http_event(*event)) {
      auto request = request_of_lambda_event(*event);
      if (!request.ok())
        return tell(id, error_answer("Function.BadEvent", request.error().message));
      if (function_.streams) return stream(id, std::move(*request), deadline);
      return tell(id, whole(std::move(*request), deadline, &*event));
    }
    const std::string parameters = event->is_null() ? "{}" : write_json(*event);
    if (function_.speaks_http) {
      http::Request request{"POST", "/", {{"Content-Type", "application/json"}}, parameters};
      return tell(id, whole(std::move(request), deadline, nullptr));
    }
    return tell(id, outcome_of(id, parameters, next, deadline));
  }

  // `event`: what the answer is for, if it is one of HTTP.
  Answer whole(http::Request request, LambdaFunction::Deadline deadline,
               const nlohmann::json* event) {
    auto exchange = std::make_shared<http::BufferedExchange>(std::move(request), kMaxAnswerBytes);
    auto failure = function_.answer(exchange, deadline);
    if (exchange->outcome() == http::BufferedExchange::Outcome::kTooLarge) return too_large();
    return {false, {}, lambda_result_of(failure ? failure->response : exchange->response(), event)};
  }

  Status stream(const std::string& id, http::Request request, LambdaFunction::Deadline deadline) {
    const std::string path = std::string(kRoot) + "invocation/" + id + "/response";
    auto exchange = std::make_shared<LambdaStream>(api_, path, std::move(request));
    auto failure = function_.answer(exchange, deadline);
    if (failure && exchange->has_begun()) {
      exchange->fail(error_type_of(failure->kind), failure->message);
    } else if (failure) {
      exchange->respond(std::move(failure->response));
    }
    exchange->fail("Function.Incomplete", "the answer is shorter than was announced");
    return exchange->status();
  }

  Answer outcome_of(const std::string& id, std::string parameters, const http::Response& next,
                    LambdaFunction::Deadline deadline) {
    function::Event event;
    event.id = id;
    event.parameters = std::move(parameters);
    event.deadline = deadline;
    if (const std::string* trace = next.find_header("Lambda-Runtime-Trace-Id")) {
      event.environment["_X_AMZN_TRACE_ID"] = *trace;
    }
    function::Outcome outcome = function_.invoke(std::move(event));
    if (outcome.kind == function::OutcomeKind::kSuccess) return {false, {}, outcome.result};
    return error_answer(error_type_of(outcome.kind), outcome.message);
  }

  static LambdaFunction::Deadline deadline_in(const http::Response& next) {
    const std::string* text = next.find_header("Lambda-Runtime-Deadline-Ms");
    auto deadline = text == nullptr ? std::nullopt
                                    : deadline_of(*text, std::chrono::system_clock::now(),
                                                  std::chrono::steady_clock::now());
    return deadline.value_or(LambdaFunction::Deadline::max());
  }

  Status tell(const std::string& id, Answer answer) {
    if (answer.body.size() > kMaxAnswerBytes) answer = too_large();
    const std::string path = "invocation/" + id + (answer.is_error ? "/error" : "/response");
    http::Response told = TRY(http::fetch(api_, post(path, std::move(answer)), kForLambdaAnswers));
    return taken_by_lambda(path, told);
  }

  const std::string& api_;
  const LambdaFunction& function_;
};

// Until it fails several times in a row.
Error run_loop(const std::string& api, const LambdaFunction& function) {
  Loop loop(api, function);
  for (unsigned failures = 0;;) {
    Status status = loop.step();
    failures = status.ok() ? 0 : failures + 1;
    if (failures == kFailuresBeforeEnd) return status.error();
  }
}

}  // namespace

Error run_lambda_loops(const std::string& api, const LambdaFunction& function, unsigned loops) {
  std::mutex mutex;
  std::optional<Error> first;
  const auto run = [&] {
    Error error = run_loop(api, function);
    std::lock_guard lock(mutex);
    if (!first) first = std::move(error);
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < loops; i++) others.emplace_back(run);
  run();
  for (std::thread& other : others) other.join();
  return *first;
}

Status tell_lambda_init_error(const std::string& api, const Error& error) {
  Answer answer = error_answer("Runtime.FunctionNotLoaded", error.message);
  TRY(http::fetch(api, post("init/error", std::move(answer)), kForLambdaAnswers));
  return ok_status();
}

}  // namespace wherry::platform
