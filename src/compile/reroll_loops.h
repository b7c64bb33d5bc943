// Undoes the unrolling that producers of WebAssembly do.
#pragma once

namespace llvm {
class PassBuilder;
}

namespace wherry::compile {

// A body that is N times the same step becomes that step, and the loop N times as long: the
// vectorizer and the unroller know this machine, the producer did not. Takes an early place in the
// builder's pipelines.
void register_reroll_pass(llvm::PassBuilder& builder);

}  // namespace wherry::compile
