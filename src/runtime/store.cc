#include "runtime/store.h"

#include <sched.h>

#include <utility>

#include "contract/slots.h"
#include "runtime/instance.h"
#include "runtime/store_state.h"
#include "runtime/thread.h"
#include "runtime/traps.h"
#include "runtime/unwind.h"

namespace wherry::runtime {

using contract::slots_of;
using contract::TrapCode;

HostOutcome HostCall::exit(uint32_t code) const {
  instance.store().state().stop_guest(Exit{code});
  return HostOutcome::kStop;
}

HostOutcome HostCall::trap(TrapCode code, std::string detail) const {
  instance.store().state().stop_guest(Trap{code, std::move(detail), {}, 0});
  return HostOutcome::kStop;
}

bool HostCall::may_suspend() const { return instance.store().state().may_suspend; }

Store::Store() : state_(std::make_unique<StoreState>()) { state_->stack.store = state_.get(); }

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::create(StoreOptions options, const CompiledModule* first) {
  std::unique_ptr<Store> store(new Store());
  store->state_->options = options;
  store->state_->table_budget = options.table_limit_elements;
  store->state_->memory_budget = options.memory_limit_bytes;
  store->state_->exceptions.set_limit(options.exception_limit_bytes);
  StoreState& state = *store->state_;
  SlotShape shape;
  if (first) shape = shape_of_instance(first->artifact(), options);
  shape.stack_bytes = options.stack_bytes;
  std::unique_ptr<Slot>& slot = first ? state.first_slot : state.stack_slot;
  slot = TRY(Slot::create(shape));
  state.first_module = first;
  state.guest_stack = slot->stack();
  return store;
}

namespace {

// Types are told apart by the first 64 bits of their digests, and different modules' types meet in
// a store: the digests must be equal, too, or calls through tables would not be safe.
Status identify_types(StoreState& state) {
  if (state.instances.size() < 2) return ok_status();
  for (; state.identified_instances < state.instances.size(); state.identified_instances++) {
    for (const artifact::FuncTypeRecord& type :
         state.instances[state.identified_instances]->module().artifact().types()) {
      auto known = state.type_identities.emplace(type.type_id, std::to_array(type.digest)).first;
      if (known->second != std::to_array(type.digest)) {
        return make_error(ErrorKind::kUnsupported,
                          "two function types of linked modules have the same identity {:016x}",
                          type.type_id);
      }
    }
  }
  return ok_status();
}

}  // namespace

Result<Store::Instantiated> Store::instantiate(std::shared_ptr<const CompiledModule> module,
                                               ImportResolver& imports) {
  Instance* instance = TRY(link(std::move(module), imports));
  return Instantiated{instance, TRY(start(*instance))};
}

Result<Instance*> Store::link(std::shared_ptr<const CompiledModule> module,
                              ImportResolver& imports) {
  // Kept whatever happens: memories and tables of the store may lie in its slot already.
  state_->instances.push_back(std::unique_ptr<Instance>(new Instance(*this, std::move(module))));
  Instance* instance = state_->instances.back().get();
  TRY(instance->link(imports));
  TRY(instance->allocate());
  state_->code.push_back(&instance->artifact_);
  TRY(identify_types(*state_));
  instance->initialize_globals();
  instance->initialize_tables();
  return instance;
}

Result<std::optional<std::variant<Trap, Exit>>> Store::start(Instance& instance) {
  std::optional<std::variant<Trap, Exit>> stopped;
  state_->has_moved |= thread_id() != state_->home_thread;  // initialization writes to memory
  TrapCode code = instance.tables_trap_;
  if (code == TrapCode::kNone) code = instance.initialize_memories();
  if (code != TrapCode::kNone) {
    state_->ended_badly = true;
    stopped = Trap{code, {}, {}, 0};
    return stopped;
  }
  uint32_t start = instance.artifact_.header().start;
  if (start == artifact::kNone) return stopped;
  CallResult result = TRY(call(instance.function(start), {}));
  if (auto* trap = std::get_if<Trap>(&result)) stopped = std::move(*trap);
  if (auto* exit = std::get_if<Exit>(&result)) stopped = *exit;
  return stopped;
}

namespace {

// Marks the store as running on this thread for interrupt() and the signal handlers.
class RunningCall {
 public:
  RunningCall(StoreState& state, bool may_suspend) : state_(state) {
    const int thread = thread_id();
    state.has_moved |= thread != state.home_thread;
    outer_may_suspend_ = std::exchange(state.may_suspend, may_suspend);
    outer_ = set_current_stack(&state.stack);
    if (state.call_depth++ == 0) state.running_thread.store(thread, std::memory_order_seq_cst);
  }
  ~RunningCall() {
    if (--state_.call_depth == 0) {
      state_.running_thread.store(0, std::memory_order_seq_cst);
      while (state_.interrupters.load(std::memory_order_seq_cst) != 0) ::sched_yield();
    }
    set_current_stack(outer_);
    state_.may_suspend = outer_may_suspend_;
  }

 private:
  StoreState& state_;
  StackState* outer_;
  bool outer_may_suspend_;
};

// Nested calls go on below where the guest stands.
uint8_t* stack_top(const StoreState& state) {
  if (!state.stack.guest_sp) return state.guest_stack.top();
  constexpr uintptr_t kStubFrameBytes = 64;
  auto below = reinterpret_cast<uintptr_t>(state.stack.guest_sp) - kStubFrameBytes;
  return reinterpret_cast<uint8_t*>(below & ~uintptr_t{15});
}

CallResult stopped(StoreState& state, TrapCode code) {
  if (code == TrapCode::kHost) {
    // A host function or builtin said how; its frame on the guest's stack is where to look.
    auto how = std::move(*state.stop);
    state.stop.reset();
    if (auto* exit = std::get_if<Exit>(&how)) return *exit;
    state.ended_badly = true;
    auto trap = std::get<Trap>(std::move(how));
    trap.frames = walk_stack(state, trap.omitted);
    return trap;
  }
  state.ended_badly = true;
  Trap trap{code, {}, {}, 0};
  if (code == TrapCode::kUncaughtException) trap.exception = state.exceptions.take_uncaught();
  trap.frames = walk_stack(state, trap.omitted);
  return trap;
}

}  // namespace

namespace {

// The arguments as compiled code takes them, with room for the results.
Status lay_out(const wasm::FuncType& type, const std::vector<Value>& arguments,
               std::vector<uint64_t>& slots) {
  bool fits = arguments.size() == type.params.size();
  for (size_t i = 0; fits && i < arguments.size(); i++) {
    wasm::ValueType given = arguments[i].type;
    given.nullable = given.nullable && arguments[i].bits == 0;
    fits = wasm::matches(given, type.params[i]);
  }
  if (!fits) {
    return make_error(ErrorKind::kInvalid, "the arguments do not fit a function of type {}",
                      name_of(type));
  }
  slots.resize(std::max(slots_of(type.params), slots_of(type.results)) + 1);
  size_t slot = 0;
  for (const Value& argument : arguments) {
    slots[slot++] = argument.bits;
    if (argument.type == wasm::kV128) slots[slot++] = argument.high;
  }
  return ok_status();
}

std::vector<Value> results_of(StoreState& state, const std::vector<wasm::ValueType>& types,
                              const std::vector<uint64_t>& slots) {
  std::vector<Value> results;
  results.reserve(types.size());
  size_t slot = 0;
  for (wasm::ValueType type : types) {
    Value value{type, slots[slot++]};
    if (type == wasm::kV128) value.high = slots[slot++];
    if (type == wasm::kI32 || type == wasm::kF32) value.bits = static_cast<uint32_t>(value.bits);
    state.exceptions.pin(value);
    results.push_back(value);
  }
  return results;
}

uint64_t enter(StoreState& state, const Func& function, uint64_t* slots, bool may_suspend) {
  RunningCall running(state, may_suspend);
  state.stack.stop = {};
  return wherry_enter(&state.stack, stack_top(state), function.ref->enter, function.ref->code,
                      function.ref->context, slots);
}

// What begin() and resume() make of the crossing code's answer.
std::optional<CallResult> progress(StoreState& state, uint64_t code) {
  if (code == kSuspended) return std::nullopt;
  if (code != 0) return stopped(state, static_cast<TrapCode>(code));
  return results_of(state, state.begun_results, state.begun_slots);
}

// Ends a guest that waits, with a backtrace from there.
CallResult interrupt_suspended(StoreState& state) {
  state.stack.guest_sp = std::exchange(state.stack.suspension.frame, nullptr);
  state.stop_guest(Trap{TrapCode::kInterrupted, {}, {}, 0});
  state.stack.guest_sp = nullptr;
  return stopped(state, TrapCode::kHost);
}

}  // namespace

Result<CallResult> Store::call(const Func& function, const std::vector<Value>& arguments) {
  if (is_suspended()) return make_error(ErrorKind::kInvalid, "the store's guest is suspended");
  std::vector<uint64_t> slots;
  TRY(lay_out(function.type, arguments, slots));
  TRY(prepare_thread_for_guests());
  uint64_t code = enter(*state_, function, slots.data(), false);
  if (code != 0) return stopped(*state_, static_cast<TrapCode>(code));
  return CallResult(results_of(*state_, function.type.results, slots));
}

Result<std::optional<CallResult>> Store::begin(const Func& function,
                                               const std::vector<Value>& arguments) {
  if (is_suspended() || state_->call_depth != 0) {
    return make_error(ErrorKind::kInvalid, "the store's guest is suspended or running");
  }
  TRY(lay_out(function.type, arguments, state_->begun_slots));
  TRY(prepare_thread_for_guests());
  state_->begun_results = function.type.results;
  return progress(*state_, enter(*state_, function, state_->begun_slots.data(), true));
}

Result<std::optional<CallResult>> Store::resume() {
  if (!is_suspended()) return make_error(ErrorKind::kInvalid, "the store's guest does not wait");
  if (interrupt_requested()) return std::optional(interrupt_suspended(*state_));
  TRY(prepare_thread_for_guests());
  uint64_t code;
  {
    RunningCall running(*state_, true);
    state_->stack.stop = {};
    code = wherry_resume(&state_->stack);
  }
  return progress(*state_, code);
}

bool Store::is_suspended() const { return state_->stack.suspension.frame != nullptr; }

Result<Memory*> Store::create_memory(wasm::MemoryType type) {
  state_->memories.push_back(TRY(make_memory(type, *state_)));
  return state_->memories.back().get();
}

Memory* Store::add_memory(std::shared_ptr<SharedMemory> memory) {
  state_->memories.push_back(make_view(std::move(memory)));
  return state_->memories.back().get();
}

Result<Table*> Store::create_table(wasm::TableType type) {
  state_->vm_tables.push_back(std::make_unique<contract::VmTable>());
  state_->tables.push_back(
      TRY(Table::create(type, state_->vm_tables.back().get(), &state_->table_budget)));
  return state_->tables.back().get();
}

Global Store::create_global(wasm::GlobalType type, Value value) {
  state_->globals.push_back(
      std::make_unique<contract::VmGlobal>(contract::VmGlobal{value.bits, value.high}));
  return {type, state_->globals.back().get()};
}

void Store::interrupt() {
  state_->interrupters.fetch_add(1, std::memory_order_seq_cst);
  state_->stack.interrupt_requested.store(1, std::memory_order_seq_cst);
  const int thread = state_->running_thread.load(std::memory_order_seq_cst);
  if (thread != 0) signal_thread(thread);
  state_->interrupters.fetch_sub(1, std::memory_order_seq_cst);
}

void Store::clear_interrupt() {
  state_->stack.interrupt_requested.store(0, std::memory_order_relaxed);
}

bool Store::interrupt_requested() const {
  return state_->stack.interrupt_requested.load(std::memory_order_relaxed) != 0;
}

}  // namespace wherry::runtime
