#include "function/outcome.h"

#include <gtest/gtest.h>

namespace wherry::function {
namespace {

const runtime::CallResult kReturned = std::vector<runtime::Value>{};

Outcome outcome_for(const runtime::CallResult& result, std::string_view printed,
                    const FunctionLimits& limits = {}, bool deadline_was_earlier = false) {
  OutputCapture output(limits);
  output.write(false, as_bytes(printed));
  Outcome outcome = outcome_of({result, limits, deadline_was_earlier}, output);
  outcome.log = output.take_log();
  return outcome;
}

runtime::Trap trap_of(contract::TrapCode code) {
  runtime::Trap trap;
  trap.code = code;
  return trap;
}

TEST(Outcome, IsTheLastLineIfItIsAnObjectOrAnArray) {
  Outcome object = outcome_for(kReturned, "hello\n{\"a\": 1.50}\n");
  EXPECT_EQ(object.kind, OutcomeKind::kSuccess);
  EXPECT_EQ(object.result, "{\"a\": 1.50}");
  EXPECT_EQ(object.log.size(), 1u);
  EXPECT_EQ(outcome_for(kReturned, "[1, 2]").kind, OutcomeKind::kSuccess);
  EXPECT_EQ(outcome_for(runtime::Exit{0}, "{}\n").kind, OutcomeKind::kSuccess);
}

TEST(Outcome, SaysWhatWasPrintedInsteadOfAResult) {
  Outcome outcome = outcome_for(kReturned, "hello\nworld\n");
  EXPECT_EQ(outcome.kind, OutcomeKind::kNoResult);
  EXPECT_NE(outcome.message.find("it printed \"world\""), std::string::npos) << outcome.message;
  EXPECT_EQ(outcome.log.size(), 2u);
  EXPECT_EQ(outcome_for(kReturned, "42\n").kind, OutcomeKind::kNoResult);
  EXPECT_EQ(outcome_for(kReturned, "\"text\"\n").kind, OutcomeKind::kNoResult);
  EXPECT_EQ(outcome_for(kReturned, "{}{}\n").kind, OutcomeKind::kNoResult);
  EXPECT_EQ(outcome_for(kReturned, "{\"a\":\"\xff\"}\n").kind, OutcomeKind::kNoResult);
  EXPECT_EQ(outcome_for(kReturned, "\n\n").message,
            "the function printed nothing; its last line must be a JSON object or array");
}

TEST(Outcome, RefusesAResultNestedWithoutEnd) {
  EXPECT_EQ(outcome_for(kReturned, std::string(100000, '[')).kind, OutcomeKind::kNoResult);
}

TEST(Outcome, ReportsAnExitCodeEvenWithAResult) {
  Outcome outcome = outcome_for(runtime::Exit{3}, "{}\n");
  EXPECT_EQ(outcome.kind, OutcomeKind::kExit);
  EXPECT_EQ(outcome.exit_code, 3u);
  EXPECT_EQ(outcome.message, "the function exited with code 3");
  EXPECT_EQ(outcome.result, "");
  EXPECT_EQ(outcome.log.size(), 1u);
}

TEST(Outcome, ReportsATrapByItsText) {
  Outcome outcome = outcome_for(trap_of(contract::TrapCode::kMemoryOutOfBounds), "");
  EXPECT_EQ(outcome.kind, OutcomeKind::kTrap);
  EXPECT_EQ(outcome.message, "the function trapped: out of bounds memory access");
}

TEST(Outcome, TellsItsOwnLimitFromTheEventsDeadline) {
  runtime::CallResult interrupted = trap_of(contract::TrapCode::kInterrupted);
  EXPECT_EQ(outcome_for(interrupted, "").message,
            "the function was stopped at its time limit of 60000 ms");
  Outcome earlier = outcome_for(interrupted, "", {}, true);
  EXPECT_EQ(earlier.kind, OutcomeKind::kTimeout);
  EXPECT_EQ(earlier.message, "the function was stopped at the deadline of its event");
}

TEST(Outcome, PutsTheOutputLimitBeforeTheTrapItCaused) {
  Outcome outcome =
      outcome_for(trap_of(contract::TrapCode::kHost), "12345678901", {.output_bytes = 10});
  EXPECT_EQ(outcome.kind, OutcomeKind::kOutputLimit);
  EXPECT_EQ(outcome.message, "the function was stopped because it wrote more than 10 bytes");
  EXPECT_EQ(outcome_for(kReturned, "[1,2,3]", {.result_bytes = 4}).kind, OutcomeKind::kOutputLimit);
}

}  // namespace
}  // namespace wherry::function
