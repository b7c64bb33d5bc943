#include "function/outcome.h"

#include "base/json.h"

namespace wherry::function {

namespace {

constexpr size_t kQuotedBytes = 80;

std::string quote(std::string_view text) {
  std::string quoted = to_utf8(text.substr(0, kQuotedBytes));
  return text.size() > kQuotedBytes ? quoted + "…" : quoted;
}

Outcome outcome_of_trap(const runtime::Trap& trap, const EndOfCall& end) {
  bool timed_out = trap.code == contract::TrapCode::kInterrupted;
  Outcome outcome =
      !timed_out ? failure(OutcomeKind::kTrap, "the function trapped: " + trap.message())
      : end.cpu_limit_reached
          ? failure(OutcomeKind::kCpuLimit,
                    fmt::format("the function was stopped at its limit of {} ms of processor time",
                                end.limits.cpu_time.count()))
      : end.deadline_was_earlier
          ? failure(OutcomeKind::kTimeout, "the function was stopped at the deadline of its event")
          : failure(OutcomeKind::kTimeout,
                    fmt::format("the function was stopped at its time limit of {} ms",
                                end.limits.time.count()));
  outcome.backtrace = trap.backtrace();
  return outcome;
}

Outcome outcome_of_output(const EndOfCall& end, const OutputCapture& output) {
  if (!output.last_line()) {
    return failure(OutcomeKind::kNoResult,
                   "the function printed nothing; its last line must be a JSON object or array");
  }
  const OutputCapture::Candidate& line = *output.last_line();
  if (line.cut) {
    return failure(
        OutcomeKind::kOutputLimit,
        fmt::format("the function's last line is longer than the result limit of {} bytes",
                    end.limits.result_bytes));
  }
  Result<nlohmann::json> json = parse_json(line.text);
  if (!json.ok() || !json->is_structured()) {
    return failure(
        OutcomeKind::kNoResult,
        fmt::format("the function printed no JSON object or array as its last line; "
                    "it printed \"{}\"{}",
                    quote(line.text), json.ok() ? "" : fmt::format(" ({})", json.error().message)));
  }
  Outcome outcome;
  outcome.kind = OutcomeKind::kSuccess;
  outcome.result = line.text;
  return outcome;
}

}  // namespace

Outcome failure(OutcomeKind kind, std::string message) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.message = std::move(message);
  return outcome;
}

std::optional<Outcome> failure_of(const EndOfCall& end, const OutputCapture& output) {
  if (output.is_over_limit()) {
    return failure(OutcomeKind::kOutputLimit,
                   fmt::format("the function was stopped because it wrote more than {} bytes",
                               end.limits.output_bytes));
  }
  if (auto* trap = std::get_if<runtime::Trap>(&end.result)) return outcome_of_trap(*trap, end);
  if (auto* exit = std::get_if<runtime::Exit>(&end.result); exit && exit->code != 0) {
    Outcome outcome =
        failure(OutcomeKind::kExit, fmt::format("the function exited with code {}", exit->code));
    outcome.exit_code = exit->code;
    return outcome;
  }
  return std::nullopt;
}

const char* name_of(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::kSuccess: return "success";
    case OutcomeKind::kExit: return "exit";
    case OutcomeKind::kTrap: return "trap";
    case OutcomeKind::kTimeout: return "timeout";
    case OutcomeKind::kCpuLimit: return "cpu limit";
    case OutcomeKind::kNoResult: return "no result";
    case OutcomeKind::kOutputLimit: return "output limit";
    case OutcomeKind::kBadEvent: return "bad event";
    case OutcomeKind::kClientGone: return "client gone";
    case OutcomeKind::kInternal: return "internal";
  }
  return "internal";
}

Outcome outcome_of(const EndOfCall& end, OutputCapture& output) {
  output.finish();
  std::optional<Outcome> failed = failure_of(end, output);
  Outcome outcome = failed ? std::move(*failed) : outcome_of_output(end, output);
  if (outcome.kind != OutcomeKind::kSuccess) output.log_last_line();
  return outcome;
}

}  // namespace wherry::function
