#include "cli/outbound_access.h"

namespace wherry::cli {

Result<http::Outbound*> OutboundAccess::get() {
  if (make_ == nullptr) return nullptr;
  std::lock_guard lock(mutex_);
  if (outbound_ == nullptr) outbound_ = TRY(make_());
  return outbound_.get();
}

}  // namespace wherry::cli
