#include "http/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/files.h"
#include "http/address.h"
#include "http/body_decoder.h"
#include "http/characters.h"
#include "http/head_parser.h"

namespace wherry::http {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kMaxHeadBytes = 64 * 1024;

// A connection on which every wait ends at a deadline.
class Wire {
 public:
  Wire(std::string_view address, milliseconds timeout)
      : name_(address), timeout_(timeout), deadline_(steady_clock::now() + timeout) {}

  Status connect() {
    Address address = TRY(parse_address(name_));
    if (address.ip == "0.0.0.0") address.ip = "127.0.0.1";
    SocketAddress where = socket_address(address);
    socket_ = FileDescriptor(
        ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_.is_open()) return failed(errno, "connect");
    if (::connect(socket_.number(), where.get(), where.size) == 0) return ok_status();
    if (errno != EINPROGRESS) return failed(errno, "connect");
    TRY(wait(POLLOUT));
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error != 0 ? failed(error, "connect") : ok_status();
  }

  // False if the server takes no more: it may have answered already.
  Result<bool> send(std::string_view text) {
    while (!text.empty()) {
      ssize_t put = ::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL);
      if (put >= 0) {
        text.remove_prefix(static_cast<size_t>(put));
      } else if (errno == EPIPE || errno == ECONNRESET) {
        return false;
      } else if (errno == EAGAIN) {
        TRY(wait(POLLOUT));
      } else if (errno != EINTR) {
        return failed(errno, "send");
      }
    }
    return true;
  }

  // 0 at the end.
  Result<size_t> receive(std::vector<char>& into) {
    for (;;) {
      ssize_t got = ::recv(socket_.number(), into.data(), into.size(), 0);
      if (got >= 0) return static_cast<size_t>(got);
      if (errno == EAGAIN) {
        TRY(wait(POLLIN));
      } else if (errno != EINTR) {
        return failed(errno, "receive");
      }
    }
  }

  void restart_clock() { deadline_ = steady_clock::now() + timeout_; }

 private:
  Status wait(short events) {
    for (;;) {
      auto left = std::chrono::ceil<milliseconds>(deadline_ - steady_clock::now());
      pollfd ready{socket_.number(), events, 0};
      int count = left.count() <= 0 ? 0 : ::poll(&ready, 1, static_cast<int>(left.count()));
      if (count > 0) return ok_status();
      if (count == 0) {
        return make_error(ErrorKind::kIo, "no answer within {} ms", timeout_.count());
      }
      if (errno != EINTR) return failed(errno, "receive");
    }
  }

  static Error failed(int error, std::string_view operation) {
    Error result = errno_error(error, operation);
    result.kind = ErrorKind::kIo;
    return result;
  }

  const std::string name_;
  const milliseconds timeout_;
  steady_clock::time_point deadline_;
  FileDescriptor socket_;
};

std::string request_head(const Request& request, std::string_view address) {
  std::string head = request.method + " " + (request.target.empty() ? "/" : request.target) +
                     " HTTP/1.1\r\nConnection: close\r\n";
  if (request.find_header("Host") == nullptr) {
    bool is_local = address.starts_with("unix:");
    head += fmt::format("Host: {}\r\n", is_local ? "localhost" : address);
  }
  const bool has_body =
      !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (has_body && request.find_header("Transfer-Encoding") == nullptr) {
    head += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  for (const Header& header : request.headers) head += header.name + ": " + header.value + "\r\n";
  return head + "\r\n";
}

bool are_good(const std::vector<Header>& headers) {
  return std::ranges::all_of(headers, [](const Header& header) {
    return are_value_characters(header.name) && are_value_characters(header.value);
  });
}

Status check(const Request& request) {
  bool is_good = are_value_characters(request.method) && are_value_characters(request.target) &&
                 request.target.find(' ') == std::string::npos;
  if (is_good && are_good(request.headers)) return ok_status();
  return make_error(ErrorKind::kInvalid,
                    "the request has a control character or a space in its head");
}

BodyDecoder decoder_for(const Request& request, const Response& response,
                        const ResponseHeadParser& parser, uint64_t limit_bytes) {
  if (request.method == "HEAD" || !status_has_body(response.status)) return {};
  if (parser.is_chunked()) return BodyDecoder::chunked(limit_bytes);
  if (parser.content_length()) return BodyDecoder::of_length(*parser.content_length());
  return BodyDecoder::until_close(limit_bytes);
}

// Reads responses until one is final; what is behind its head stays in `input`.
Status receive_head(Wire& wire, std::string& input, ResponseHeadParser& parser,
                    Response& response) {
  std::vector<char> buffer(16 * 1024);
  for (;;) {
    parser.reset(&response);
    for (;;) {
      auto outcome = parser.parse(input);
      if (outcome == HeadParser::Outcome::kDone) break;
      if (outcome == HeadParser::Outcome::kRefused || input.size() > kMaxHeadBytes) {
        return make_error(ErrorKind::kInvalid, "the server's answer is not HTTP/1.1");
      }
      size_t got = TRY(wire.receive(buffer));
      if (got == 0) {
        return make_error(ErrorKind::kIo, "the server closed the connection without an answer");
      }
      input.append(buffer.data(), got);
    }
    input.erase(0, parser.size_bytes());
    if (response.status >= 200) return ok_status();
  }
}

// `piece` returns false to stop.
Status receive_body(Wire& wire, std::string input, BodyDecoder decoder, bool each_wait_anew,
                    const std::function<bool(std::string_view)>& piece) {
  std::vector<char> buffer(64 * 1024);
  std::string_view left = input;
  while (!decoder.is_done()) {
    BodyDecoder::Step step = decoder.step(left);
    left.remove_prefix(step.taken);
    if (step.outcome == BodyDecoder::Outcome::kTooLarge) {
      return make_error(ErrorKind::kLimit, "the answer is larger than {} bytes", kMaxFetchedBytes);
    }
    if (step.outcome == BodyDecoder::Outcome::kMalformed) {
      return make_error(ErrorKind::kInvalid, "the server's answer has a malformed chunk");
    }
    if (!step.data.empty() && !piece(step.data)) return ok_status();
    if (decoder.is_done() || step.taken > 0) continue;
    if (each_wait_anew) wire.restart_clock();
    size_t got = TRY(wire.receive(buffer));
    if (got == 0) {
      if (decoder.may_end_here()) break;
      return make_error(ErrorKind::kIo, "the server closed the connection within its answer");
    }
    left = {buffer.data(), got};
  }
  return ok_status();
}

// What the server says to what was sent.
Result<Response> receive(Wire& wire, std::string_view address, const Request& request,
                         bool in_pieces, const PieceSink& piece) {
  uint64_t limit_bytes = in_pieces ? UINT64_MAX : kMaxFetchedBytes;
  std::string input;
  ResponseHeadParser parser;
  Response response;
  if (in_pieces) wire.restart_clock();
  TRY(receive_head(wire, input, parser, response).context("{}", address));
  if (parser.content_length().value_or(0) > limit_bytes && request.method != "HEAD") {
    return make_error(ErrorKind::kLimit, "the answer is larger than {} bytes", kMaxFetchedBytes);
  }
  TRY(receive_body(wire, std::move(input), decoder_for(request, response, parser, limit_bytes),
                   in_pieces, [&](std::string_view bytes) { return piece(response, bytes); })
          .context("{}", address));
  return response;
}

Result<Response> exchange(std::string_view address, const Request& request, milliseconds timeout,
                          bool in_pieces, const PieceSink& piece) {
  TRY(check(request));
  Wire wire(address, timeout);
  TRY(wire.connect().context("cannot reach {}", address));
  bool is_open = TRY(wire.send(request_head(request, address)).context("{}", address));
  if (is_open) TRY(wire.send(request.body).context("{}", address));
  return receive(wire, address, request, in_pieces, piece);
}

}  // namespace

struct Upload::State {
  State(std::string_view to, Request request, milliseconds timeout)
      : address(to), head(std::move(request)), wire(address, timeout) {
    head.headers.push_back({"Transfer-Encoding", "chunked"});
  }

  Result<bool> send(std::string_view text) {
    if (!is_open) return false;
    wire.restart_clock();
    is_open = TRY(wire.send(text).context("{}", address));
    return is_open;
  }

  const std::string address;
  Request head;
  Wire wire;
  bool is_open = true;
};

Upload::Upload(std::unique_ptr<State> state) : state_(std::move(state)) {}
Upload::Upload(Upload&&) noexcept = default;
Upload::~Upload() = default;

Result<Upload> Upload::begin(std::string_view address, const Request& head, milliseconds timeout) {
  TRY(check(head));
  auto state = std::make_unique<State>(address, head, timeout);
  TRY(state->wire.connect().context("cannot reach {}", address));
  TRY(state->send(request_head(state->head, state->address)));
  return Upload(std::move(state));
}

Result<bool> Upload::send(std::string_view piece) {
  if (piece.empty()) return state_->is_open;  // a chunk of no bytes would be the last
  return state_->send(fmt::format("{:x}\r\n{}\r\n", piece.size(), piece));
}

Result<Response> Upload::end(const std::vector<Header>& trailers) {
  if (!are_good(trailers)) {
    return make_error(ErrorKind::kInvalid, "a trailer has a control character");
  }
  std::string last = "0\r\n";
  for (const Header& trailer : trailers) last += trailer.name + ": " + trailer.value + "\r\n";
  TRY(state_->send(last + "\r\n"));
  state_->wire.restart_clock();
  std::string body;
  Response response = TRY(receive(state_->wire, state_->address, state_->head, false,
                                  [&](const Response&, std::string_view piece) {
                                    body += piece;
                                    return true;
                                  }));
  response.body = std::move(body);
  return response;
}

Result<Response> fetch(std::string_view address, const Request& request, milliseconds timeout) {
  std::string body;
  Response response =
      TRY(exchange(address, request, timeout, false, [&](const Response&, std::string_view piece) {
        body += piece;
        return true;
      }));
  response.body = std::move(body);
  return response;
}

Result<Response> fetch_pieces(std::string_view address, const Request& request,
                              milliseconds timeout, const PieceSink& piece) {
  return exchange(address, request, timeout, true, piece);
}

}  // namespace wherry::http
