// The command line, parsed: one struct a verb. flags.cc holds the one table of verbs and flags and
// is the only file that sees CLI11.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/cpu.h"
#include "base/result.h"
#include "contract/profile.h"
#include "snapshot/initialization_world.h"
#include "wasm/features.h"

namespace wherry::cli {

enum class Program { kWherry, kWherryHost };

struct Directory {
  std::string host;
  std::string guest;
  bool read_only = false;
};

// How a verb's modules are to be compiled.
struct CompilerFlags {
  std::optional<contract::Profile> profile;  // nothing: what serves the verb
  wasm::Features features = wasm::Features::standard();
  bool background = true;  // release code may be made while dev code runs
};

struct RunFlags {
  std::string module;
  std::vector<std::string> arguments;
  std::vector<Directory> directories;
  std::map<std::string, std::string> environment;
  std::optional<std::chrono::milliseconds> timeout;
  CompilerFlags compiler;
};

struct CompileFlags {
  std::string module;
  std::string output;
  std::optional<CpuLevel> cpu;
  CompilerFlags compiler;
  bool timings = false;
  bool initialize = false;
  std::vector<snapshot::Kept> allowed;  // only with `initialize`
};

struct InitializeFlags {
  std::string module;
  std::string output;
  std::vector<snapshot::Kept> allowed;
  wasm::Features features = wasm::Features::standard();
};

struct InspectFlags {
  std::string file;
  bool json = false;
};

// What `invoke` and `serve` let a function have.
struct FunctionFlags {
  std::string function;  // empty: serve an empty action container
  std::map<std::string, std::string> environment;
  std::chrono::milliseconds timeout{60'000};
  uint64_t memory_mib = 256;
  CompilerFlags compiler;
};

struct InvokeFlags {
  FunctionFlags function;
  std::string json;  // a JSON text, @FILE or -; empty: {}
  std::vector<std::pair<std::string, std::string>> parameters;  // over those of `json`
};

struct ServeFlags {
  FunctionFlags function;
  std::string listen = "127.0.0.1:8080";
  unsigned workers = 0;
  bool quiet = false;
};

struct CacheFlags {
  bool clear = false;
  bool json = false;
};

// A text to print on standard output and be done: help or version.
struct Text {
  std::string text;
};

using CommandLine = std::variant<Text, RunFlags, CompileFlags, InitializeFlags, InspectFlags,
                                 InvokeFlags, ServeFlags, CacheFlags>;

// `arguments` without the program's name. Errors are kInvalid, with the help to look at as hint.
Result<CommandLine> parse_command_line(Program program, std::span<const char* const> arguments);

// How the verb's modules are to be compiled.
CompilerFlags compiler_flags_of(const CommandLine& line);

}  // namespace wherry::cli
