// A listening socket: opened, accepted from, and removed again. Used by one thread at a time.
#pragma once

#include <string>

#include "base/files.h"
#include "base/result.h"
#include "http/address.h"

namespace wherry::http {

class Listener {
 public:
  // `text` as parse_address() reads it, or `fd:3` for a socket that was passed on. A local socket
  // is for its owner alone; one that is left over from a process that has ended is replaced.
  static Result<Listener> create(std::string_view text);
  Listener(Listener&&) = default;
  Listener& operator=(Listener&&) = delete;

  // With the real port.
  const Address& address() const { return address_; }
  // For waiting until there is something to accept; stays the listener's.
  int number() const { return socket_.number(); }

  struct Accepted {
    FileDescriptor socket;  // without blocking; none if there is no connection to accept now
    std::string client_ip;  // empty for local sockets
    int error = 0;  // an errno value when trying again at once would not help: no descriptor, say
  };
  // Out of descriptors, a spare one is used to take one connection off the queue and close it, so
  // that the client knows.
  Accepted accept();

  // Stops listening. A local socket's file goes.
  void close();

 private:
  static Result<Listener> inherited(std::string_view text);
  Listener(FileDescriptor socket, Address address);
  FileDescriptor socket_, spare_;
  Address address_;
  dev_t device_ = 0;  // of a local socket's file, to know it again
  ino_t inode_ = 0;
};

}  // namespace wherry::http
