// Addresses a constant away from an address that was accessed before.
#pragma once

namespace llvm {
class PassBuilder;
}

namespace wherry::compile {

// Where an access at base + zext(y + C0) dominates one at base + zext(y + C), the latter becomes
// base + zext(y + C0) + (C - C0): one addition of 32 bits less, and neighbours that LLVM's
// vectorizers see as such. Takes its places in the builder's pipelines.
void register_relative_addresses_pass(llvm::PassBuilder& builder);

}  // namespace wherry::compile
