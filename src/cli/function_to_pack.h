// A function as `pack` and `verify` take it: read, compiled and found to be sound.
#pragma once

#include <string>
#include <vector>

#include "base/cpu.h"
#include "base/result.h"
#include "cli/settings.h"
#include "pack/packer.h"
#include "wasm/features.h"

namespace wherry::cli {

struct GivenFunction {
  std::string path;  // a module, a manifest, or a directory with one
  std::string name;  // which, if there are several
  CpuLevel cpu = kPortableCpuLevel;
  wasm::Features features = wasm::Features::standard();
};

Result<pack::FunctionToPack> read_function_to_pack(const GivenFunction& given,
                                                   const Settings& settings);

// Names with commas between them, or `all`. `flag` is for messages.
Result<std::vector<const pack::TargetInfo*>> targets_of(const char* flag, const std::string& text);

}  // namespace wherry::cli
