// TLS, against servers whose authorities and certificates are made here.
#include "outbound/tls.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include "outbound/client.h"
#include "outbound/test_server.h"

namespace wherry::outbound {
namespace {

struct Key {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  ~Key() { EVP_PKEY_free(key); }
};

struct CertificateOptions {
  std::string names;              // `DNS:localhost,IP:127.0.0.1`
  long valid_for_seconds = 3600;  // from an hour ago on, or a negative number: until then
};

// An authority that signs certificates for an hour.
class Authority {
 public:
  Authority() { certificate_ = make("the authority", "", 3600, key_.key, nullptr); }
  ~Authority() { X509_free(certificate_); }

  X509* sign(EVP_PKEY* key, const CertificateOptions& options) const {
    return make("a server", options.names, options.valid_for_seconds, key, certificate_);
  }
  void write(const std::string& path) const {
    BIO* bio = BIO_new_file(path.c_str(), "w");
    PEM_write_bio_X509(bio, certificate_);
    BIO_free(bio);
  }

 private:
  static void extend(X509* certificate, int id, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509* make(const char* name, const std::string& names, long seconds, EVP_PKEY* key,
             X509* issuer) const {
    X509* certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), issuer == nullptr ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600 * 24);
    X509_gmtime_adj(X509_getm_notAfter(certificate), seconds);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509* from = issuer == nullptr ? certificate : issuer;
    X509_set_issuer_name(certificate, X509_get_subject_name(from));
    if (issuer == nullptr) extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
    if (!names.empty()) extend(certificate, NID_subject_alt_name, names);
    X509_sign(certificate, key_.key, EVP_sha256());
    return certificate;
  }

  Key key_;
  X509* certificate_;
};

struct TlsServerOptions {
  CertificateOptions certificate{"DNS:localhost,IP:127.0.0.1"};
  int max_version = TLS1_3_VERSION;
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  bool closes = false;     // after one answer
  bool says_close = true;  // in TLS's way before
};

// What a server of TestServer does to speak TLS.
class TlsServer {
 public:
  TlsServer(const Authority& authority, TlsServerOptions options) : options_(std::move(options)) {
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_max_proto_version(context_, options_.max_version);
    SSL_CTX_set_security_level(context_, 0);  // TLS 1.1 is not in the others
    X509* certificate = authority.sign(key_.key, options_.certificate);
    SSL_CTX_use_certificate(context_, certificate);
    SSL_CTX_use_PrivateKey(context_, key_.key);
    X509_free(certificate);
    server_ = std::make_unique<TestServer>([this](Peer& peer) { serve(peer); });
  }
  ~TlsServer() {
    server_.reset();
    SSL_CTX_free(context_);
  }
  std::string url(const std::string& host = "localhost") const {
    return fmt::format("https://{}:{}/", host, server_->port());
  }
  unsigned connections() const { return server_->connections(); }
  // Of the last connection; valid after its answer.
  const std::string& server_name() const { return server_name_; }
  const std::string& request() const { return request_; }

 private:
  void serve(Peer& peer) {
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_), SSL_free);
    SSL_set_fd(ssl.get(), peer.socket());
    if (SSL_accept(ssl.get()) != 1) return;
    const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
    server_name_ = name == nullptr ? "" : name;
    while (read_request(ssl.get())) {
      SSL_write(ssl.get(), options_.answer.data(), static_cast<int>(options_.answer.size()));
      if (options_.closes) break;
    }
    if (options_.says_close) SSL_shutdown(ssl.get());
  }
  bool read_request(SSL* ssl) {
    std::string request;
    size_t wanted = 1;
    while (request.size() < wanted) {
      char buffer[16384];
      int count = SSL_read(ssl, buffer, sizeof buffer);
      if (count <= 0) return false;
      request.append(buffer, static_cast<size_t>(count));
      size_t end = request.find("\r\n\r\n");
      size_t length = request.find("Content-Length: ");
      wanted = end == request.npos ? request.size() + 1 : end + 4;
      if (length < end && end != request.npos) wanted += std::stoul(request.substr(length + 16));
    }
    request_ = std::move(request);
    return true;
  }

  const TlsServerOptions options_;
  Key key_;
  SSL_CTX* context_;
  std::string server_name_, request_;
  std::unique_ptr<TestServer> server_;
};

class Tls : public testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);  // which the servers' OpenSSL may bring about
    authority_.write(directory_.path() + "/authority.pem");
    client_ = client_trusting(directory_.path() + "/authority.pem");
  }
  static std::unique_ptr<Client> client_trusting(const std::string& file) {
    ClientOptions options;
    options.tls.authorities_file = file;
    return *Client::create(options);
  }
  Answer answer_of_server(TlsServerOptions options, const std::string& host = "localhost") {
    TlsServer server(authority_, std::move(options));
    return fetch(*client_, "GET", server.url(host));
  }
  void expect_refused(const Answer& answer, const std::string& why) {
    EXPECT_EQ(failure_of(answer), "tls");
    EXPECT_NE(answer.error.message.find(why), std::string::npos) << answer.error.message;
  }

  TemporaryDirectory directory_ = *TemporaryDirectory::create();
  Authority authority_;
  std::unique_ptr<Client> client_;
};

TEST_F(Tls, TrustsServersThatTheAuthorityVouchesFor) {
  TlsServer server(authority_, {});
  Answer answer = fetch(*client_, "GET", server.url());
  EXPECT_EQ(answer.body, "hello") << answer.error.message;
  EXPECT_EQ(server.server_name(), "localhost");
  answer = fetch(*client_, "GET", server.url("127.0.0.1"));
  EXPECT_EQ(answer.body, "hello") << answer.error.message;
  EXPECT_EQ(server.server_name(), "");
}

TEST_F(Tls, VersionsOneTwoAndOneThreeAreSpoken) {
  EXPECT_EQ(answer_of_server({.max_version = TLS1_2_VERSION}).body, "hello");
  EXPECT_EQ(answer_of_server({.max_version = TLS1_3_VERSION}).body, "hello");
  expect_refused(answer_of_server({.max_version = TLS1_1_VERSION}), "version");
}

TEST_F(Tls, RefusesCertificatesOfOtherHosts) {
  expect_refused(answer_of_server({.certificate = {"DNS:other.example"}}), "hostname mismatch");
  expect_refused(answer_of_server({.certificate = {"DNS:localhost.example"}}), "hostname mismatch");
  expect_refused(answer_of_server({.certificate = {"DNS:*"}}), "hostname mismatch");
  expect_refused(answer_of_server({.certificate = {"DNS:localhost"}}, "127.0.0.1"),
                 "IP address mismatch");
  expect_refused(answer_of_server({.certificate = {"IP:127.0.0.2"}}, "127.0.0.1"),
                 "IP address mismatch");
}

TEST_F(Tls, RefusesCertificatesThatHaveExpired) {
  expect_refused(answer_of_server({.certificate = {"DNS:localhost", -3600}}), "expired");
}

TEST_F(Tls, RefusesAuthoritiesThatAreNotKnown) {
  Authority other;
  TlsServer server(other, {});
  expect_refused(fetch(*client_, "GET", server.url()), "not to be trusted");
}

TEST_F(Tls, SaysThatThereAreNoAuthorities) {
  client_ = client_trusting(directory_.path() + "/nothing.pem");
  expect_refused(answer_of_server({}), "ca-certificates");
}

TEST_F(Tls, RefusesServersWithoutTls) {
  TestServer server([](Peer& peer) {
    peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  expect_refused(fetch(*client_, "GET", fmt::format("https://localhost:{}/", server.port())),
                 "version");
  TestServer silent([](Peer&) {});
  EXPECT_EQ(failure_of(fetch(*client_, "GET", fmt::format("https://localhost:{}/", silent.port()))),
            "tls");
}

TEST_F(Tls, ConnectionsAreUsedAgain) {
  TlsServer server(authority_, {});
  for (int i = 0; i < 3; i++) EXPECT_EQ(fetch(*client_, "GET", server.url()).body, "hello");
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(Tls, AnEndThatTlsDoesNotVouchForIsNone) {
  std::string until_close = "HTTP/1.1 200 OK\r\n\r\nup to the end";
  Answer whole = answer_of_server({.answer = until_close, .closes = true});
  EXPECT_EQ(whole.body, "up to the end");
  EXPECT_EQ(failure_of(whole), "none");
  Answer cut = answer_of_server({.answer = until_close, .closes = true, .says_close = false});
  EXPECT_EQ(failure_of(cut), "closed");
}

TEST_F(Tls, CarriesLargeBodiesBothWays) {
  std::string large(5 << 20, 'x');
  for (size_t i = 0; i < large.size(); i += 97) large[i] = static_cast<char>('a' + i % 23);
  TlsServer server(authority_,
                   {.answer = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}",
                                          large.size(), large)});
  auto call = client_->call(request_of("POST", server.url(), large));
  EXPECT_TRUE(answer_of(*call, 10'000).body == large);
  EXPECT_TRUE(server.request().ends_with(large));
}

}  // namespace
}  // namespace wherry::outbound
