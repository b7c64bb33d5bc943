// Indices of 32 bits that are kept as the 64 bits of an address.
#pragma once

namespace llvm {
class Pass;
}

namespace wherry::compile {

// A pass to run right before instruction selection. An address is base + zext(i32), and where the
// i32 is a phi, the processor needs an instruction for the zext: what the phi's values left in the
// upper half, selection does not know, which looks at a block at a time. Where each value comes
// from an instruction that clears the upper half anyway, the phi is made one of 64 bits, of zexts
// that cost nothing; everything else takes its lower half, which costs nothing either. Values stay
// the same, and the address what it was. Owned by the pass manager.
llvm::Pass* create_wide_phis_pass();

}  // namespace wherry::compile
