// The engines that are compared: a table of how each is found, what it says of itself, and the
// commands that make something to run of a program and run it. engines.json is the built-in one;
// people add theirs in a file of the same form (docs/bench.md).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "bench/process.h"

namespace wherry::bench {

// Commands as the table has them: words with placeholders `{name}`. A word that is nothing but
// `{arguments}` or `{flags}` stands for as many words as there are.
struct Engine {
  std::string name;
  std::string title;  // for people
  std::string kind;   // "native", "ahead of time", "just in time", "interpreter"
  std::string get;    // how to install it
  // Placeholder → names of programs, of which the first that is installed is taken.
  std::map<std::string, std::vector<std::string>> programs;
  Command version;               // what it prints first is its version
  std::vector<Command> prepare;  // their time is compile time
  Command run;
  // Of the source languages it compiles itself, "c", "c++" or "rust"; none: it runs modules.
  std::vector<std::string> languages;
  bool takes_vectors = true;  // modules with SIMD instructions

  bool is_native() const { return !languages.empty(); }
};

// An engine as it is on this machine.
struct FoundEngine {
  Engine engine;
  std::map<std::string, std::string> paths;  // of its programs
  std::string version;                       // empty: it is not installed
  std::string missing;                       // then: why

  bool is_installed() const { return !version.empty(); }
};

// Compilers make a module of a source: `languages` are what they take, `run` is the command.
struct EngineTable {
  std::vector<Engine> engines, compilers;

  // More behind these; one of the same name takes the place of the one before.
  void merge(EngineTable more);
};

// Reads a table: `{"engines": [{…}], "compilers": [{…}]}`, either of which may be left out. Errors
// are kInvalid and name the engine and the key.
Result<EngineTable> parse_engines(std::string_view text);
nlohmann::ordered_json to_json(const Engine& engine);

struct EngineSearch {
  std::vector<std::string> directories;  // where programs are looked for, in this order
  std::string scratch;                   // a directory for files
};

// Looks for its programs and asks for its version.
Result<FoundEngine> find_engine(const Engine& engine, const EngineSearch& search,
                                Interrupts& interrupts);

// The first that takes the source language, of those that are installed if there is one; nullptr if
// none takes it.
const FoundEngine* find_for_language(const std::vector<FoundEngine>& engines,
                                     std::string_view language);

// What placeholders stand for.
struct Substitutions {
  std::map<std::string, std::string> words;
  std::map<std::string, std::vector<std::string>> lists;
};
// kInvalid if a placeholder stands for nothing.
Result<Command> substituted(const Command& command, const Substitutions& substitutions);

}  // namespace wherry::bench
