#include "runtime/instance.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/check.h"
#include "runtime/builtins.h"
#include "runtime/slot.h"
#include "runtime/store_state.h"
#include "wasm/module.h"

namespace wherry::runtime {

using contract::FuncRef;
using contract::TrapCode;
using wasm::ExternKind;

namespace {

// What is not just to go on with the guest. Kept out of the way that all calls take.
[[gnu::noinline, gnu::cold]] HostOutcome settle(HostOutcome outcome, const HostCall& call,
                                                contract::HostBinding* binding) {
  if (outcome == HostOutcome::kStop) return outcome;
  // The crossing code looks too, but here the place of the guest can still be told.
  if (call.instance.store().interrupt_requested()) return call.trap(TrapCode::kInterrupted);
  if (!call.may_suspend()) {
    return call.trap(TrapCode::kHost, "a host function would have to wait where it cannot");
  }
  Suspension& suspension = call.instance.store().state().stack.suspension;
  suspension.binding = binding;
  suspension.slots = call.slots;
  return outcome;
}

uint64_t call_host_function(contract::HostBinding* binding, uint64_t* slots) {
  const auto& target = *static_cast<const HostFunction*>(binding->target);
  auto& instance = *static_cast<Instance*>(binding->instance);
  HostCall call{target.environment, instance, slots};
  HostOutcome outcome = target.function(call);
  if (outcome != HostOutcome::kContinue || instance.store().interrupt_requested()) {
    outcome = settle(outcome, call, binding);
  }
  return static_cast<uint64_t>(outcome);
}

contract::EnterFunction enter_function(const artifact::Artifact& artifact, uint32_t type) {
  return reinterpret_cast<contract::EnterFunction>(
      reinterpret_cast<uintptr_t>(artifact.enter_of_type(type)));
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
  layout_ = layout_of(artifact_);
  dropped_elems_.assign(header.elems.count, false);
  dropped_datas_.assign(header.datas.count, false);
  if (header.names_types != 0) {
    for (const artifact::FuncTypeRecord& type : artifact_.types()) {
      type_numbers_.push_back(store.state().intern_type(std::to_array(type.digest)));
    }
  }
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

wasm::ValueType Instance::in_store(wasm::ValueType type) const {
  if (type.is_concrete_ref()) type.heap = type_numbers_[static_cast<size_t>(type.heap)];
  return type;
}

wasm::FuncType Instance::type_in_store(uint32_t type) const {
  wasm::FuncType out = artifact_.func_type(type);
  for (wasm::ValueType& param : out.params) param = in_store(param);
  for (wasm::ValueType& result : out.results) result = in_store(result);
  return out;
}

Func Instance::function(uint32_t index) const {
  return {type_in_store(artifact_.functions()[index].type), func_ref(index)};
}

Error Instance::incompatible(const artifact::ImportRecord& import, std::string_view why) const {
  return make_error(ErrorKind::kInvalid, "incompatible import type for {}.{}: {}",
                    artifact_.string(import.module), artifact_.string(import.name), why);
}

Status Instance::resolve_import(ImportResolver& imports, const artifact::ImportRecord& import) {
  std::string_view module = artifact_.string(import.module);
  std::string_view name = artifact_.string(import.name);
  auto kind = static_cast<ExternKind>(import.kind);
  wasm::FuncType wanted;
  if (kind == ExternKind::kFunc) wanted = type_in_store(artifact_.functions()[import.index].type);
  std::optional<Extern> found =
      imports.resolve(module, name, kind, kind == ExternKind::kFunc ? &wanted : nullptr);
  if (!found) {
    return make_error(ErrorKind::kUnsupported, "unknown import: the module imports the {} {}.{}",
                      name_of(kind), module, name);
  }
  const auto wrong_kind = [&] {
    return incompatible(import, fmt::format("the module wants a {}", name_of(kind)));
  };
  switch (kind) {
    case ExternKind::kFunc: return import_function(*found, import);
    case ExternKind::kTable:
      if (auto* table = std::get_if<Table*>(&*found)) return import_table(**table, import);
      return wrong_kind();
    case ExternKind::kMemory:
      if (auto* memory = std::get_if<Memory*>(&*found)) return import_memory(**memory, import);
      return wrong_kind();
    case ExternKind::kGlobal:
      if (auto* global = std::get_if<Global>(&*found)) return import_global(*global, import);
      return wrong_kind();
    case ExternKind::kTag:
      if (auto* tag = std::get_if<Tag>(&*found)) return import_tag(*tag, import);
      return wrong_kind();
  }
  return wrong_kind();
}

Status Instance::import_function(const Extern& found, const artifact::ImportRecord& import) {
  if (auto* host = std::get_if<HostFunction>(&found)) return import_host_function(*host, import);
  auto* func = std::get_if<Func>(&found);
  if (!func) return incompatible(import, "the module wants a function");
  uint32_t type = artifact_.functions()[import.index].type;
  if (func->ref->type_id != artifact_.types()[type].type_id) {
    return incompatible(import, fmt::format("it is {}, and the module wants {}",
                                            name_of(func->type), name_of(type_in_store(type))));
  }
  imported_functions_.push_back(*func->ref);
  return ok_status();
}

Status Instance::import_host_function(const HostFunction& host,
                                      const artifact::ImportRecord& import) {
  uint32_t type = artifact_.functions()[import.index].type;
  wasm::FuncType wanted = type_in_store(type);
  if (host.type != wanted) {
    return incompatible(import, fmt::format("it is {}, and the module wants {}", name_of(host.type),
                                            name_of(wanted)));
  }
  auto bound = std::make_unique<BoundHostFunction>();
  bound->function = host;
  bound->binding = {&wherry_host_call, &call_host_function, &store_->state().stack, this,
                    &bound->function};
  imported_functions_.push_back({artifact_.host_thunk_of_type(type), nullptr, &bound->binding,
                                 artifact_.types()[type].type_id, enter_function(artifact_, type)});
  host_functions_.push_back(std::move(bound));
  return ok_status();
}

Status Instance::import_table(Table& table, const artifact::ImportRecord& import) {
  const wasm::TableType wanted = table_type_of(artifact_.tables()[import.index]);
  if (table.type().element != in_store(wanted.element) || table.type().is_64 != wanted.is_64 ||
      !limits_fit(table.size(), table.type().limits.max, wanted.limits)) {
    return incompatible(import, "the table's element type or limits do not fit");
  }
  tables_.push_back(&table);
  return ok_status();
}

Status Instance::import_memory(Memory& memory, const artifact::ImportRecord& import) {
  const wasm::MemoryType wanted = memory_type_of(artifact_.memories()[import.index]);
  const wasm::MemoryType& given = memory.type();
  if (given.is_64 != wanted.is_64 || given.is_shared != wanted.is_shared ||
      given.page_log2 != wanted.page_log2 ||
      !limits_fit(memory.size_pages(), given.limits.max, wanted.limits)) {
    return incompatible(import, "the memory's limits do not fit");
  }
  memories_.push_back(&memory);
  return ok_status();
}

Status Instance::import_global(const Global& global, const artifact::ImportRecord& import) {
  const artifact::GlobalRecord& record = artifact_.globals()[import.index];
  const wasm::ValueType wanted = in_store(value_type_of(record.type));
  const bool is_mutable = record.is_mutable != 0;
  const bool fits = is_mutable ? global.type.type == wanted : matches(global.type.type, wanted);
  if (!fits || global.type.is_mutable != is_mutable) {
    return incompatible(import, "the global's type or mutability does not fit");
  }
  globals_.push_back(global);
  return ok_status();
}

Status Instance::import_tag(const Tag& tag, const artifact::ImportRecord& import) {
  uint32_t type = artifact_.tags()[import.index].type;
  if (tag.vm->type_id != artifact_.types()[type].type_id) {
    return incompatible(import, fmt::format("the tag is of {}, and the module wants {}",
                                            name_of(tag.type), name_of(type_in_store(type))));
  }
  tags_.push_back(tag);
  return ok_status();
}

SlotShape shape_of_instance(const artifact::Artifact& artifact, const StoreOptions& options) {
  SlotShape shape;
  shape.context_bytes = layout_of(artifact).context_bytes;
  if (artifact.header().memory0_is_own != 0) {
    const wasm::MemoryType type = memory_type_of(artifact.memories()[0]);
    shape.memory_bytes = MemoryRoom::of(type, options.memory_limit_bytes).reserved_bytes;
  }
  return shape;
}

Status Instance::allocate() {
  StoreState& state = store_->state();
  if (state.first_slot && state.first_module == module_.get()) {
    slot_ = std::move(state.first_slot);
  } else {
    slot_ = TRY(Slot::create(shape_of_instance(artifact_, state.options)));
  }
  TRY(allocate_memories());
  TRY(allocate_tables());
  build_context();
  build_func_refs();
  return ok_status();
}

Status Instance::allocate_memories() {
  const artifact::Header& header = artifact_.header();
  StoreState& state = store_->state();
  for (uint32_t i = header.imported_memories; i < header.memories.count; i++) {
    const wasm::MemoryType type = memory_type_of(artifact_.memories()[i]);
    if (i == 0 && header.memory0_is_own != 0) {
      auto* context = context_at<contract::VmContext>(contract::kContextOffset);
      state.memories.push_back(TRY(make_slot_memory(type, state, *slot_, &context->memory0)));
      TRY(slot_->map_image(artifact_));
    } else {
      state.memories.push_back(TRY(make_memory(type, state)));
    }
    memories_.push_back(state.memories.back().get());
  }
  for (Memory* memory : memories_) state.add_reservation(memory);
  return ok_status();
}

Status Instance::allocate_tables() {
  const artifact::Header& header = artifact_.header();
  StoreState& state = store_->state();
  for (uint32_t i = header.imported_tables; i < header.tables.count; i++) {
    if (artifact_.tables()[i].is_static != 0) {
      tables_.push_back(nullptr);
      continue;
    }
    wasm::TableType type = table_type_of(artifact_.tables()[i]);
    type.element = in_store(type.element);
    auto* vm = context_at<contract::VmTable>(layout_.tables) + (i - header.imported_tables);
    state.tables.push_back(TRY(Table::create(type, vm, &state.table_budget)));
    tables_.push_back(state.tables.back().get());
  }
  return ok_status();
}

void Instance::build_context() {
  const artifact::Header& header = artifact_.header();
  auto* context = context_at<contract::VmContext>(contract::kContextOffset);
  context->instance = this;
  bind_builtins(*context, *this);
  if (header.makes_tail_calls != 0) {
    auto& buffer = store_->state().tail_arguments;
    if (!buffer) buffer = std::make_unique<uint64_t[]>(contract::kTailArgumentSlots);
    context->tail_arguments = buffer.get();
  }
  for (uint32_t i = header.memory0_is_own; i < header.memories.count; i++) {
    context_at<contract::VmMemory*>(layout_.memories)[i - header.memory0_is_own] =
        memories_[i]->vm();
  }
  for (uint32_t i = 0; i < header.imported_tags; i++) {
    context_at<contract::VmTag*>(layout_.imported_tags)[i] = tags_[i].vm;
  }
  for (uint32_t i = header.imported_tags; i < header.tags.count; i++) {
    uint32_t type = artifact_.tags()[i].type;
    auto* tag = context_at<contract::VmTag>(layout_.tags) + (i - header.imported_tags);
    tag->type_id = artifact_.types()[type].type_id;
    tags_.push_back({type_in_store(type), tag});
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
    refs[functions[i].func_ref] = {
        artifact_.code_of_function(i), artifact_.tail_code_of_function(i), slot_->anchor(),
        artifact_.types()[type].type_id, enter_function(artifact_, type)};
  }
}

Instance::Constant Instance::evaluate(const artifact::ConstInstruction& instruction) const {
  switch (static_cast<artifact::ConstOp>(instruction.op)) {
    case artifact::ConstOp::kConst: return {instruction.low, instruction.high};
    case artifact::ConstOp::kGlobalGet:
      return {globals_[instruction.index].vm->low, globals_[instruction.index].vm->high};
    case artifact::ConstOp::kRefFunc:
      return {reinterpret_cast<uint64_t>(func_ref(instruction.index)), 0};
    default: return {};  // kRefNull
  }
}

// A stack machine; validation has seen to it that operands are there.
Instance::Constant Instance::evaluate(artifact::Slice expression) const {
  using artifact::ConstOp;
  std::vector<Constant> stack;
  const auto apply = [&](auto operation) {
    const uint64_t right = stack.back().low;
    stack.pop_back();
    stack.back().low = operation(stack.back().low, right);
  };
  const auto as_32 = [](auto operation) {
    return [operation](uint64_t a, uint64_t b) {
      return uint64_t{static_cast<uint32_t>(operation(a, b))};
    };
  };
  for (const artifact::ConstInstruction& instruction : artifact_.expression(expression)) {
    switch (static_cast<ConstOp>(instruction.op)) {
      case ConstOp::kI32Add: apply(as_32(std::plus<uint64_t>())); break;
      case ConstOp::kI32Sub: apply(as_32(std::minus<uint64_t>())); break;
      case ConstOp::kI32Mul: apply(as_32(std::multiplies<uint64_t>())); break;
      case ConstOp::kI64Add: apply(std::plus<uint64_t>()); break;
      case ConstOp::kI64Sub: apply(std::minus<uint64_t>()); break;
      case ConstOp::kI64Mul: apply(std::multiplies<uint64_t>()); break;
      default: stack.push_back(evaluate(instruction)); break;
    }
  }
  return stack.empty() ? Constant{} : stack.back();
}

void Instance::initialize_globals() {
  const artifact::Header& header = artifact_.header();
  auto* slots = context_at<contract::VmGlobal>(layout_.globals);
  for (uint32_t i = header.imported_globals; i < header.globals.count; i++) {
    const artifact::GlobalRecord& record = artifact_.globals()[i];
    wasm::GlobalType type{in_store(value_type_of(record.type)), record.is_mutable != 0};
    const Constant value = evaluate(record.init);
    contract::VmGlobal* vm = slots + (i - header.imported_globals);
    *vm = {value.low, value.high};
    globals_.push_back({type, vm});
  }
}

void Instance::initialize_tables() {
  for (uint32_t i = artifact_.header().imported_tables; i < tables_.size(); i++) {
    const artifact::TableRecord& record = artifact_.tables()[i];
    if (record.init.count == 0) continue;
    std::fill_n(tables_[i]->vm()->elements, tables_[i]->size(), evaluate(record.init).low);
  }
  auto elems = artifact_.elems();
  for (uint32_t i = 0; i < elems.size() && tables_trap_ == TrapCode::kNone; i++) {
    auto mode = static_cast<wasm::ElemSegment::Mode>(elems[i].mode);
    if (mode == wasm::ElemSegment::Mode::kPassive) continue;
    if (mode == wasm::ElemSegment::Mode::kActive && tables_[elems[i].table] != nullptr) {
      uint64_t offset = evaluate(elems[i].offset).low;
      tables_trap_ = table_init(i, elems[i].table, offset, 0, elems[i].elements.count);
    }
    dropped_elems_[i] = true;
  }
}

TrapCode Instance::initialize_memories() {
  auto datas = artifact_.datas();
  for (uint32_t i = 0; i < datas.size(); i++) {
    if (static_cast<wasm::DataSegment::Mode>(datas[i].mode) != wasm::DataSegment::Mode::kActive) {
      continue;
    }
    if (!datas[i].in_image) {
      uint64_t offset = evaluate(datas[i].offset).low;
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
  if (!fits(source, length, available) || !fits(destination, length, table.size)) {
    return TrapCode::kTableOutOfBounds;
  }
  auto elements = artifact_.expression(record.elements);
  for (uint64_t i = 0; i < length; i++) {
    table.elements[destination + i] = evaluate(elements[source + i]).low;
  }
  return TrapCode::kNone;
}

TrapCode Instance::memory_init(uint32_t data, uint32_t memory, uint64_t destination,
                               uint64_t source, uint64_t length) {
  const artifact::DataRecord& record = artifact_.datas()[data];
  uint64_t available = dropped_datas_[data] ? 0 : record.bytes_count;
  uint8_t* to = memories_[memory]->at(destination, length);
  if (!fits(source, length, available) || !to) return TrapCode::kMemoryOutOfBounds;
  if (length != 0) std::memcpy(to, artifact_.data_bytes(record).data() + source, length);
  return TrapCode::kNone;
}

std::optional<Extern> Instance::find_export(std::string_view name) const {
  for (const artifact::ExportRecord& e : artifact_.exports()) {
    if (artifact_.string(e.name) != name) continue;
    switch (static_cast<ExternKind>(e.kind)) {
      case ExternKind::kFunc: return function(e.index);
      case ExternKind::kTable: return tables_[e.index];
      case ExternKind::kMemory: return memories_[e.index];
      case ExternKind::kGlobal: return globals_[e.index];
      case ExternKind::kTag: return tags_[e.index];
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
