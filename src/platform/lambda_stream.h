// An answer that goes to Lambda's Runtime API while the function writes it, for function URLs that
// stream (AWS: "Response streaming for Lambda functions"; the form is that of AWS's own runtimes):
// a chunked POST whose body is the answer's head as JSON, eight zero bytes, and the answer's body;
// what fails half-way is told in trailers.
//
// The thread that runs the function sends, and waits while Lambda takes nothing.
#pragma once

#include <optional>
#include <string>

#include "http/client.h"
#include "http/exchange.h"

namespace wherry::platform {

// What is waited for at the API's answer to an answer.
inline constexpr std::chrono::milliseconds kForLambdaAnswers{60'000};
// Whether the API took what was sent to `path`, by what it answered.
Status taken_by_lambda(const std::string& path, const http::Response& told);

class LambdaStream final : public http::Exchange {
 public:
  // `path`: where the answer goes. `api` and `path` outlive this.
  LambdaStream(const std::string& api, const std::string& path, http::Request request)
      : api_(api), path_(path), request_(std::move(request)) {}

  bool has_begun() const { return has_begun_; }
  // Ends what has begun and was not finished, with an error. abort() leaves that to who knows why.
  void fail(std::string_view type, std::string_view message);
  // What the API said of it all: an error if it did not take the answer, or if there was none.
  const Status& status() const { return status_; }

  const http::Request& request() const override { return request_; }
  bool body_is_streamed() const override { return false; }
  Read read_body(std::span<uint8_t>) override { return {State::kEnd, 0}; }
  void respond(http::Response response) override;
  void start(http::Response head, std::optional<uint64_t> length) override;
  State write(Bytes bytes) override;
  void flush() override {}
  void finish() override;
  void abort() override { is_aborted_ = true; }
  void wake(std::function<void()> again) override { again(); }
  void post(std::function<void()> work, bool) override { work(); }

 private:
  State send(std::string_view text);
  void end(const std::vector<http::Header>& trailers);

  const std::string& api_;
  const std::string& path_;
  const http::Request request_;
  std::optional<http::Upload> upload_;  // while it goes on
  bool has_begun_ = false, is_aborted_ = false;
  std::optional<uint64_t> room_;  // of the length that was announced
  Status status_ = make_error(ErrorKind::kInternal, "no answer was begun");
};

}  // namespace wherry::platform
