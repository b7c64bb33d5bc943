// The one file by which DNS and TLS come into a program.
#include <cstdlib>

#include "cli/outbound_access.h"
#include "outbound/client.h"

namespace wherry::cli {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

// SSL_CERT_FILE and SSL_CERT_DIR are OpenSSL's names, which other programs heed, too.
Result<std::unique_ptr<http::Outbound>> make_outbound_client() {
  outbound::ClientOptions options;
  options.tls.authorities_file = variable("SSL_CERT_FILE");
  options.tls.authorities_directory = variable("SSL_CERT_DIR");
  auto client = TRY(outbound::Client::create(std::move(options)).context("calls to other hosts"));
  return std::unique_ptr<http::Outbound>(std::move(client));
}

}  // namespace wherry::cli
