// From IR to an object file: the optimization pipeline and instruction selection.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/cpu.h"
#include "base/result.h"
#include "compile/plan.h"

namespace llvm {
class Module;
class TargetMachine;
}  // namespace llvm

namespace wherry::compile {

struct RecordedLines;

// One per thread: LLVM's target machines are not shared.
class CodeGenerator {
 public:
  static Result<std::unique_ptr<CodeGenerator>> create(CpuLevel cpu, Effort effort);
  ~CodeGenerator();

  // Sets triple and data layout; call it before building IR that depends on sizes.
  void prepare(llvm::Module& module) const;
  // Both change the module; generate() consumes it as far as reuse goes. `addresses_do_not_wrap`:
  // Plan's.
  Status optimize(llvm::Module& module, bool addresses_do_not_wrap) const;
  // Writes down where the code comes from, in `lines` and a section of the object, unless null.
  Result<ByteVector> generate(llvm::Module& module, RecordedLines* lines) const;

 private:
  CodeGenerator(std::unique_ptr<llvm::TargetMachine> machine, Effort effort);

  std::unique_ptr<llvm::TargetMachine> machine_;
  Effort effort_;
};

}  // namespace wherry::compile
