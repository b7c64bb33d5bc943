// compile(): a WebAssembly module to a `.wherry` artifact, through LLVM. The only room that sees
// LLVM.
//
// The same bytes and options give the same artifact, however many threads there are: the module is
// cut into chunks by size, each chunk is compiled on its own, and the linker sees them in order.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/cpu.h"
#include "base/result.h"
#include "wasm/features.h"

namespace wherry::compile {

struct CompileOptions {
  CpuLevel cpu = kPortableCpuLevel;
  wasm::Features features = wasm::Features::standard();
  unsigned threads = 0;        // 0: one per core
  std::string work_directory;  // for the linker's input and output; empty: a temporary one
  std::string dump_ir;  // a directory for each chunk's IR before and after optimization, or empty
};

struct CompileStatistics {
  uint64_t functions = 0;
  uint64_t chunks = 0;
  double validate_s = 0;   // wall time
  double translate_s = 0;  // thread time, summed over chunks; likewise below
  double optimize_s = 0;
  double generate_s = 0;
  double link_s = 0;  // wall time
};

// Decodes, validates and compiles. Errors: kInvalid with the offset, kUnsupported with the
// feature's name, kLimit. `statistics` may be null.
Result<ByteVector> compile(Bytes module, const CompileOptions& options,
                           CompileStatistics* statistics = nullptr);

// "wherry 0.1.0, LLVM 22.1.8".
std::string producer();

}  // namespace wherry::compile
