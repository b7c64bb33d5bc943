// A connection's bytes, by way of TLS or not. Nothing here blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/files.h"

namespace wherry::outbound {

// How far an operation came.
struct Io {
  enum class State : uint8_t {
    kDone,
    kWantRead,   // again when the socket is readable, whatever was to be done
    kWantWrite,  // likewise
    kEnd,        // the other side has said that nothing more will come
    kFailed,     // `error` says why
  };
  State state = State::kDone;
  size_t bytes = 0;
  std::string error = {};
};

class Stream {
 public:
  virtual ~Stream() = default;
  virtual int socket() const = 0;
  // To be repeated until it is done; then the rest may be used.
  virtual Io handshake() = 0;
  virtual Io read(std::span<char> into) = 0;
  // What is given again after a kWant… begins with the same bytes.
  virtual Io write(std::string_view bytes) = 0;
};

// Without encryption.
std::unique_ptr<Stream> plain_stream(FileDescriptor socket);

}  // namespace wherry::outbound
