// Functions as the command line describes them.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "cli/flags.h"
#include "cli/modules.h"
#include "function/function.h"

namespace wherry::cli {

using FunctionPointer = std::shared_ptr<const function::Function>;

// `watchdog` outlives the function.
Result<FunctionPointer> make_function(ModulePointer module, runtime::Watchdog& watchdog,
                                      const FunctionFlags& flags, const std::string& name);

// A function whose code may be replaced while it is called: calls under way end on the code they
// began with. Safe from many threads.
class CurrentFunction {
 public:
  explicit CurrentFunction(FunctionPointer function) : function_(std::move(function)) {}

  FunctionPointer get() const {
    std::lock_guard lock(mutex_);
    return function_;
  }
  void replace(FunctionPointer function) {
    std::lock_guard lock(mutex_);
    function_.swap(function);  // the old one goes when the lock is free again
  }

 private:
  mutable std::mutex mutex_;
  FunctionPointer function_;
};

// `dir/hello.wasm` to `hello`.
std::string function_name(const std::string& path);

}  // namespace wherry::cli
