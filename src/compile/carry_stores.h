// Loops that load what their previous round stored keep it in a register.
#pragma once

namespace llvm {
class PassBuilder;
}

namespace wherry::compile {

// Behind the pass that rolls loops up. For modules whose addresses do not wrap (contract/vm.h).
void register_carry_stores_pass(llvm::PassBuilder& builder);

}  // namespace wherry::compile
