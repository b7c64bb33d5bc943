#include "http/loop.h"

#include <utility>

namespace wherry::http {

void Loop::drive(const void* driver) {
  // The call that this thread takes the loop from, if any: its connection goes on.
  if (Owner* owner = std::exchange(owner_, nullptr)) owner->go_on();
  while (is_driven_by(driver) && !is_finished_) {
    events_.leave_gaps(slow_pool_->is_busy() || monitor_.has_displaced());
    events_.run_one();
  }
}

}  // namespace wherry::http
