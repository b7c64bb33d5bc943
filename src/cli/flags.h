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
#include "base/log.h"
#include "base/result.h"
#include "bench/workload.h"
#include "contract/profile.h"
#include "function/function.h"
#include "snapshot/initialization_world.h"
#include "wasm/features.h"

namespace wherry::cli {

enum class Program { kWherry, kWherryHost };

// How a verb's modules are to be compiled.
struct CompilerFlags {
  std::optional<contract::Profile> profile;  // nothing: what serves the verb
  wasm::Features features = wasm::Features::standard();
  bool background = true;  // release code may be made while dev code runs
};

struct RunFlags {
  std::string module;
  std::vector<std::string> arguments;
  std::vector<function::Directory> directories;
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

struct PackFlags {
  std::string function;  // a module, a manifest, or a directory with one
  std::string name;      // which, if there are several
  std::string targets;   // with commas between them, or `all`
  std::string output;
  CpuLevel cpu = kPortableCpuLevel;
  CompilerFlags compiler;
};

struct VerifyFlags {
  std::string function;  // as PackFlags'
  std::string name;
  std::string events;           // a directory; empty: those of our own
  std::string targets = "all";  // with commas between them
  std::string workerd;          // path; empty: looked for in PATH
  std::string html;             // a file to write
  bool json = false;
  CompilerFlags compiler;
};

// `what` and what follows it: a suite's name or file, a module with its arguments, `engines`,
// `compare FIRST SECOND`, or `render RESULTS`.
struct BenchFlags {
  std::string what;
  std::vector<std::string> words;
  bench::Mode mode = bench::Mode::kStandard;
  std::string output;   // a directory; empty: one named after the suite and the time
  std::string engines;  // with commas between them; empty: all
  std::vector<std::string> engine_files;
  std::string only;  // a regular expression of workloads' names; empty: all
  std::optional<unsigned> rounds;
  std::optional<std::chrono::milliseconds> timeout;
  std::string input;   // of a module: a file for standard input
  std::string source;  // of a module: what native engines compile
  bool vectors = false;
  bool platforms = true;             // of a suite with a function
  bool json = false;                 // engines, compare
  std::vector<std::string> command;  // as it was typed, behind `wherry`
};

struct InspectFlags {
  std::string file;
  bool json = false;
};

// What `invoke` and `serve` let functions have that no manifest describes.
struct FunctionFlags {
  std::map<std::string, std::string> environment;
  std::vector<function::Directory> directories;
  std::chrono::milliseconds timeout{60'000};
  uint64_t memory_mib = 256;
  std::optional<function::Abi> abi;  // nothing: as the module or the manifest says
  CompilerFlags compiler;
};

struct InvokeFlags {
  std::string function;  // a module, a manifest, or a directory with one
  std::string name;      // which, if there are several
  FunctionFlags options;
  std::string signature;  // of an export
  std::string json;       // a JSON text, @FILE or -; empty: {}
  std::vector<std::pair<std::string, std::string>> parameters;  // over those of `json`
  // For functions that speak HTTP.
  std::string method, path, body;  // `body`: a text, @FILE or -
  std::vector<std::pair<std::string, std::string>> headers;
  bool include_head = false;  // print status and headers, too
};

struct ServeFlags {
  std::vector<std::string> functions;  // modules, manifests, directories; none: an action container
  std::string config;                  // a manifest with [server]; empty: none
  FunctionFlags options;
  std::optional<std::string> listen;
  std::optional<std::string> admin;  // `none`: no address for operators
  unsigned workers = 0;
  std::optional<LogFormat> log_format;
  bool plain_log = false;  // what functions print, as it is
  std::optional<LogLevel> log_level;
  bool reload = true;
  bool quiet = false;
};

// What the operators' verbs ask, and whom.
struct OperatorFlags {
  std::string server;  // as --admin or --listen of the server; empty: the default
  std::string function;
  bool json = false;
  bool follow = false;  // logs
  bool once = false;    // top
};
struct FunctionsFlags : OperatorFlags {};
struct LogsFlags : OperatorFlags {};
struct TopFlags : OperatorFlags {};

struct DoctorFlags {
  std::vector<std::string> functions;
  bool json = false;
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
                                 InvokeFlags, ServeFlags, PackFlags, VerifyFlags, BenchFlags,
                                 CacheFlags, FunctionsFlags, LogsFlags, TopFlags, DoctorFlags>;

// `arguments` without the program's name. Errors are kInvalid, with the help to look at as hint.
Result<CommandLine> parse_command_line(Program program, std::span<const char* const> arguments);

// How the verb's modules are to be compiled.
CompilerFlags compiler_flags_of(const CommandLine& line);

}  // namespace wherry::cli
