#include "outbound/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wherry::outbound {

namespace {

// Debian and Alpine; Fedora; the BSDs and some images.
constexpr const char* kAuthorityFiles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                           "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

std::string last_error() {
  unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

class TlsStream final : public Stream {
 public:
  TlsStream(FileDescriptor socket, SSL* ssl) : socket_(std::move(socket)), ssl_(ssl) {}
  ~TlsStream() override { SSL_free(ssl_); }

  int socket() const override { return socket_.number(); }

  Io handshake() override {
    ERR_clear_error();
    Io io = result(SSL_connect(ssl_), 0);
    long verified = SSL_get_verify_result(ssl_);
    if (io.state == Io::State::kFailed && verified != X509_V_OK) {
      io.error = fmt::format("its certificate is not to be trusted: {}",
                             X509_verify_cert_error_string(verified));
    } else if (io.state == Io::State::kEnd) {
      io = {Io::State::kFailed, 0, "it closed the connection"};
    }
    return io;
  }
  Io read(std::span<char> into) override {
    ERR_clear_error();
    size_t count = 0;
    int returned = SSL_read_ex(ssl_, into.data(), into.size(), &count);
    return result(returned, count);
  }
  Io write(std::string_view bytes) override {
    ERR_clear_error();
    size_t count = 0;
    int returned = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &count);
    return result(returned, count);
  }

 private:
  Io result(int returned, size_t count) {
    int system_error = errno;
    if (returned > 0) return {Io::State::kDone, count};
    switch (SSL_get_error(ssl_, returned)) {
      case SSL_ERROR_WANT_READ: return {Io::State::kWantRead};
      case SSL_ERROR_WANT_WRITE: return {Io::State::kWantWrite};
      case SSL_ERROR_ZERO_RETURN: return {Io::State::kEnd};
      case SSL_ERROR_SYSCALL:
        return {Io::State::kFailed, 0,
                system_error == 0 ? "cut off" : std::strerror(system_error)};  // NOLINT: one thread
      default: return {Io::State::kFailed, 0, last_error()};
    }
  }

  FileDescriptor socket_;
  SSL* ssl_;
};

}  // namespace

struct TlsContext::State {
  SSL_CTX* context = nullptr;
  ~State() { SSL_CTX_free(context); }
};

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::create(const TlsOptions& options) {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  auto state = std::make_unique<State>();
  state->context = SSL_CTX_new(TLS_client_method());
  if (state->context == nullptr) {
    return make_error(ErrorKind::kInternal, "TLS could not be set up: {}", last_error());
  }
  SSL_CTX_set_min_proto_version(state->context, TLS1_2_VERSION);
  SSL_CTX_set_verify(state->context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(state->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                       SSL_MODE_RELEASE_BUFFERS);

  TlsOptions from = options;
  for (const char* file : kAuthorityFiles) {
    if (!from.authorities_file.empty() || !from.authorities_directory.empty()) break;
    if (::access(file, R_OK) == 0) from.authorities_file = file;
  }
  auto or_null = [](const std::string& text) { return text.empty() ? nullptr : text.c_str(); };
  ERR_clear_error();
  if (SSL_CTX_load_verify_locations(state->context, or_null(from.authorities_file),
                                    or_null(from.authorities_directory)) != 1) {
    bool is_none = from.authorities_file.empty() && from.authorities_directory.empty();
    return make_error(ErrorKind::kNotFound, "no certificate authorities {}",
                      is_none ? "are installed" : "in " + from.authorities_file)
        .with_hint("install ca-certificates, or set SSL_CERT_FILE to a file of certificates");
  }
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(state)));
}

std::unique_ptr<Stream> TlsContext::stream(FileDescriptor socket, const http::Url& url) {
  SSL* ssl = SSL_new(state_->context);
  if (ssl == nullptr) return nullptr;
  int socket_number = socket.number();
  auto stream = std::make_unique<TlsStream>(std::move(socket), ssl);
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  bool is_set = SSL_set_fd(ssl, socket_number) == 1 &&
                SSL_set_alpn_protos(ssl, kHttp11, sizeof kHttp11 - 1) == 0;
  if (url.kind == http::HostKind::kName) {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    is_set = is_set && SSL_set1_host(ssl, url.host.c_str()) == 1 &&
             SSL_set_tlsext_host_name(ssl, url.host.c_str()) == 1;
  } else {
    is_set = is_set && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), url.host.c_str()) == 1;
  }
  return is_set ? std::move(stream) : nullptr;
}

}  // namespace wherry::outbound
