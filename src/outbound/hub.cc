#include "outbound/hub.h"

#include <algorithm>

namespace wherry::outbound {

namespace {

using http::OutboundError;
using http::OutboundFailure;

constexpr size_t kBufferBytes = 64 * 1024;

// Calls to one place may share connections. Whether the place may be called at all was decided
// before, by what is in here.
std::string place_of(const http::Url& url) {
  return (url.is_https ? "https://" : "http://") + url.authority();
}

}  // namespace

Hub::Hub(std::shared_ptr<Poller> poller, ClientOptions options)
    : poller_(std::move(poller)), options_(std::move(options)), buffer_(kBufferBytes) {}

Result<std::unique_ptr<Hub>> Hub::create(std::shared_ptr<Poller> poller, ClientOptions options) {
  std::unique_ptr<Hub> hub(new Hub(std::move(poller), std::move(options)));
  hub->resolver_ = TRY(Resolver::create(*hub->poller_, hub->options_.resolver));
  hub->means_ = std::make_unique<Means>(
      Means{*hub->poller_, *hub->resolver_, [self = hub.get()] { return self->tls(); },
            hub->options_.connect_timeout, hub->options_.names_may_lead_inside});
  return hub;
}

Result<TlsContext*> Hub::tls() {
  if (tls_ == nullptr) tls_ = TRY(TlsContext::create(options_.tls));
  return tls_.get();
}

void Hub::begin(const CallPtr& call) {
  if (calls_.size() >= options_.max_calls) {
    return call->fail({OutboundFailure::kLimit,
                       fmt::format("{} calls are under way already", options_.max_calls)});
  }
  calls_.insert(call);
  ConnectionPtr connection = take_idle(place_of(call->request().url));
  if (connection != nullptr) return connection->run(call);
  open_for(call);
}

ConnectionPtr Hub::take_idle(const std::string& place) {
  auto found = idle_.find(place);
  while (found != idle_.end()) {
    ConnectionPtr connection = std::move(found->second.back());
    found->second.pop_back();
    idle_count_--;
    if (found->second.empty()) {
      idle_.erase(found);
      found = idle_.end();
    }
    if (connection->is_quiet()) return connection;
    connection->close();
  }
  return nullptr;
}

void Hub::open_for(const CallPtr& call) {
  auto opening = Opening::start(
      *means_, call->request().url,
      [this, call](std::unique_ptr<Stream> stream, OutboundError error) {
        call->on_cancel = nullptr;
        if (stream == nullptr) {
          call->fail(std::move(error));
          return on_call_over(call);
        }
        ConnectionOwner& owner = *this;
        std::string place = place_of(call->request().url);
        std::make_shared<Connection>(owner, std::move(place), std::move(stream))->run(call);
      });
  call->on_cancel = [this, opening, call] {
    CallPtr given_up = call;  // what follows may destroy this function
    opening->cancel();
    given_up->on_cancel = nullptr;
    on_call_over(given_up);
  };
}

void Hub::on_send_again(const CallPtr& call) { open_for(call); }
void Hub::on_call_over(const CallPtr& call) { calls_.erase(call); }

void Hub::on_idle(const ConnectionPtr& connection) {
  auto& here = idle_[connection->place()];
  if (here.size() >= options_.max_idle_per_place || idle_count_ >= options_.max_idle) {
    connection->close();
    if (here.empty()) idle_.erase(connection->place());
    return;
  }
  here.push_back(connection);
  idle_count_++;
}

void Hub::on_gone(const ConnectionPtr& connection) {
  auto found = idle_.find(connection->place());
  if (found == idle_.end()) return;
  idle_count_ -= std::erase(found->second, connection);
  if (found->second.empty()) idle_.erase(found);
}

void Hub::close() {
  for (const CallPtr& call : std::exchange(calls_, {})) {
    if (auto cancel = call->on_cancel) cancel();
    call->fail({OutboundFailure::kStopped, "the host is going down"});
  }
  for (auto& [place, connections] : std::exchange(idle_, {})) {
    for (const ConnectionPtr& connection : connections) connection->close();
  }
  idle_count_ = 0;
  means_.reset();
  resolver_.reset();
}

}  // namespace wherry::outbound
