#include "runtime/instance.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "runtime/builtins.h"
#include "runtime/slot.h"
#include "runtime/store_state.h"
#include "wasm/module.h"

namespace wherry::runtime {

using contract::FuncRef;
using contract::TrapCode;
using wasm::ExternKind;

struct Instance::BoundHostFunction {
  contract::HostBinding binding;
  HostFunction function;
};

namespace {

// A memory that an instance defines; its place is the instance's slot or a reservation of its own.
class DefinedMemory : public Memory {
 public:
  DefinedMemory(wasm::MemoryType type, uint64_t max_pages, contract::VmMemory* vm,
                std::unique_ptr<Slot> own_slot)
      : Memory(type, max_pages, vm), own_slot_(std::move(own_slot)) {}

 private:
  std::unique_ptr<Slot> own_slot_;
};

uint64_t call_host_function(contract::HostBinding* binding, uint64_t* slots) {
  const auto& target = *static_cast<const HostFunction*>(binding->target);
  auto& instance = *static_cast<Instance*>(binding->instance);
  HostCall call{target.environment, instance, slots};
  HostOutcome outcome = target.function(call);
  // The crossing code looks too, but here the place of the guest can still be told.
  if (outcome == HostOutcome::kContinue && instance.store().interrupt_requested()) {
    outcome = call.trap(TrapCode::kInterrupted);
  }
  return static_cast<uint64_t>(outcome);
}

Error incompatible(std::string_view module, std::string_view name, std::string_view why) {
  return make_error(ErrorKind::kInvalid, "incompatible import type for {}.{}: {}", module, name,
                    why);
}

// What is there must have at least what is asked for, and may not grow past what is allowed.
bool limits_fit(uint64_t actual_size, const std::optional<uint64_t>& actual_max,
                const wasm::Limits& wanted) {
  if (actual_size < wanted.min) return false;
  return !wanted.max || (actual_max && *actual_max <= *wanted.max);
}

}  // namespace

Instance::Instance(Store& store, std::shared_ptr<const CompiledModule> module)
    : store_(&store), module_(std::move(module)), artifact_(module_->artifact()) {
  const artifact::Header& header = artifact_.header();
  contract::LayoutCounts counts;
  counts.func_refs = header.func_refs;
  counts.globals = static_cast<uint32_t>(header.globals.count) - header.imported_globals;
  counts.imported_globals = header.imported_globals;
  counts.tables = static_cast<uint32_t>(header.tables.count) - header.imported_tables;
  counts.imported_tables = header.imported_tables;
  counts.memories = static_cast<uint32_t>(header.memories.count) - header.imported_memories -
                    header.memory0_is_own;
  counts.imported_memories = header.imported_memories;
  layout_ = contract::compute_layout(counts);
  dropped_elems_.assign(header.elems.count, false);
  dropped_datas_.assign(header.datas.count, false);
}

Instance::~Instance() = default;

template <typename T>
T* Instance::context_at(int64_t offset) const {
  return reinterpret_cast<T*>(slot_->anchor() + offset);
}

FuncRef* Instance::func_ref(uint32_t function) const {
  uint32_t index = artifact_.functions()[function].func_ref;
  WHERRY_CHECK(index != artifact::kNone, function);
  return context_at<FuncRef>(layout_.func_refs) + index;
}

Status Instance::link(ImportResolver& imports) {
  for (const artifact::ImportRecord& import : artifact_.imports()) {
    TRY(resolve_import(imports, import));
  }
  return ok_status();
}

Status Instance::resolve_import(ImportResolver& imports, const artifact::ImportRecord& import) {
  std::string_view module = artifact_.string(import.module);
  std::string_view name = artifact_.string(import.name);
  auto kind = static_cast<ExternKind>(import.kind);
  wasm::FuncType wanted;
  if (kind == ExternKind::kFunc) wanted = artifact_.type_of_function(import.index);
  std::optional<Extern> found =
      imports.resolve(module, name, kind, kind == ExternKind::kFunc ? &wanted : nullptr);
  if (!found) {
    return make_error(ErrorKind::kUnsupported, "unknown import: the module imports the {} {}.{}",
                      name_of(kind), module, name);
  }
  if (auto* host = std::get_if<HostFunction>(&*found)) {
    if (kind != ExternKind::kFunc) return incompatible(module, name, "a function was given");
    if (host->type != wanted) {
      return incompatible(
          module, name,
          fmt::format("it is {}, and the module wants {}", name_of(host->type), name_of(wanted)));
    }
    uint32_t type = artifact_.functions()[import.index].type;
    auto bound = std::make_unique<BoundHostFunction>();
    bound->function = *host;
    bound->binding = {&wherry_host_call, &call_host_function, &store_->state().stack, this,
                      &bound->function};
    imported_functions_.push_back(
        {artifact_.host_thunk_of_type(type), &bound->binding, artifact_.types()[type].type_id,
         reinterpret_cast<contract::EnterFunction>(
             reinterpret_cast<uintptr_t>(artifact_.enter_of_type(type)))});
    host_functions_.push_back(std::move(bound));
  } else if (auto* func = std::get_if<Func>(&*found)) {
    if (kind != ExternKind::kFunc) return incompatible(module, name, "a function was given");
    if (func->type != wanted) {
      return incompatible(
          module, name,
          fmt::format("it is {}, and the module wants {}", name_of(func->type), name_of(wanted)));
    }
    imported_functions_.push_back(*func->ref);
  } else if (auto* table = std::get_if<Table*>(&*found)) {
    if (kind != ExternKind::kTable) return incompatible(module, name, "a table was given");
    const artifact::TableRecord& record = artifact_.tables()[import.index];
    if ((*table)->type().element != value_type_of(record.element) ||
        !limits_fit((*table)->size(), (*table)->type().limits.max, limits_of(record.limits))) {
      return incompatible(module, name, "the table's element type or limits do not fit");
    }
    tables_.push_back(*table);
  } else if (auto* memory = std::get_if<Memory*>(&*found)) {
    if (kind != ExternKind::kMemory) return incompatible(module, name, "a memory was given");
    const artifact::MemoryRecord& record = artifact_.memories()[import.index];
    if (!limits_fit((*memory)->size_pages(), (*memory)->type().limits.max,
                    limits_of(record.limits))) {
      return incompatible(module, name, "the memory's limits do not fit");
    }
    memories_.push_back(*memory);
  } else if (auto* global = std::get_if<Global>(&*found)) {
    if (kind != ExternKind::kGlobal) return incompatible(module, name, "a global was given");
    const artifact::GlobalRecord& record = artifact_.globals()[import.index];
    if (global->type.type != value_type_of(record.type) ||
        global->type.is_mutable != (record.is_mutable != 0)) {
      return incompatible(module, name, "the global's type or mutability does not fit");
    }
    globals_.push_back(*global);
  }
  return ok_status();
}

Status Instance::allocate() {
  slot_ = TRY(Slot::create(layout_.context_bytes, artifact_.header().memory0_is_own != 0));
  TRY(allocate_memories());
  TRY(allocate_tables());
  build_context();
  build_func_refs();
  return ok_status();
}

Status Instance::allocate_memories() {
  const artifact::Header& header = artifact_.header();
  StoreState& state = store_->state();
  auto* others = context_at<contract::VmMemory>(layout_.memories);
  for (uint32_t i = header.imported_memories; i < header.memories.count; i++) {
    wasm::MemoryType type{limits_of(artifact_.memories()[i].limits)};
    uint64_t limit = std::min(contract::kMaxMemoryPages,
                              state.options.memory_limit_bytes / contract::kWasmPageBytes);
    if (type.limits.min > limit) {
      return make_error(ErrorKind::kLimit,
                        "the module's memory starts with {} pages of 64 KiB, and the limit is {}",
                        type.limits.min, limit);
    }
    uint64_t max_pages = std::min(type.limits.max.value_or(limit), limit);
    bool is_in_slot = i == 0 && header.memory0_is_own;
    std::unique_ptr<Slot> own;
    if (!is_in_slot) own = TRY(Slot::create(0, true));
    Slot& place = is_in_slot ? *slot_ : *own;
    uint64_t bytes = type.limits.min * contract::kWasmPageBytes;
    TRY(place.open_memory(bytes));
    contract::VmMemory* vm =
        is_in_slot ? &context_at<contract::VmContext>(contract::kContextOffset)->memory0 : others++;
    *vm = {place.anchor(), bytes};
    if (is_in_slot) TRY(place.map_image(artifact_));
    state.memories.push_back(std::make_unique<DefinedMemory>(type, max_pages, vm, std::move(own)));
    memories_.push_back(state.memories.back().get());
  }
  for (Memory* memory : memories_) {
    auto& reservations = state.reservations;
    if (std::find(reservations.begin(), reservations.end(), memory) == reservations.end()) {
      reservations.push_back(memory);
    }
  }
  return ok_status();
}

Status Instance::allocate_tables() {
  const artifact::Header& header = artifact_.header();
  StoreState& state = store_->state();
  for (uint32_t i = header.imported_tables; i < header.tables.count; i++) {
    const artifact::TableRecord& record = artifact_.tables()[i];
    auto* vm = context_at<contract::VmTable>(layout_.tables) + (i - header.imported_tables);
    state.tables.push_back(TRY(Table::create(
        {value_type_of(record.element), limits_of(record.limits)}, vm, &state.table_budget)));
    tables_.push_back(state.tables.back().get());
  }
  return ok_status();
}

void Instance::build_context() {
  const artifact::Header& header = artifact_.header();
  auto* context = context_at<contract::VmContext>(contract::kContextOffset);
  context->instance = this;
  bind_builtins(*context, *this);
  for (uint32_t i = 0; i < header.imported_memories; i++) {
    context_at<contract::VmMemory*>(layout_.imported_memories)[i] = memories_[i]->vm();
  }
  for (uint32_t i = 0; i < header.imported_tables; i++) {
    context_at<contract::VmTable*>(layout_.imported_tables)[i] = tables_[i]->vm();
  }
  for (uint32_t i = 0; i < header.imported_globals; i++) {
    context_at<contract::VmGlobal*>(layout_.imported_globals)[i] = globals_[i].vm;
  }
}

void Instance::build_func_refs() {
  const artifact::Header& header = artifact_.header();
  auto* refs = context_at<FuncRef>(layout_.func_refs);
  std::copy(imported_functions_.begin(), imported_functions_.end(), refs);
  auto functions = artifact_.functions();
  for (uint32_t i = header.imported_functions; i < functions.size(); i++) {
    if (functions[i].func_ref == artifact::kNone) continue;
    uint32_t type = functions[i].type;
    refs[functions[i].func_ref] = {artifact_.code_of_function(i), slot_->anchor(),
                                   artifact_.types()[type].type_id,
                                   reinterpret_cast<contract::EnterFunction>(
                                       reinterpret_cast<uintptr_t>(artifact_.enter_of_type(type)))};
  }
}

uint64_t Instance::evaluate(const artifact::ConstInstruction& instruction, uint64_t* high) const {
  *high = 0;
  switch (static_cast<artifact::ConstOp>(instruction.op)) {
    case artifact::ConstOp::kConst: *high = instruction.high; return instruction.low;
    case artifact::ConstOp::kGlobalGet:
      *high = globals_[instruction.index].vm->high;
      return globals_[instruction.index].vm->low;
    case artifact::ConstOp::kRefNull: return 0;
    case artifact::ConstOp::kRefFunc:
      return reinterpret_cast<uint64_t>(func_ref(instruction.index));
  }
  return 0;
}

Value Instance::evaluate(artifact::Slice expression, wasm::ValueType type) const {
  Value value{type};
  auto code = artifact_.expression(expression);
  if (!code.empty()) value.bits = evaluate(code.back(), &value.high);
  return value;
}

void Instance::initialize_globals() {
  const artifact::Header& header = artifact_.header();
  auto* slots = context_at<contract::VmGlobal>(layout_.globals);
  for (uint32_t i = header.imported_globals; i < header.globals.count; i++) {
    const artifact::GlobalRecord& record = artifact_.globals()[i];
    wasm::GlobalType type{value_type_of(record.type), record.is_mutable != 0};
    Value value = evaluate(record.init, type.type);
    contract::VmGlobal* vm = slots + (i - header.imported_globals);
    *vm = {value.bits, value.high};
    globals_.push_back({type, vm});
  }
}

TrapCode Instance::initialize_tables() {
  auto elems = artifact_.elems();
  for (uint32_t i = 0; i < elems.size(); i++) {
    auto mode = static_cast<wasm::ElemSegment::Mode>(elems[i].mode);
    if (mode == wasm::ElemSegment::Mode::kPassive) continue;
    if (mode == wasm::ElemSegment::Mode::kActive) {
      uint64_t offset = evaluate(elems[i].offset, wasm::kI32).as_i32();
      TrapCode code = table_init(i, elems[i].table, offset, 0, elems[i].elements.count);
      if (code != TrapCode::kNone) return code;
    }
    dropped_elems_[i] = true;
  }
  return TrapCode::kNone;
}

TrapCode Instance::initialize_memories() {
  auto datas = artifact_.datas();
  for (uint32_t i = 0; i < datas.size(); i++) {
    if (static_cast<wasm::DataSegment::Mode>(datas[i].mode) != wasm::DataSegment::Mode::kActive) {
      continue;
    }
    if (!datas[i].in_image) {
      uint64_t offset = evaluate(datas[i].offset, wasm::kI32).as_i32();
      TrapCode code = memory_init(i, datas[i].memory, offset, 0, datas[i].bytes_count);
      if (code != TrapCode::kNone) return code;
    }
    dropped_datas_[i] = true;
  }
  return TrapCode::kNone;
}

TrapCode Instance::table_init(uint32_t elem, uint32_t table_index, uint64_t destination,
                              uint64_t source, uint64_t length) {
  const artifact::ElemRecord& record = artifact_.elems()[elem];
  uint64_t available = dropped_elems_[elem] ? 0 : record.elements.count;
  contract::VmTable& table = *tables_[table_index]->vm();
  if (source > available || length > available - source || destination > table.size ||
      length > table.size - destination) {
    return TrapCode::kTableOutOfBounds;
  }
  auto elements = artifact_.expression(record.elements);
  uint64_t high;
  for (uint64_t i = 0; i < length; i++) {
    table.elements[destination + i] = evaluate(elements[source + i], &high);
  }
  return TrapCode::kNone;
}

TrapCode Instance::memory_init(uint32_t data, uint32_t memory, uint64_t destination,
                               uint64_t source, uint64_t length) {
  const artifact::DataRecord& record = artifact_.datas()[data];
  uint64_t available = dropped_datas_[data] ? 0 : record.bytes_count;
  uint8_t* to = memories_[memory]->at(destination, length);
  if (source > available || length > available - source || !to) {
    return TrapCode::kMemoryOutOfBounds;
  }
  if (length != 0) std::memcpy(to, artifact_.data_bytes(record).data() + source, length);
  return TrapCode::kNone;
}

std::optional<Extern> Instance::find_export(std::string_view name) const {
  for (const artifact::ExportRecord& e : artifact_.exports()) {
    if (artifact_.string(e.name) != name) continue;
    switch (static_cast<ExternKind>(e.kind)) {
      case ExternKind::kFunc: return Func{artifact_.type_of_function(e.index), func_ref(e.index)};
      case ExternKind::kTable: return tables_[e.index];
      case ExternKind::kMemory: return memories_[e.index];
      case ExternKind::kGlobal: return globals_[e.index];
      case ExternKind::kTag: break;
    }
  }
  return std::nullopt;
}

std::optional<Func> Instance::find_function(std::string_view name) const {
  auto found = find_export(name);
  if (!found) return std::nullopt;
  auto* func = std::get_if<Func>(&*found);
  return func ? std::optional<Func>(*func) : std::nullopt;
}

}  // namespace wherry::runtime
