#include "outbound/resolver.h"

#include <ares.h>

namespace wherry::outbound {

namespace {

using http::OutboundError;
using http::OutboundFailure;

struct Query {
  std::string name;
  uint16_t port;
  Resolver::Done done;
};

OutboundError error_of(int status, const std::string& name) {
  switch (status) {
    case ARES_ENOTFOUND:
      return {OutboundFailure::kName, fmt::format("there is no host named {}", name)};
    case ARES_ENODATA: return {OutboundFailure::kName, fmt::format("{} has no address", name)};
    case ARES_ETIMEOUT:
      return {OutboundFailure::kName, fmt::format("no name server answers about {}", name)};
    default:
      return {OutboundFailure::kName,
              fmt::format("{} could not be looked up: {}", name, ares_strerror(status))};
  }
}

std::vector<SocketAddress> addresses_of(const ares_addrinfo* found, uint16_t port) {
  std::vector<SocketAddress> addresses;
  for (const ares_addrinfo_node* node = found->nodes; node != nullptr; node = node->ai_next) {
    SocketAddress address;
    if (node->ai_family == AF_INET) {
      address.v4 = *reinterpret_cast<const sockaddr_in*>(node->ai_addr);
    } else if (node->ai_family == AF_INET6) {
      address.v6 = *reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
    } else {
      continue;
    }
    address.set_port(port);
    addresses.push_back(address);
  }
  return addresses;
}

void on_answer(void* argument, int status, int /*timeouts*/, ares_addrinfo* found) {
  std::unique_ptr<Query> query(static_cast<Query*>(argument));
  std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(found, ares_freeaddrinfo);
  if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) return;
  std::vector<SocketAddress> addresses;
  if (status == ARES_SUCCESS) addresses = addresses_of(found, query->port);
  if (!addresses.empty()) return query->done(std::move(addresses), {});
  query->done({}, error_of(status == ARES_SUCCESS ? ARES_ENODATA : status, query->name));
}

Error ares_error(int status, std::string_view what) {
  return make_error(ErrorKind::kIo, "{}: {}", what, ares_strerror(status));
}

}  // namespace

struct Resolver::Channel {
  ares_channel ares = nullptr;
  ~Channel() {
    if (ares != nullptr) ares_destroy(ares);
  }
};

Resolver::Resolver(Poller& poller, std::unique_ptr<Channel> channel)
    : poller_(poller), channel_(std::move(channel)) {}

Resolver::~Resolver() {
  channel_.reset();
  poller_.cancel(timer_);
}

Result<std::unique_ptr<Resolver>> Resolver::create(Poller& poller, const ResolverOptions& options) {
  std::unique_ptr<Resolver> resolver(new Resolver(poller, std::make_unique<Channel>()));
  ares_options ares{};
  ares.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  ares.timeout = static_cast<int>(options.try_timeout.count());
  ares.tries = options.tries;
  ares.sock_state_cb_data = resolver.get();
  ares.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<Resolver*>(self)->watch(socket, readable != 0, writable != 0);
  };
  int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  int status = ares_init_options(&resolver->channel_->ares, &ares, mask);
  if (status != ARES_SUCCESS) return ares_error(status, "the resolver could not be set up");
  if (!options.servers.empty()) {
    status = ares_set_servers_ports_csv(resolver->channel_->ares, options.servers.c_str());
    if (status != ARES_SUCCESS) return ares_error(status, "the name servers " + options.servers);
  }
  return resolver;
}

void Resolver::resolve(const std::string& name, uint16_t port, Done done) {
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  auto query = std::make_unique<Query>(Query{name, port, std::move(done)});
  ares_getaddrinfo(channel_->ares, name.c_str(), nullptr, &hints, on_answer, query.release());
  arm_timer();
}

void Resolver::watch(int socket, bool readable, bool writable) {
  uint32_t events = (readable ? uint32_t{EPOLLIN} : 0) | (writable ? uint32_t{EPOLLOUT} : 0);
  poller_.watch(socket, events, [this, socket](uint32_t happened) {
    bool is_broken = (happened & (EPOLLERR | EPOLLHUP)) != 0;
    bool can_read = is_broken || (happened & EPOLLIN) != 0;
    bool can_write = (happened & EPOLLOUT) != 0;
    ares_process_fd(channel_->ares, can_read ? socket : ARES_SOCKET_BAD,
                    can_write ? socket : ARES_SOCKET_BAD);
    arm_timer();
  });
}

void Resolver::arm_timer() {
  poller_.cancel(timer_);
  timeval left{};
  if (ares_timeout(channel_->ares, nullptr, &left) == nullptr) return;
  auto time = std::chrono::milliseconds(left.tv_sec * 1000 + left.tv_usec / 1000 + 1);
  timer_ = poller_.after(time, [this] {
    timer_ = {};
    ares_process_fd(channel_->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    arm_timer();
  });
}

}  // namespace wherry::outbound
