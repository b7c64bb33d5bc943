// TLS by OpenSSL, which tls.cc alone sees: 1.2 and 1.3, the server's certificate checked against
// the system's authorities and the URL's host.
#pragma once

#include <memory>
#include <string>

#include "http/url.h"
#include "outbound/stream.h"

namespace wherry::outbound {

// Neither given: the first of the files where systems keep their authorities.
struct TlsOptions {
  std::string authorities_file;       // PEM, any number of certificates
  std::string authorities_directory;  // by hashes of their names (openssl rehash)
};

// For one thread.
class TlsContext {
 public:
  // kNotFound if there are no authorities: then nobody could be trusted.
  static Result<std::unique_ptr<TlsContext>> create(const TlsOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;

  // On a connected socket. The context outlives the stream. Null if there is no memory.
  std::unique_ptr<Stream> stream(FileDescriptor socket, const http::Url& url);

 private:
  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace wherry::outbound
