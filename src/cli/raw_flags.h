// The command line between the library that splits it (flags.cc) and the verbs' structs: words as
// they were given, and what makes flags of them (raw_flags.cc).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/flags.h"

namespace wherry::cli {

// Flags as CLI11 stores them; finish() makes the public structs of them.
struct Raw {
  std::vector<std::string> modules, directories, environment, parameters, headers, enabled,
      disabled, allowed, engine_files, behind_mark;
  std::string module, output, cpu, profile, json_text, abi, signature, name, method, path, body,
      listen, admin, config, targets, events, workerd, html, log_format, log_level, server, engines,
      only, input, source;
  bool json = false, quiet = false, timings = false, version = false, no_background = false,
       clear = false, initialize = false, include_head = false, no_reload = false, follow = false,
       once = false, quick = false, full = false, vectors = false, no_platforms = false;
  uint64_t timeout_ms = 0, memory_mib = 256;
  unsigned workers = 0, rounds = 0;
};

// `program` is for hints. Errors are kInvalid.
Result<CommandLine> finish_run(const Raw& raw, std::vector<std::string> words,
                               const std::string& program);
Result<CommandLine> finish_compile(const Raw& raw);
Result<CommandLine> finish_initialize(const Raw& raw);
Result<CommandLine> finish_invoke(const Raw& raw);
Result<CommandLine> finish_serve(const Raw& raw);
Result<CommandLine> finish_pack(const Raw& raw);
Result<CommandLine> finish_verify(const Raw& raw);
Result<CommandLine> finish_bench(const Raw& raw, std::span<const char* const> arguments);
OperatorFlags operator_flags(const Raw& raw);

}  // namespace wherry::cli
