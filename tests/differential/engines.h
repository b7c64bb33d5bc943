// The engines: ours, in several variants of the compiler, and Node's V8.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "compile/compile.h"
#include "outcome.h"
#include "plan.h"
#include "runtime/compiled_module.h"

namespace wherry::differential {

// By round and call; a round that was cut short has fewer outcomes than calls, and the last of them
// is kStopped.
using Outcomes = std::vector<std::vector<Outcome>>;

struct Variant {
  std::string name;
  compile::CompileOptions options;
};

// Ways to compile the same module that must not differ in what it does.
std::vector<Variant> variants();

Result<std::shared_ptr<const runtime::CompiledModule>> compile_variant(const Variant& variant,
                                                                       Bytes bytes);

// An error is a module that cannot be linked or initialized.
Result<Outcomes> run_compiled(std::shared_ptr<const runtime::CompiledModule> compiled,
                              const wasm::Module& module, const Plan& plan);

// Runs the rounds for JavaScript, at most `lengths[round]` calls of each; other rounds have no
// outcomes. `node` is the program, `script` run_node.mjs.
Result<Outcomes> run_node(const std::string& node, const std::string& script, Bytes bytes,
                          const wasm::Module& module, const Plan& plan,
                          const std::vector<size_t>& lengths);

}  // namespace wherry::differential
