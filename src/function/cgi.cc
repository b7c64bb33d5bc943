// The ABI of CGI programs: the request in environment and standard input, the answer's head and
// body on standard output (RFC 3875, with the extras of WAGI).
//
// A program cannot say that what it wrote should be sent. So a small answer is held back until the
// program ends, but no longer than until it waits for something, or writes after a while.
#include "function/cgi_head.h"
#include "function/cgi_variables.h"
#include "function/http_rules.h"
#include "function/http_session.h"

namespace wherry::function {
namespace {

using SteadyClock = std::chrono::steady_clock;
using State = http::Exchange::State;

constexpr size_t kMostHeadBytes = 64 * 1024;
constexpr size_t kPieceBytes = 64 * 1024;
constexpr auto kLongestHold = std::chrono::milliseconds(20);

class CgiSession final : public HttpSession {
 public:
  static Result<std::unique_ptr<Session>> create(const FunctionOptions& options, uint32_t start);

  Status begin(const Event& event, http::Exchange* exchange) override {
    TRY(HttpSession::begin(event, exchange));
    head_.clear();
    head_error_.clear();
    is_head_complete_ = false;
    guest().add_arguments(cgi_arguments(request().query()));
    return guest().set_environment(event.environment,
                                   cgi_variables(request(), event, body().length()));
  }

  Result<std::optional<GuestCall>> next(runtime::Instance& instance,
                                        const std::vector<runtime::Value>* results) override {
    if (results) return std::optional<GuestCall>();
    return std::optional(GuestCall{start_.in(instance), {}});
  }

  wasi::Transfer read(std::span<uint8_t> into) {
    const http::Exchange::Read read = body().read(into);
    if (read.state == State::kBroken) return {.error = wasi::Errno::kIo};
    if (read.state != State::kWait) return {.bytes = read.bytes};
    // The client may wait for the beginning of the answer before it sends more.
    send_what_is_held();
    return {.must_wait = true};
  }

  wasi::Transfer write(Bytes bytes) {
    return is_head_complete_ ? write_body(bytes) : write_head(bytes);
  }

  // A client that is too slow for it gets it later: this is a courtesy, not a promise.
  void send_what_is_held() {
    if (is_head_complete_ && answer().has_held()) (void)answer().flush();
  }

 protected:
  std::optional<Outcome> failure_of_abi(const EndOfCall& end) override {
    if (!head_error_.empty()) {
      return failure(OutcomeKind::kNoResult, "the function printed no CGI answer: " + head_error_);
    }
    if (is_head_complete_ || failure_of(end, output())) return std::nullopt;
    return failure(OutcomeKind::kNoResult,
                   head_.empty()
                       ? "the function printed no CGI answer: it printed nothing"
                       : "the function printed no CGI answer: no empty line ends its head");
  }

 private:
  CgiSession(const FunctionOptions& options, uint32_t start)
      : HttpSession(options), start_(start) {}

  wasi::Transfer refuse_head(std::string why) {
    head_error_ = std::move(why);
    return {.stop_reason = head_error_};
  }

  // Takes what belongs to the head; the program writes the rest again.
  wasi::Transfer write_head(Bytes bytes) {
    const size_t before = head_.size();
    head_.append(as_text(bytes.first(std::min(bytes.size(), kMostHeadBytes + 1 - before))));
    const std::optional<size_t> end = end_of_cgi_head(head_, before);
    if (!end) {
      if (head_.size() > kMostHeadBytes) return refuse_head("its head is longer than 64 KiB");
      return {.bytes = head_.size() - before};
    }
    Result<CgiHead> head = parse_cgi_head(std::string_view(head_).substr(0, *end));
    if (!head.ok()) return refuse_head(head.error().message);
    is_head_complete_ = true;
    answer().head() = std::move(head->response);
    if (head->length) answer().set_length(*head->length);
    held_since_ = SteadyClock::now();
    return {.bytes = *end - before};
  }

  wasi::Transfer write_body(Bytes bytes) {
    bytes = bytes.first(std::min(bytes.size(), kPieceBytes));
    if (answer().has_held() && SteadyClock::now() - held_since_ > kLongestHold) {
      send_what_is_held();
    }
    switch (answer().write(bytes)) {
      case Answer::Taken::kAll: return {.bytes = bytes.size()};
      case Answer::Taken::kWait: return {.must_wait = true};
      case Answer::Taken::kGone: return {.error = wasi::Errno::kPipe};
      case Answer::Taken::kTooMuch: break;
    }
    return {.stop_reason = "wrote more than its answer may have"};
  }

  KeptFunction start_;
  std::string head_;
  std::string head_error_;  // not empty: why it is none
  bool is_head_complete_ = false;
  SteadyClock::time_point held_since_;
};

class CgiInput final : public wasi::InputStream {
 public:
  explicit CgiInput(CgiSession& session) : session_(session) {}
  wasi::Transfer read(std::span<const iovec> into) override {
    for (const iovec& piece : into) {
      if (piece.iov_len == 0) continue;
      return session_.read({static_cast<uint8_t*>(piece.iov_base), piece.iov_len});
    }
    return {};
  }

 private:
  CgiSession& session_;
};

class CgiOutput final : public wasi::OutputStream {
 public:
  explicit CgiOutput(CgiSession& session) : session_(session) {}
  // As far as it goes; a program writes the rest again.
  wasi::Transfer write(std::span<const iovec> from) override {
    wasi::Transfer done;
    for (const iovec& piece : from) {
      Bytes left(static_cast<const uint8_t*>(piece.iov_base), piece.iov_len);
      while (!left.empty()) {
        wasi::Transfer some = session_.write(left);
        const bool is_stuck = some.must_wait || some.error != wasi::Errno::kSuccess;
        if (!some.stop_reason.empty() || (is_stuck && done.bytes == 0)) return some;
        if (is_stuck) return done;
        done.bytes += some.bytes;
        left = left.subspan(some.bytes);
      }
    }
    return done;
  }

 private:
  CgiSession& session_;
};

Result<std::unique_ptr<Session>> CgiSession::create(const FunctionOptions& options,
                                                    uint32_t start) {
  std::unique_ptr<CgiSession> session(new CgiSession(options, start));
  CgiSession& self = *session;
  TRY(session->make_world({.input = std::make_unique<CgiInput>(self),
                           .output = std::make_unique<CgiOutput>(self),
                           .before_wait = [&self] { self.send_what_is_held(); }}));
  return std::unique_ptr<Session>(std::move(session));
}

class Cgi final : public Adapter {
 public:
  Cgi(const FunctionOptions& options, uint32_t start) : options_(options), start_(start) {}
  Result<std::unique_ptr<Session>> make_session() const override {
    return CgiSession::create(options_, start_);
  }

 private:
  const FunctionOptions& options_;
  uint32_t start_;
};

}  // namespace

AdapterResult make_cgi(const artifact::Artifact& artifact, const FunctionOptions& options) {
  const uint32_t start = TRY(find_start(artifact));
  return std::unique_ptr<Adapter>(std::make_unique<Cgi>(options, start));
}

}  // namespace wherry::function
