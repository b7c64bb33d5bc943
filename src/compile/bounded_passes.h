// Keeps LLVM's passes from taking a time that has nothing to do with a function's size.
#pragma once

#include <llvm/IR/PassInstrumentation.h>
#include <llvm/IR/PassManager.h>

namespace llvm {
class Module;
}  // namespace llvm

namespace wherry::compile {

// Leaves out passes for functions of a shape that they take too long for. By what is to be seen of
// the function, not by a clock: the same module gives the same code everywhere.
void bound_passes(llvm::PassInstrumentationCallbacks& callbacks);

// What Effort::kCheap runs: each is linear in a function's size, and all together give most of what
// a large function has to gain.
llvm::ModulePassManager cheap_passes();

// For code that nothing optimizes: LLVM's fast register allocator takes the square of a block's
// length.
void cut_long_blocks(llvm::Module& module);

}  // namespace wherry::compile
