// What a Function consists of, for the files that make it and run it.
#pragma once

#include <atomic>
#include <memory>

#include "function/abi.h"
#include "runtime/instance_pool.h"

namespace wherry::function {

struct Function::Parts {
  runtime::Watchdog& watchdog;
  std::unique_ptr<Adapter> adapter;
  std::unique_ptr<runtime::InstancePool> pool;  // its instances' imports are the adapter's sessions
  // The last invocation took so long that its processor time is worth a system call.
  std::atomic<bool> is_slow{false};
};

// Function::begin() (invocation.cc).
std::unique_ptr<Invocation> make_invocation(const FunctionLimits& limits, Function::Parts& parts,
                                            const Event& event, http::ExchangePtr exchange,
                                            Invocation::Owner& owner);

}  // namespace wherry::function
