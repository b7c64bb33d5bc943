// What tells the end of a loop, for LLVM's code generator.
#pragma once

namespace llvm {
class Pass;
}

namespace wherry::compile {

// A pass to run behind loop strength reduction, which gets along with few registers and adds in
// every round instead: `i + distance + 1 != bound`, where i and the bound have come to be of
// different things. Here the round has `i != bound - distance - 1`, and the loop's entry the rest.
// Owned by the pass manager.
llvm::Pass* create_loop_ends_pass();

}  // namespace wherry::compile
