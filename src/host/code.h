// A function's code, which may be replaced while it is called: calls under way end on what they
// began with.
#pragma once

#include <memory>
#include <mutex>

#include "function/function.h"

namespace wherry::host {

using Code = std::shared_ptr<const function::Function>;

// Safe from many threads.
class CurrentCode {
 public:
  explicit CurrentCode(Code code) : code_(std::move(code)) {}

  Code get() const {
    std::lock_guard lock(mutex_);
    return code_;
  }
  void replace(Code code) {
    std::lock_guard lock(mutex_);
    code_.swap(code);  // the old one goes when the lock is free again
  }

 private:
  mutable std::mutex mutex_;
  Code code_;
};

// Calls the function and waits; one that speaks HTTP as OpenWhisk would (platform/web_action.h).
function::Outcome call_and_wait(const function::Function& function, const function::Event& event);

// What OpenWhisk's /init has loaded, as a platform::Action: the host finds the code in it again.
struct LoadedCode {
  std::shared_ptr<CurrentCode> current;
  function::Outcome operator()(const function::Event& event) const {
    return call_and_wait(*current->get(), event);
  }
};

}  // namespace wherry::host
