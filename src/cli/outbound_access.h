// What functions call other hosts with: made when the first of them may, and only in programs that
// can. wherry-host cannot, and is a third of the size of wherry-host-net, which can.
#pragma once

#include <memory>
#include <mutex>

#include "base/result.h"
#include "http/outbound.h"

namespace wherry::cli {

// Safe from many threads. Outlives the functions.
class OutboundAccess {
 public:
  using Make = Result<std::unique_ptr<http::Outbound>> (*)();
  // `make`: null in programs that cannot.
  explicit OutboundAccess(Make make) : make_(make) {}
  OutboundAccess(const OutboundAccess&) = delete;

  // Null if this program cannot.
  Result<http::Outbound*> get();

 private:
  const Make make_;
  std::mutex mutex_;
  std::unique_ptr<http::Outbound> outbound_;  // guarded by mutex_
};

// By DNS and TLS of our own. Only programs that are to carry both name it (outbound_client.cc).
Result<std::unique_ptr<http::Outbound>> make_outbound_client();

}  // namespace wherry::cli
