// Where loops start, for LLVM's code generator.
#pragma once

namespace llvm {
class Pass;
}

namespace wherry::compile {

// A pass to run behind block placement. Of the blocks that placement chose to align, those that
// head an innermost loop without calls start on a cache line; the others keep their 16 bytes, so
// that a small function which loops over calls to itself stays on one line. Owned by the pass
// manager.
llvm::Pass* create_loop_alignment_pass();

}  // namespace wherry::compile
