// Standard input, output and error as a World sees them: anything that takes or gives bytes.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "wasi/abi.h"
#include "wasi/errno.h"

namespace wherry::wasi {

struct Transfer {
  Errno error = Errno::kSuccess;
  uint64_t bytes = 0;
  std::string stop_reason;  // not empty: the guest is stopped with this text
  // Nothing was done, and nothing can be yet: whoever gave the stream resumes the guest
  // (Store::resume) when it is worth asking again.
  bool must_wait = false;
};

// Both are used by one thread at a time and may block; an interrupting signal ends the wait
// (kIntr). Or they never block, and say that the guest must wait.
class InputStream {
 public:
  virtual ~InputStream() = default;
  // Zero bytes mean the end.
  virtual Transfer read(std::span<const iovec> into) = 0;
  virtual FileType file_type() const { return FileType::kUnknown; }
  // What to poll() before a read, or -1 if reading never blocks.
  virtual int poll_descriptor() const { return -1; }
};

class OutputStream {
 public:
  virtual ~OutputStream() = default;
  virtual Transfer write(std::span<const iovec> from) = 0;
  virtual FileType file_type() const { return FileType::kUnknown; }
  virtual int poll_descriptor() const { return -1; }
};

// A descriptor of the host's, not owned. A character device only if it is a terminal: guests' C
// library takes any other that cannot seek for one, /dev/null too.
class HostInput final : public InputStream {
 public:
  explicit HostInput(int fd);
  Transfer read(std::span<const iovec> into) override;
  FileType file_type() const override { return type_; }
  int poll_descriptor() const override { return fd_; }

 private:
  int fd_;
  FileType type_;
};

class HostOutput final : public OutputStream {
 public:
  explicit HostOutput(int fd);
  Transfer write(std::span<const iovec> from) override;
  FileType file_type() const override { return type_; }
  int poll_descriptor() const override { return fd_; }

 private:
  int fd_;
  FileType type_;
};

// Bytes in memory, then the end.
class BytesInput final : public InputStream {
 public:
  explicit BytesInput(std::string bytes) : bytes_(std::move(bytes)) {}
  Transfer read(std::span<const iovec> into) override;

 private:
  std::string bytes_;
  size_t position_ = 0;
};

// Hands each piece to `sink`, which takes all of it or gives a reason to stop the guest.
class CallbackOutput final : public OutputStream {
 public:
  using Sink = std::function<std::string(Bytes)>;  // empty: go on
  explicit CallbackOutput(Sink sink) : sink_(std::move(sink)) {}
  Transfer write(std::span<const iovec> from) override;

 private:
  Sink sink_;
};

// The WASI type of a host descriptor; kUnknown for pipes, which WASI does not know.
FileType file_type_of_mode(uint32_t mode);

}  // namespace wherry::wasi
