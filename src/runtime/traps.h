// Signals: faults in guest code become traps, and a running guest can be interrupted.
#pragma once

#include "base/result.h"
#include "runtime/stack_state.h"

namespace wherry::runtime {

// Installs the process's handlers (once) and this thread's signal stack (once a thread).
Status prepare_thread_for_guests();

// Says whose guest this thread runs, for the handlers; returns what it was before.
StackState* set_current_stack(StackState* stack);

// Sends the thread the signal that makes it look at interrupt_requested.
void signal_thread(int tid);

}  // namespace wherry::runtime
