// Runs one file of the specification's test suite: compiles its modules, checks its assertions.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "compile/compile.h"
#include "runtime/instance.h"
#include "spectest.h"

namespace wherry::spec {

// Modules that may fail to compile, by the text of the error: what needs them is skipped,
// everything else in the file must pass. A rule says how many commands it skips; more or fewer (a
// skipped one that would pass now) is itself a failure.
struct SkipRule {
  std::string file;
  std::string error;
  std::string reason;
  int count = 0;
};

struct Counts {
  int passed = 0;
  int failed = 0;
  std::map<std::string, int> skipped;  // by reason
};

class Script {
 public:
  Script(std::string directory, std::string name, std::vector<SkipRule> rules,
         compile::CompileOptions options);

  // The counts; each failure is printed with its line.
  Result<Counts> run();

 private:
  enum class Outcome { kPass, kFail, kSkip };
  struct Compiled {
    std::shared_ptr<const runtime::CompiledModule> module;  // null if skipped
    std::string skip_reason;
  };

  void run_command(const nlohmann::json& command);
  void define_module(const nlohmann::json& command);
  void check_return(const nlohmann::json& command);
  std::optional<runtime::Trap> trap_of(const nlohmann::json& command);
  void check_trap(const nlohmann::json& command);
  void check_exception(const nlohmann::json& command);
  void define_instance(const nlohmann::json& command);
  void instantiate(const std::string& file, std::shared_ptr<const runtime::CompiledModule> module,
                   const std::string& name);
  // Why a module with this error may be skipped; nothing if no rule says so.
  std::optional<std::string> skip_reason(const Error& error) const;
  void check_rejected(const nlohmann::json& command);
  void check_not_instantiated(const nlohmann::json& command);

  Result<Compiled> compile_module(const std::string& file);
  // The module an action is about; null (and counted) if it is missing or skipped.
  runtime::Instance* instance_for(const nlohmann::json& holder);
  Result<runtime::CallResult> act(runtime::Instance& instance, const nlohmann::json& action);

  void pass() { counts_.passed++; }
  void fail(const std::string& why);

  std::string directory_, name_;
  std::vector<SkipRule> rules_;
  compile::CompileOptions options_;
  Counts counts_;
  int line_ = 0;

  std::unique_ptr<runtime::Store> store_;
  std::unique_ptr<Linker> linker_;
  std::map<std::string, runtime::Instance*> named_;
  std::map<std::string, std::string> skipped_names_;
  std::map<std::string, std::shared_ptr<const runtime::CompiledModule>> definitions_;
  runtime::Instance* current_ = nullptr;
  std::string current_skip_;  // why `current_` is null, if it was skipped
};

}  // namespace wherry::spec
