#include "outbound/client.h"

#include <signal.h>

#include <system_error>

#include "outbound/hub.h"

namespace wherry::outbound {

namespace {

// The caller's end. What it asks of the poller's thread is dropped once that has ended.
class Handle final : public http::OutboundCall {
 public:
  Handle(std::shared_ptr<Poller> poller, CallPtr call)
      : poller_(std::move(poller)), call_(std::move(call)) {}
  ~Handle() override {
    call_->abandon();
    poller_->post([call = call_] {
      if (auto cancel = call->on_cancel) cancel();
    });
  }

  State head() override { return call_->head(); }
  const http::Response& response() const override { return call_->response(); }
  Read read(std::span<uint8_t> into) override {
    bool has_room = false;
    Read read = call_->read(into, has_room);
    if (has_room) {
      poller_->post([call = call_] {
        if (auto go_on = call->on_room) go_on();
      });
    }
    return read;
  }
  const http::OutboundError& error() const override { return call_->error(); }
  void wake(std::function<void()> again) override { call_->wake(std::move(again)); }

 private:
  const std::shared_ptr<Poller> poller_;
  const CallPtr call_;
};

}  // namespace

Client::Client(std::shared_ptr<Poller> poller) : poller_(std::move(poller)) {}

Result<std::unique_ptr<Client>> Client::create(ClientOptions options) {
  std::unique_ptr<Client> client(new Client(TRY(Poller::create())));
  client->hub_ = TRY(Hub::create(client->poller_, std::move(options)));
  try {
    client->thread_ = std::thread([self = client.get()] { self->run(); });
  } catch (const std::system_error& error) {
    return errno_error(error.code().value(), "a thread for outbound calls");
  }
  return client;
}

Client::~Client() {
  poller_->stop();
  if (thread_.joinable()) thread_.join();
}

// Signals are for other threads. SIGPIPE, which OpenSSL's writes bring about, stays pending.
void Client::run() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  poller_->run();
  hub_->close();
}

std::unique_ptr<http::OutboundCall> Client::call(http::OutboundRequest request) {
  auto call = std::make_shared<CallState>(std::move(request));
  auto handle = std::make_unique<Handle>(poller_, call);
  if (!poller_->post([hub = hub_.get(), call] { hub->begin(call); })) {
    call->fail({http::OutboundFailure::kStopped, "the host is going down"});
  }
  return handle;
}

}  // namespace wherry::outbound
