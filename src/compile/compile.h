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
#include "contract/profile.h"
#include "wasm/features.h"

namespace wherry::compile {

using contract::Profile;

struct CompileOptions {
  CpuLevel cpu = kPortableCpuLevel;
  Profile profile = Profile::kRelease;
  wasm::Features features = wasm::Features::standard();
  unsigned threads = 0;        // 0: one per core
  std::string work_directory;  // for the linker's input and output; empty: a temporary one
  std::string dump_ir;  // a directory for each chunk's IR before and after optimization, or empty
};

struct CompileStatistics {
  // What is optimized and generated in one go, by one thread: its time is more than any function's
  // in it.
  struct Chunk {
    double seconds = 0;  // CPU time
    uint64_t functions = 0;
    uint32_t largest = 0;  // index of the function with the longest body
    uint64_t largest_bytes = 0;
    std::string largest_name;  // from the name section, or empty
  };

  // Of all threads together: where they work at the same time, more than has passed on the wall.
  struct Phase {
    double cpu_s = 0;
    double wall_s = 0;

    Phase& operator+=(const Phase& other) {
      cpu_s += other.cpu_s;
      wall_s += other.wall_s;
      return *this;
    }
  };

  uint64_t module_bytes = 0;
  uint64_t functions = 0;
  uint64_t chunks = 0;
  uint64_t threads = 0;
  Phase validate;  // and decode
  Phase lines;     // reading DWARF and writing the line table
  Phase plan;
  Phase translate, optimize, generate;
  double functions_wall_s = 0;  // of these three, on all threads at once
  Phase link;
  Phase seal;
  Chunk slowest;
};

// Decodes, validates and compiles. Errors: kInvalid with the offset, kUnsupported with the
// feature's name, kLimit. `statistics` may be null.
Result<ByteVector> compile(Bytes module, const CompileOptions& options,
                           CompileStatistics* statistics = nullptr);

// "wherry 0.1.0, LLVM 22.1.8".
std::string producer();

}  // namespace wherry::compile
