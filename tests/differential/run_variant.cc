#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/files.h"
#include "engines.h"
#include "runtime/instance.h"
#include "runtime/watchdog.h"

namespace wherry::differential {
namespace {

using contract::TrapCode;
using runtime::Value;

constexpr auto kTimeForACall = std::chrono::milliseconds(300);
constexpr uint32_t kErrnoNosys = 52;

// What a module imports: run_node.mjs makes the same.
class World : public runtime::ImportResolver {
 public:
  World(runtime::Store& store, const wasm::Module& module, const Plan& plan)
      : store_(store), module_(module), plan_(plan) {}

  std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                         wasm::ExternKind kind,
                                         const wasm::FuncType* type) override {
    for (const wasm::Import& import : module_.imports) {
      if (import.module != module || import.name != name || import.kind != kind) continue;
      switch (kind) {
        case wasm::ExternKind::kFunc:
          return runtime::HostFunction{*type, function_for(module, name), new_binding(*type)};
        case wasm::ExternKind::kMemory: {
          auto memory = store_.create_memory(module_.memories[import.index].type);
          return memory.ok() ? std::optional<runtime::Extern>(*memory) : std::nullopt;
        }
        case wasm::ExternKind::kTable: {
          auto table = store_.create_table(module_.tables[import.index].type);
          return table.ok() ? std::optional<runtime::Extern>(*table) : std::nullopt;
        }
        case wasm::ExternKind::kGlobal: {
          wasm::GlobalType global = module_.globals[import.index].type;
          return store_.create_global(global, next_value(global.type));
        }
        case wasm::ExternKind::kTag: return std::nullopt;  // no host of ours has any
      }
    }
    return std::nullopt;
  }

 private:
  struct Binding {
    World* world;
    wasm::FuncType type;
  };

  Binding* new_binding(const wasm::FuncType& type) {
    bindings_.push_back(std::make_unique<Binding>(Binding{this, type}));
    return bindings_.back().get();
  }

  Value next_value(wasm::ValueType type) {
    uint64_t bits = plan_.import_values[turn_++ % plan_.import_values.size()];
    // Small whole numbers for floats: no NaN goes in.
    if (type == wasm::kI32) return {type, static_cast<uint32_t>(bits)};
    if (type == wasm::kF32) return Value::f32(static_cast<float>(bits & 0xffff));
    if (type == wasm::kF64) return Value::f64(static_cast<double>(bits & 0xffff));
    return type == wasm::kI64 ? Value{type, bits} : Value{type, 0};
  }

  static runtime::HostOutcome (*function_for(std::string_view module,
                                             std::string_view name))(const runtime::HostCall&) {
    if (module != "wasi_snapshot_preview1") return answer;
    return name == "proc_exit" ? exit : not_there;
  }
  static runtime::HostOutcome answer(const runtime::HostCall& call) {
    auto* binding = static_cast<Binding*>(call.environment);
    for (size_t i = 0; i < binding->type.results.size(); i++) {
      call.slots[i] = binding->world->next_value(binding->type.results[i]).bits;
    }
    return runtime::HostOutcome::kContinue;
  }
  static runtime::HostOutcome not_there(const runtime::HostCall& call) {
    call.slots[0] = kErrnoNosys;
    return runtime::HostOutcome::kContinue;
  }
  static runtime::HostOutcome exit(const runtime::HostCall& call) { return call.exit(1); }

  runtime::Store& store_;
  const wasm::Module& module_;
  const Plan& plan_;
  size_t turn_ = 0;
  std::vector<std::unique_ptr<Binding>> bindings_;
};

// Half bytes of any value, half letters. run_node.mjs does the same.
void fill(uint8_t* to, uint32_t bytes, uint32_t seed) {
  for (uint32_t i = 0; i < bytes; i++) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    to[i] = static_cast<uint8_t>(i & 64 ? 'a' + seed % 26 : seed >> 8);
  }
}

Value read_global(const runtime::Global& global) {
  Value value{global.type.type};
  std::memcpy(&value.bits, global.vm,
              global.type.type == wasm::kI32 || global.type.type == wasm::kF32 ? 4 : 8);
  return value;
}

class Runner {
 public:
  Runner(const wasm::Module& module, const Plan& plan,
         std::shared_ptr<const runtime::CompiledModule> compiled, runtime::Watchdog& watchdog)
      : module_(module), plan_(plan), compiled_(std::move(compiled)), watchdog_(watchdog) {}

  Result<std::vector<Outcome>> run(const Round& round) {
    auto store = TRY(runtime::Store::create());
    World world(*store, module_, plan_);
    auto made = TRY(store->instantiate(compiled_, world));
    if (made.stopped) return make_error(ErrorKind::kTrap, "cannot be instantiated");
    runtime::Instance& instance = *made.instance;
    if (auto initialize = instance.find_function("_initialize")) {
      if (call(*store, instance, *initialize, {}).kind != Outcome::Kind::kReturned) {
        return make_error(ErrorKind::kTrap, "_initialize does not return");
      }
    }
    if (round.fill_bytes > 0) {
      fill(instance.memory()->at(round.fill_at, round.fill_bytes), round.fill_bytes,
           round.fill_seed);
    }
    std::vector<Outcome> outcomes;
    for (const Call& planned : round.calls) {
      auto function = instance.find_function(planned.function);
      outcomes.push_back(call(*store, instance, function.value(), planned.arguments));
      if (ends_round(outcomes.back())) break;
    }
    return outcomes;
  }

 private:
  Outcome call(runtime::Store& store, runtime::Instance& instance, const runtime::Func& function,
               const std::vector<Value>& arguments) {
    auto deadline = std::chrono::steady_clock::now() + kTimeForACall;
    auto result = [&] {
      auto guard = watchdog_.watch(store, deadline);
      return store.call(function, arguments).value();
    }();
    store.clear_interrupt();
    Outcome outcome;
    if (auto* values = std::get_if<std::vector<Value>>(&result)) {
      outcome.results = *values;
    } else if (auto* trap = std::get_if<runtime::Trap>(&result)) {
      bool stopped =
          trap->code == TrapCode::kInterrupted || trap->code == TrapCode::kStackExhausted;
      outcome.kind = stopped ? Outcome::Kind::kStopped : Outcome::Kind::kTrapped;
      outcome.traps = {trap->code};
      outcome.text = "trap: " + trap->message();
    } else {
      outcome.kind = Outcome::Kind::kExited;
      outcome.text = "exit";
    }
    if (const runtime::Memory* memory = instance.memory()) {
      outcome.memory_is_known = true;
      outcome.memory_bytes = memory->size_bytes();
      outcome.memory_hash = hash_memory(memory->base(), memory->size_bytes());
    }
    for (const wasm::Export& item : module_.exports) {
      if (item.kind != wasm::ExternKind::kGlobal) continue;
      auto global = std::get<runtime::Global>(instance.find_export(item.name).value());
      if (global.type.type.is_numeric()) outcome.globals.push_back(read_global(global));
    }
    return outcome;
  }

  const wasm::Module& module_;
  const Plan& plan_;
  std::shared_ptr<const runtime::CompiledModule> compiled_;
  runtime::Watchdog& watchdog_;
};

}  // namespace

std::vector<Variant> variants() {
  std::vector<Variant> all(3);
  all[0].name = "release, x86-64-v3";
  all[0].options.cpu = CpuLevel::kV3;
  all[1].name = "release, x86-64-v2";
  all[1].options.cpu = CpuLevel::kV2;
  all[2].name = "dev, x86-64-v3";
  all[2].options.cpu = CpuLevel::kV3;
  all[2].options.profile = compile::Profile::kDev;
  return all;
}

Result<std::shared_ptr<const runtime::CompiledModule>> compile_variant(const Variant& variant,
                                                                       Bytes bytes) {
  ByteVector artifact = TRY(compile::compile(bytes, variant.options));
  FileDescriptor file(::memfd_create("artifact", MFD_CLOEXEC));
  TRY(write_all(file.number(), artifact, "artifact"));
  return runtime::CompiledModule::load(file.number(), "module.wherry");
}

Result<Outcomes> run_compiled(std::shared_ptr<const runtime::CompiledModule> compiled,
                              const wasm::Module& module, const Plan& plan) {
  auto watchdog = TRY(runtime::Watchdog::create());
  Runner runner(module, plan, std::move(compiled), *watchdog);
  Outcomes outcomes;
  for (const Round& round : plan.rounds) outcomes.push_back(TRY(runner.run(round)));
  return outcomes;
}

}  // namespace wherry::differential
