// The HTTP client for functions' calls: one thread for all of them, connections that are used
// again.
//
// No redirects are followed, no content is decompressed, no cookies are kept, no proxies are asked:
// what is not in the request is not done. Where names lead is checked (address.h).
#pragma once

#include <memory>
#include <thread>

#include "http/outbound.h"
#include "outbound/connection.h"
#include "outbound/resolver.h"
#include "outbound/tls.h"

namespace wherry::outbound {

struct ClientOptions {
  ResolverOptions resolver;
  TlsOptions tls;
  ConnectionOptions connection;
  std::chrono::milliseconds connect_timeout{10'000};  // from the name to the last of TLS
  size_t max_calls = 4'096;
  size_t max_idle = 256;  // connections
  size_t max_idle_per_place = 64;
  // Lets names lead to addresses that are not public, which is for tests.
  bool names_may_lead_inside = false;
};

class Hub;

class Client final : public http::Outbound {
 public:
  // kIo if the system refuses a thread or a descriptor.
  static Result<std::unique_ptr<Client>> create(ClientOptions options);
  // Ends what is under way; calls may outlive it.
  ~Client() override;
  Client(const Client&) = delete;

  std::unique_ptr<http::OutboundCall> call(http::OutboundRequest request) override;

 private:
  explicit Client(std::shared_ptr<Poller> poller);
  void run();

  const std::shared_ptr<Poller> poller_;
  std::unique_ptr<Hub> hub_;
  std::thread thread_;
};

}  // namespace wherry::outbound
