// All calls and connections of a client, on its poller's thread.
#pragma once

#include <map>
#include <unordered_set>
#include <vector>

#include "outbound/client.h"
#include "outbound/connection.h"
#include "outbound/opening.h"

namespace wherry::outbound {

// For the poller's thread, but for create() and the destructor.
class Hub final : private ConnectionOwner {
 public:
  static Result<std::unique_ptr<Hub>> create(std::shared_ptr<Poller> poller, ClientOptions options);
  Hub(const Hub&) = delete;

  void begin(const CallPtr& call);
  // Ends all calls with kStopped, and all connections.
  void close();

 private:
  Hub(std::shared_ptr<Poller> poller, ClientOptions options);
  Poller& poller() override { return *poller_; }
  const ConnectionOptions& connection_options() const override { return options_.connection; }
  std::span<char> buffer() override { return buffer_; }
  void on_idle(const ConnectionPtr& connection) override;
  void on_gone(const ConnectionPtr& connection) override;
  void on_call_over(const CallPtr& call) override;
  void on_send_again(const CallPtr& call) override;

  ConnectionPtr take_idle(const std::string& place);
  void open_for(const CallPtr& call);
  Result<TlsContext*> tls();

  const std::shared_ptr<Poller> poller_;
  const ClientOptions options_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<TlsContext> tls_;
  std::unique_ptr<Means> means_;
  std::vector<char> buffer_;
  std::unordered_set<CallPtr> calls_;
  std::map<std::string, std::vector<ConnectionPtr>> idle_;  // by place, the last used one last
  size_t idle_count_ = 0;
};

}  // namespace wherry::outbound
