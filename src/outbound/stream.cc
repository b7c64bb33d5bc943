#include "outbound/stream.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace wherry::outbound {

namespace {

class PlainStream final : public Stream {
 public:
  explicit PlainStream(FileDescriptor socket) : socket_(std::move(socket)) {}

  int socket() const override { return socket_.number(); }
  Io handshake() override { return {}; }

  Io read(std::span<char> into) override {
    ssize_t count = ::recv(socket_.number(), into.data(), into.size(), 0);
    if (count == 0) return {Io::State::kEnd};
    return result(count, Io::State::kWantRead);
  }
  Io write(std::string_view bytes) override {
    return result(::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  Io::State::kWantWrite);
  }

 private:
  static Io result(ssize_t count, Io::State wanted) {
    if (count >= 0) return {Io::State::kDone, static_cast<size_t>(count)};
    if (errno == EAGAIN || errno == EINTR) return {wanted};
    return {Io::State::kFailed, 0, std::strerror(errno)};  // NOLINT: the loop's thread only
  }

  FileDescriptor socket_;
};

}  // namespace

std::unique_ptr<Stream> plain_stream(FileDescriptor socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace wherry::outbound
