#include "script.h"

#include <fmt/core.h>
#include <sys/mman.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "suite_features.h"
#include "values.h"
#include "wasm/decode.h"
#include "wasm/validate.h"

namespace wherry::spec {

using json = nlohmann::json;
using runtime::CallResult;
using runtime::Trap;

Script::Script(std::string directory, std::string name, std::vector<SkipRule> rules,
               compile::CompileOptions options)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      rules_(std::move(rules)),
      options_(std::move(options)) {
  options_.features = wasm::features_of_suite(directory_);
}

void Script::fail(const std::string& why) {
  constexpr int kPrinted = 20;
  if (++counts_.failed <= kPrinted) fmt::print("{}.wast:{}: {}\n", name_, line_, why);
}

Result<Counts> Script::run() {
  ByteVector text = TRY(read_file(directory_ + "/" + name_ + ".json", UINT64_MAX));
  json script = json::parse(text);
  store_ = TRY(runtime::Store::create());
  linker_ = TRY(Linker::create(*store_));
  for (const json& command : script["commands"]) {
    line_ = command["line"];
    run_command(command);
  }
  for (const SkipRule& rule : rules_) {
    const int skipped = counts_.skipped[rule.reason];
    if (skipped == rule.count) continue;
    fail(fmt::format("{} commands are skipped ({}), and the list says {}", skipped, rule.reason,
                     rule.count));
  }
  return counts_;
}

void Script::run_command(const json& command) {
  std::string type = command["type"];
  bool is_text =
      command.value("module_type", "binary") == "text" && !command.contains("binary_filename");
  if (is_text) {
    counts_.skipped["text format"]++;
  } else if (type == "module") {
    define_module(command);
  } else if (type == "register") {
    if (runtime::Instance* instance = instance_for(command)) {
      linker_->register_instance(command["as"], instance);
    }
  } else if (type == "action" || type == "assert_return") {
    check_return(command);
  } else if (type == "module_definition") {
    define_module(command);
  } else if (type == "module_instance") {
    define_instance(command);
  } else if (type == "assert_exception") {
    check_exception(command);
  } else if (type == "assert_trap" || type == "assert_exhaustion") {
    check_trap(command);
  } else if (type == "assert_invalid" || type == "assert_malformed") {
    check_rejected(command);
  } else if (type == "assert_unlinkable" || type == "assert_uninstantiable") {
    check_not_instantiated(command);
  } else {
    fail("unknown command " + type);
  }
}

Result<Script::Compiled> Script::compile_module(const std::string& file) {
  ByteVector bytes = TRY(read_file(directory_ + "/" + file, UINT64_MAX));
  Result<ByteVector> compiled = compile::compile(bytes, options_);
  if (!compiled.ok()) {
    if (auto reason = skip_reason(compiled.error())) return Compiled{nullptr, *reason};
    return compiled.error();
  }
  FileDescriptor memory(::memfd_create("spec", MFD_CLOEXEC));
  TRY(write_all(memory.number(), *compiled, file));
  return Compiled{TRY(runtime::CompiledModule::load(memory.number(), file)), ""};
}

std::optional<std::string> Script::skip_reason(const Error& error) const {
  for (const SkipRule& rule : rules_) {
    if (error.message.find(rule.error) != std::string::npos) return rule.reason;
  }
  return std::nullopt;
}

void Script::define_module(const json& command) {
  const bool is_definition = command["type"] == "module_definition";
  current_ = nullptr;
  current_skip_.clear();
  std::string name = command.value("name", "");
  named_.erase(name);
  std::string file = command.value("binary_filename", command.value("filename", ""));
  Result<Compiled> compiled = compile_module(file);
  if (!compiled.ok()) return fail(file + ": " + compiled.error().message);
  if (!compiled->module) {
    counts_.skipped[compiled->skip_reason]++;
    current_skip_ = skipped_names_[name] = compiled->skip_reason;
    return;
  }
  if (is_definition) {
    definitions_[name] = compiled->module;
  } else {
    instantiate(file, compiled->module, name);
  }
}

void Script::define_instance(const json& command) {
  std::string definition = command["module"];
  current_ = nullptr;
  if (!definitions_.contains(definition)) return fail("its definition is missing");
  instantiate(definition, definitions_[definition], command["instance"]);
}

void Script::instantiate(const std::string& file,
                         std::shared_ptr<const runtime::CompiledModule> module,
                         const std::string& name) {
  auto instantiated = store_->instantiate(std::move(module), *linker_);
  if (!instantiated.ok()) return fail(file + ": " + instantiated.error().message);
  if (instantiated->stopped) return fail(file + ": stopped while starting");
  current_ = instantiated->instance;
  if (!name.empty()) named_[name] = current_;
}

runtime::Instance* Script::instance_for(const json& holder) {
  std::string name = holder.value("module", holder.value("name", ""));
  runtime::Instance* instance = name.empty() ? current_ : nullptr;
  if (auto found = named_.find(name); found != named_.end()) instance = found->second;
  if (instance) return instance;
  std::string skip = name.empty() ? current_skip_ : skipped_names_[name];
  if (skip.empty()) {
    fail("its module is missing");
  } else {
    counts_.skipped[skip]++;
  }
  return nullptr;
}

Result<CallResult> Script::act(runtime::Instance& instance, const json& action) {
  std::string field = action["field"];
  auto found = instance.find_export(field);
  if (!found) return make_error(ErrorKind::kNotFound, "no export {}", field);
  if (action["type"] == "get") {
    auto& global = std::get<runtime::Global>(*found);
    return CallResult(
        std::vector<runtime::Value>{{global.type.type, global.vm->low, global.vm->high}});
  }
  std::vector<runtime::Value> arguments;
  for (const json& argument : action["args"]) arguments.push_back(parse_value(argument));
  return store_->call(std::get<runtime::Func>(*found), arguments);
}

void Script::check_return(const json& command) {
  const json& action = command["action"];
  runtime::Instance* instance = instance_for(action);
  if (!instance) return;
  Result<CallResult> result = act(*instance, action);
  if (!result.ok()) return fail(result.error().message);
  if (auto* trap = std::get_if<Trap>(&*result)) return fail("trapped: " + trap->message());
  if (command["type"] == "action") return pass();
  const auto& values = std::get<std::vector<runtime::Value>>(*result);
  const json& expected = command["expected"];
  if (values.size() != expected.size()) return fail("wrong number of results");
  for (size_t i = 0; i < values.size(); i++) {
    if (!matches(expected[i], values[i])) {
      return fail(fmt::format("{}: expected {}, got {}", action["field"].dump(), expected[i].dump(),
                              describe(values[i])));
    }
  }
  pass();
}

namespace {

bool texts_match(std::string_view expected, std::string_view actual) {
  return actual.starts_with(expected) || expected.starts_with(actual);
}

}  // namespace

// The trap that the command's action ends with; nothing if it does not trap (and that is counted).
std::optional<Trap> Script::trap_of(const json& command) {
  const json& action = command["action"];
  runtime::Instance* instance = instance_for(action);
  if (!instance) return std::nullopt;
  Result<CallResult> result = act(*instance, action);
  if (!result.ok()) {
    fail(result.error().message);
    return std::nullopt;
  }
  if (auto* trap = std::get_if<Trap>(&*result)) return *trap;
  fail("did not trap: " + command.value("text", "an exception"));
  return std::nullopt;
}

void Script::check_trap(const json& command) {
  std::optional<Trap> trap = trap_of(command);
  if (!trap) return;
  std::string text = command["text"];
  if (!texts_match(text, trap->message())) {
    return fail(fmt::format("expected the trap \"{}\", got \"{}\"", text, trap->message()));
  }
  pass();
}

void Script::check_exception(const json& command) {
  std::optional<Trap> trap = trap_of(command);
  if (!trap) return;
  if (trap->code != contract::TrapCode::kUncaughtException) {
    return fail("trapped instead of throwing: " + trap->message());
  }
  pass();
}

// That the texts match is tests/wasm/corpus_test.cc's to check.
void Script::check_rejected(const json& command) {
  auto bytes = read_file(directory_ + "/" + command["filename"].get<std::string>(), UINT64_MAX);
  if (!bytes.ok()) return fail(bytes.error().message);
  auto module = wasm::decode(*bytes, options_.features);
  const Status status = module.ok() ? wasm::validate(*module) : Status(module.error());
  if (!status.ok()) {
    if (auto reason = skip_reason(status.error())) {
      counts_.skipped[*reason]++;
      return;
    }
  } else {
    return fail("was accepted: " + command["text"].get<std::string>());
  }
  pass();
}

void Script::check_not_instantiated(const json& command) {
  std::string file = command["filename"], text = command["text"];
  Result<Compiled> compiled = compile_module(file);
  if (!compiled.ok()) return fail(file + ": " + compiled.error().message);
  if (!compiled->module) {
    counts_.skipped[compiled->skip_reason]++;
    return;
  }
  auto instantiated = store_->instantiate(compiled->module, *linker_);
  std::string actual = "instantiated";
  if (!instantiated.ok()) {
    if (auto reason = skip_reason(instantiated.error())) {
      counts_.skipped[*reason]++;
      return;
    }
    actual = instantiated.error().message;
  } else if (instantiated->stopped) {
    if (auto* trap = std::get_if<Trap>(&*instantiated->stopped)) actual = trap->message();
  }
  if (!texts_match(text, actual)) {
    return fail(fmt::format("{}: expected \"{}\", got \"{}\"", file, text, actual));
  }
  pass();
}

}  // namespace wherry::spec
