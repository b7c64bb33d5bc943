// A small blocking HTTP/1.1 client for our own verbs: one request a connection, to a server whose
// address is known in numbers or as a local socket. No TLS, no redirects.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace wherry::http {

inline constexpr uint64_t kMaxFetchedBytes = 256ull << 20;

// `address` as parse_address() reads it. The client adds Host (if it is missing), Content-Length
// and Connection to the request. kIo if the server cannot be reached or takes longer than `timeout`
// in all, kInvalid if what it says is not HTTP, kLimit above kMaxFetchedBytes.
Result<Response> fetch(std::string_view address, const Request& request,
                       std::chrono::milliseconds timeout);

// Hands the body over as it comes, until `piece` returns false or it ends; the response that is
// returned has none, and there is no limit. `timeout` is for every single wait: up to the head, and
// between two pieces.
using PieceSink = std::function<bool(const Response& head, std::string_view piece)>;
Result<Response> fetch_pieces(std::string_view address, const Request& request,
                              std::chrono::milliseconds timeout, const PieceSink& piece);

// A request whose body goes out in chunks while it is made. `timeout` is for every single wait.
class Upload {
 public:
  // Sends the head, to which it adds what fetch() does and Transfer-Encoding.
  static Result<Upload> begin(std::string_view address, const Request& head,
                              std::chrono::milliseconds timeout);
  Upload(Upload&&) noexcept;
  ~Upload();

  // False if the server takes no more: end() may have its answer.
  Result<bool> send(std::string_view piece);
  // With trailers, which the head has announced (Trailer).
  Result<Response> end(const std::vector<Header>& trailers);

 private:
  struct State;
  explicit Upload(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace wherry::http
