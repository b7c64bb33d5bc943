#include "http/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace wherry::http {

namespace {

FileDescriptor spare_descriptor() {
  return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

// Removes a local socket's file if nobody answers on it. Anything else in its place stays, and the
// address is in use then.
void remove_stale(const Address& address) {
  struct stat found;
  if (::lstat(address.unix_path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return;
  FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  SocketAddress where = socket_address(address);
  if (::connect(probe.number(), where.get(), where.size) != 0 && errno == ECONNREFUSED) {
    ::unlink(address.unix_path.c_str());
  }
}

// 0 or an errno value.
int bind_and_listen(int socket, const Address& address) {
  int on = 1;
  SocketAddress where = socket_address(address);
  if (address.is_local()) {
    remove_stale(address);
    // The file is made with the socket's mode.
    if (::fchmod(socket, 0600) != 0) return errno;
  } else if (::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
    return errno;
  }
  if (::bind(socket, where.get(), where.size) != 0) return errno;
  return ::listen(socket, SOMAXCONN) != 0 ? errno : 0;
}

Error cannot_listen(std::string_view text, int error) {
  Error result = errno_error(error, fmt::format("cannot listen on {}", text));
  result.kind = ErrorKind::kIo;
  if (error == EADDRINUSE) result.hint = "another port, or port 0 to have one chosen";
  if (error == EACCES) result.hint = "a port from 1024 on";
  if (text.starts_with("unix:")) result.hint = "another path: a directory you may write to";
  return result;
}

}  // namespace

Listener::Listener(FileDescriptor socket, Address address)
    : socket_(std::move(socket)), spare_(spare_descriptor()), address_(std::move(address)) {}

// A socket that listens already, of whoever started this program (sd_listen_fds(3)).
Result<Listener> Listener::inherited(std::string_view text) {
  int number = -1, listens = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data() + 3, end, number);
  socklen_t size = sizeof listens;
  if (error != std::errc() || stop != end ||
      ::getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) {
    return make_error(ErrorKind::kInvalid, "{}: no listening socket was passed on there", text);
  }
  FileDescriptor socket(number);
  if (::fcntl(number, F_SETFD, FD_CLOEXEC) != 0 || ::fcntl(number, F_SETFL, O_NONBLOCK) != 0) {
    return errno_error(errno, text);
  }
  SocketAddress where;
  where.size = sizeof where.storage;
  if (::getsockname(number, where.get(), &where.size) != 0) return errno_error(errno, text);
  Address address = address_of(where);
  // Its file is not ours, so it stays when we stop.
  if (where.storage.ss_family == AF_UNIX) {
    address.unix_path = reinterpret_cast<const sockaddr_un&>(where.storage).sun_path;
    if (address.unix_path.empty()) address.unix_path = "@";
  }
  return Listener(std::move(socket), std::move(address));
}

Result<Listener> Listener::create(std::string_view text) {
  if (text.starts_with("fd:")) return inherited(text);
  Address address = TRY(parse_address(text));
  SocketAddress where = socket_address(address);
  FileDescriptor socket(
      ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return cannot_listen(text, errno);
  if (int error = bind_and_listen(socket.number(), address); error != 0) {
    return cannot_listen(text, error);
  }
  where.size = sizeof where.storage;
  if (!address.is_local() && ::getsockname(socket.number(), where.get(), &where.size) == 0) {
    address.port = address_of(where).port;
  }
  Listener listener(std::move(socket), std::move(address));
  struct stat file;
  if (listener.address_.is_local() && ::lstat(listener.address_.unix_path.c_str(), &file) == 0) {
    listener.device_ = file.st_dev;
    listener.inode_ = file.st_ino;
  }
  return listener;
}

Listener::Accepted Listener::accept() {
  for (;;) {
    Accepted accepted;
    SocketAddress from;
    from.size = sizeof from.storage;
    accepted.socket = FileDescriptor(
        ::accept4(socket_.number(), from.get(), &from.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (accepted.socket.is_open()) {
      if (address_.is_local()) return accepted;
      int on = 1;
      ::setsockopt(accepted.socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      accepted.client_ip = address_of(from).ip;
      return accepted;
    }
    // A client that has gone again is no reason to stop (accept(2) on Linux).
    if (errno == EAGAIN) return accepted;
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS ||
        errno == EBADF || errno == EINVAL) {
      accepted.error = errno;
      spare_ = FileDescriptor();
      FileDescriptor refused(::accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC));
      refused = FileDescriptor();
      spare_ = spare_descriptor();
      return accepted;
    }
  }
}

void Listener::close() {
  if (!socket_.is_open()) return;
  socket_ = FileDescriptor();
  if (!address_.is_local()) return;
  struct stat file;
  bool is_ours = ::lstat(address_.unix_path.c_str(), &file) == 0 && file.st_dev == device_ &&
                 file.st_ino == inode_;
  if (is_ours) ::unlink(address_.unix_path.c_str());
}

}  // namespace wherry::http
