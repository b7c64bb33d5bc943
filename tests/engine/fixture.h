// Hand-built modules, compiled, linked to each other and called: what tests of the engine share.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "compile/compile.h"
#include "modules.h"
#include "runtime/instance.h"

namespace wherry::test {

// A few words for writing code down in bytes.
inline ByteVector bytes(std::initializer_list<uint8_t> values) { return values; }
inline ByteVector op(std::string_view name) { return opcode(name); }
inline ByteVector op(std::string_view name, uint64_t immediate) {
  return opcode(name) + leb(immediate);
}
// A constant that is not negative: the format's numbers are signed here.
inline ByteVector i32(uint64_t value) {
  ByteVector out = op("i32.const", value);
  if (out.back() & 0x40) {
    out.back() |= 0x80;
    out.push_back(0);
  }
  return out;
}
inline ByteVector exported(std::string_view name, uint8_t kind, uint8_t index) {
  return text(name) + bytes({kind, index});
}

// The profile that the tests run in: ctest runs them once in each.
inline compile::CompileOptions engine_options() {
  const char* name = std::getenv("WHERRY_TEST_PROFILE");
  compile::CompileOptions options{.threads = 1};
  options.profile = contract::parse_profile(name ? name : "release").value();
  options.features = wasm::Features::all();
  return options;
}

inline std::shared_ptr<const runtime::CompiledModule> compiled(const ByteVector& module) {
  auto artifact = compile::compile(module, engine_options());
  if (!artifact.ok()) {
    ADD_FAILURE() << artifact.error().message;
    return nullptr;
  }
  FileDescriptor file(::memfd_create("artifact", MFD_CLOEXEC));
  EXPECT_TRUE(write_all(file.number(), *artifact, "artifact").ok());
  return runtime::CompiledModule::load(file.number(), "test.wherry").value();
}

// A store, and what instances in it may import by `module.name`.
class World : public runtime::ImportResolver {
 public:
  explicit World(runtime::StoreOptions options = {})
      : store_(runtime::Store::create(options).value()) {}

  runtime::Store& store() { return *store_; }
  void define(const std::string& name, runtime::Extern what) {
    externs_.insert_or_assign(name, std::move(what));
  }

  std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                         wasm::ExternKind, const wasm::FuncType*) override {
    auto found = externs_.find(std::string(module) + "." + std::string(name));
    if (found == externs_.end()) return std::nullopt;
    return found->second;
  }

  // An instance whose exports others may import under this name.
  runtime::Instance* instantiate(const std::string& name, const ByteVector& module) {
    auto code = compiled(module);
    if (!code) return nullptr;
    auto made = store_->instantiate(code, *this);
    if (!made.ok()) {
      ADD_FAILURE() << made.error().message;
      return nullptr;
    }
    EXPECT_FALSE(made->stopped.has_value());
    for (const artifact::ExportRecord& e : code->artifact().exports()) {
      std::string export_name(code->artifact().string(e.name));
      define(name + "." + export_name, *made->instance->find_export(export_name));
    }
    return made->instance;
  }

  runtime::CallResult call(runtime::Instance* instance, std::string_view name,
                           std::vector<runtime::Value> arguments = {}) {
    auto function = instance->find_function(name);
    if (!function) {
      ADD_FAILURE() << "no function " << name;
      return runtime::Trap{};
    }
    return store_->call(*function, arguments).value();
  }
  // The bits of the only result.
  uint64_t result(runtime::Instance* instance, std::string_view name,
                  std::vector<runtime::Value> arguments = {}) {
    runtime::CallResult result = call(instance, name, std::move(arguments));
    if (auto* trap = std::get_if<runtime::Trap>(&result)) {
      ADD_FAILURE() << name << " trapped: " << trap->message();
      return ~uint64_t{0};
    }
    return std::get<std::vector<runtime::Value>>(result).at(0).bits;
  }
  runtime::Trap trap(runtime::Instance* instance, std::string_view name,
                     std::vector<runtime::Value> arguments = {}) {
    runtime::CallResult result = call(instance, name, std::move(arguments));
    if (auto* trap = std::get_if<runtime::Trap>(&result)) return *trap;
    ADD_FAILURE() << name << " did not trap";
    return {};
  }

 private:
  std::unique_ptr<runtime::Store> store_;
  std::map<std::string, runtime::Extern> externs_;
};

}  // namespace wherry::test
