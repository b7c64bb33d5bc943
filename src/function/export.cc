// The ABI of exported functions: arguments and result as JSON (signature.h, export_values.h).
//
// An invocation is a row of calls into the guest: `_initialize` if it is there, the allocator for
// each text among the arguments, then the function itself.
#include "function/abi.h"
#include "function/export_choice.h"
#include "function/export_values.h"
#include "function/guest_world.h"

namespace wherry::function {
namespace {

// A function of the module that can be called.
struct ExportCall {
  uint32_t function = 0;
  Lowering lowering;
};

struct AllocatorCall {
  uint32_t function = 0;
  bool is_realloc = false;
};

// What the ABI knows of a module. Immutable.
class ExportAdapter final : public Adapter {
 public:
  ExportAdapter(const artifact::Artifact& artifact, const FunctionOptions& options)
      : options_(options) {
    for (const artifact::ExportRecord& record : artifact.exports()) {
      if (record.kind != static_cast<uint32_t>(wasm::ExternKind::kFunc)) continue;
      exports_.push_back({artifact.string(record.name), artifact.type_of_function(record.index)});
      indices_.push_back(record.index);
    }
    has_memory_ = !artifact.memories().empty();
  }

  // Finds the function that is called where an event names none. If the module has several and the
  // options do not say which, all events have to.
  Status find_default() {
    Signature signature;
    if (!options_.signature.empty()) signature = TRY(parse_signature(options_.signature));
    auto chosen = choose_function(exports_, signature.function);
    if (!chosen.ok() && options_.signature.empty() &&
        chosen.error().kind != ErrorKind::kUnsupported) {
      why_no_default_ = chosen.error();
      return ok_status();
    }
    default_ = TRY(call_of(TRY(std::move(chosen)), std::move(signature)));
    return ok_status();
  }

  // The function that an event calls; `signature` is the event's.
  Result<ExportCall> call_for(const std::string& signature) const {
    if (signature.empty()) {
      if (default_) return *default_;
      return why_no_default_;
    }
    Signature parsed = TRY(parse_signature(signature));
    const bool is_name = !parsed.parameters && !parsed.results;
    if (is_name && default_ && default_->lowering.function == parsed.function) return *default_;
    ExportedFunction chosen = TRY(choose_function(exports_, parsed.function));
    if (is_of_the_runtime(chosen.name)) {
      return make_error(ErrorKind::kNotFound, "{} is no function for events", parsed.function);
    }
    return call_of(chosen, std::move(parsed));
  }

  std::optional<uint32_t> initialize() const {
    for (size_t i = 0; i < exports_.size(); i++) {
      if (exports_[i].name == "_initialize" && exports_[i].type == wasm::FuncType()) {
        return indices_[i];
      }
    }
    return {};
  }

  // Only to be asked if a call needs it.
  AllocatorCall allocator() const {
    const Allocator chosen = *choose_allocator(exports_);
    return {index_of(chosen.name), chosen.is_realloc};
  }

  Result<std::unique_ptr<Session>> make_session() const override;

 private:
  Result<ExportCall> call_of(const ExportedFunction& chosen, Signature signature) const {
    signature.function = chosen.name;
    ExportCall call{index_of(chosen.name), TRY(lower(signature, chosen.type))};
    if (call.lowering.needs_allocator()) TRY(choose_allocator(exports_));
    if (call.lowering.needs_memory() && !has_memory_) {
      return make_error(ErrorKind::kInvalid,
                        "the module has no memory, where strings and bytes would be");
    }
    return call;
  }

  uint32_t index_of(std::string_view name) const {
    for (size_t i = 0; i < exports_.size(); i++) {
      if (exports_[i].name == name) return indices_[i];
    }
    return 0;  // names come from exports_
  }

  const FunctionOptions& options_;
  std::vector<ExportedFunction> exports_;  // names are the artifact's
  std::vector<uint32_t> indices_;          // of these, as functions
  bool has_memory_ = false;
  std::optional<ExportCall> default_;
  Error why_no_default_;
};

class InstanceMemory final : public ExportMemory {
 public:
  explicit InstanceMemory(runtime::Memory* memory) : memory_(memory) {}
  uint8_t* at(uint32_t pointer, uint64_t length) override {
    return memory_ == nullptr ? nullptr : memory_->at(pointer, length);
  }
  uint64_t size() const override { return memory_ == nullptr ? 0 : memory_->size_bytes(); }

 private:
  runtime::Memory* memory_;
};

class ExportSession final : public Session {
 public:
  static Result<std::unique_ptr<Session>> create(const ExportAdapter& adapter,
                                                 const FunctionOptions& options) {
    std::unique_ptr<ExportSession> session(new ExportSession(adapter, options));
    session->guest_ = TRY(GuestWorld::create(options, {}));
    return std::unique_ptr<Session>(std::move(session));
  }

  Status begin(const Event& event, http::Exchange*) override {
    forget();
    call_ = TRY(adapter_.call_for(event.signature));
    placer_.emplace(TRY(read_arguments(event.parameters, call_.lowering)), call_.lowering);
    return guest_->set_event_environment(event.environment);
  }

  Result<std::optional<GuestCall>> next(runtime::Instance& instance,
                                        const std::vector<runtime::Value>* results) override {
    InstanceMemory memory(instance.memory());
    switch (last_) {
      case Last::kNone:
        last_ = Last::kInitialize;
        if (initialize_) return std::optional(GuestCall{initialize_->in(instance), {}});
        break;
      case Last::kInitialize: break;
      case Last::kAllocator:
        if (Status placed = placer_->place(results->at(0).as_i32(), memory); !placed.ok()) {
          failure_ = placed.error();
          return std::optional<GuestCall>();
        }
        break;
      case Last::kFunction: take_results(*results, memory); return std::optional<GuestCall>();
    }
    return std::optional(after_initializing(instance));
  }

  Outcome end(const EndOfCall& end) override {
    OutputCapture& output = guest_->output();
    output.finish();
    output.log_last_line();
    if (std::optional<Outcome> failed = failure_of(end, output)) return std::move(*failed);
    if (failure_) {
      const bool is_limit = failure_->kind == ErrorKind::kLimit;
      return failure(is_limit ? OutcomeKind::kOutputLimit : OutcomeKind::kNoResult,
                     failure_->message);
    }
    if (!result_) return failure(OutcomeKind::kNoResult, "the function exited without a result");
    Outcome outcome;
    outcome.kind = OutcomeKind::kSuccess;
    outcome.result = std::move(*result_);
    return outcome;
  }

  OutputCapture& output() override { return guest_->output(); }
  http::OutboundCall* awaited() const override { return guest_->fetches().awaited(); }

  bool renew() override {
    forget();
    return guest_->renew();
  }

  std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                         wasm::ExternKind kind,
                                         const wasm::FuncType* type) override {
    return guest_->resolve(module, name, kind, type);
  }
  void* host_environment() const override { return guest_->world().host_environment(); }

 private:
  ExportSession(const ExportAdapter& adapter, const FunctionOptions& options)
      : adapter_(adapter), options_(options), initialize_(adapter.initialize()) {}

  void forget() {
    last_ = Last::kNone;
    placer_.reset();
    failure_.reset();
    result_.reset();
  }

  // The allocator, as long as something is to be placed; then the function.
  GuestCall after_initializing(runtime::Instance& instance) {
    if (auto bytes = placer_->wanted_bytes()) {
      last_ = Last::kAllocator;
      return allocation(instance, *bytes);
    }
    last_ = Last::kFunction;
    return call_of(instance, call_.function, placer_->take_values());
  }

  GuestCall allocation(runtime::Instance& instance, uint32_t bytes) {
    const AllocatorCall allocator = adapter_.allocator();
    std::vector<runtime::Value> arguments;
    if (allocator.is_realloc) {
      for (uint32_t each : {0, 0, 1}) arguments.push_back(runtime::Value::i32(each));
    }
    arguments.push_back(runtime::Value::i32(bytes));
    return call_of(instance, allocator.function, std::move(arguments));
  }

  GuestCall call_of(runtime::Instance& instance, uint32_t function,
                    std::vector<runtime::Value> arguments) {
    function_ = instance.function(function);
    return {&*function_, std::move(arguments)};
  }

  void take_results(const std::vector<runtime::Value>& results, ExportMemory& memory) {
    auto text = read_results(results, placer_->result_pointer(), call_.lowering, memory,
                             options_.limits.result_bytes);
    if (text.ok()) {
      result_ = std::move(*text);
    } else {
      failure_ = text.error();
    }
  }

  const ExportAdapter& adapter_;
  const FunctionOptions& options_;
  std::optional<KeptFunction> initialize_;
  std::unique_ptr<GuestWorld> guest_;

  // Of the invocation under way.
  std::optional<runtime::Func> function_;  // called last, but for _initialize
  enum class Last : uint8_t { kNone, kInitialize, kAllocator, kFunction } last_ = Last::kNone;
  ExportCall call_;
  std::optional<ArgumentPlacer> placer_;
  std::optional<Error> failure_;  // the guest's
  std::optional<std::string> result_;
};

Result<std::unique_ptr<Session>> ExportAdapter::make_session() const {
  return ExportSession::create(*this, options_);
}

}  // namespace

AdapterResult make_export(const artifact::Artifact& artifact, const FunctionOptions& options) {
  auto adapter = std::make_unique<ExportAdapter>(artifact, options);
  TRY(adapter->find_default());
  return std::unique_ptr<Adapter>(std::move(adapter));
}

}  // namespace wherry::function
