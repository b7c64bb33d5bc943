// What a Function consists of, for the files that make it and run it.
#pragma once

#include <atomic>
#include <memory>

#include "function/abi.h"
#include "function/idle_list.h"
#include "runtime/instance_pool.h"

namespace wherry::function {

struct Function::Parts {
  runtime::Watchdog& watchdog;
  std::unique_ptr<Adapter> adapter;
  std::unique_ptr<runtime::InstancePool> pool;
  IdleList<Session> sessions;
  // The last invocation took so long that its processor time is worth a system call.
  std::atomic<bool> is_slow{false};
};

// Invocation of `function`, whose parts these are (invocation.cc).
std::unique_ptr<Invocation> make_invocation(std::shared_ptr<const Function> function,
                                            Function::Parts& parts, Event event,
                                            http::ExchangePtr exchange,
                                            std::function<void()> resume);

}  // namespace wherry::function
