// How the ends of a call become an Outcome: pure functions, so that each can be tested.
#pragma once

#include "function/function.h"
#include "function/output.h"

namespace wherry::function {

// From how the guest ended and what it wrote; fills everything but log and duration. The last line
// goes to the log unless it is the result. `limits` and `deadline_was_earlier` word the messages.
struct EndOfCall {
  const runtime::CallResult& result;
  const FunctionLimits& limits;
  bool deadline_was_earlier = false;  // the event's deadline came before the function's own limit
  bool cpu_limit_reached = false;     // it was that which interrupted the guest
};
// Of a command.
Outcome outcome_of(const EndOfCall& end, OutputCapture& output);

// What is a failure whatever the ABI: a trap, an end in time, too much output, an exit code.
// Nothing if the guest returned, or exited with 0.
std::optional<Outcome> failure_of(const EndOfCall& end, const OutputCapture& output);
Outcome failure(OutcomeKind kind, std::string message);

}  // namespace wherry::function
