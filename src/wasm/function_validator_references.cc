// Types what works on references: tables, null checks, calls by reference, and locals that have no
// default value.
#include "wasm/function_validator.h"

namespace wherry::wasm {

Status FunctionValidator::check_table_copy(const Instruction& in) const {
  TRY(check_index(in.index, module_.tables.size(), "table"));
  TRY(check_index(in.index2, module_.tables.size(), "table"));
  const ValueType to = module_.tables[in.index].type.element;
  const ValueType from = module_.tables[in.index2].type.element;
  if (matches(from, to)) return ok_status();
  return mismatch(fmt::format("a table of {}", name_of(to)),
                  fmt::format("one of {}", name_of(from)));
}

Status FunctionValidator::check_table_init(const Instruction& in) const {
  TRY(check_index(in.index2, module_.tables.size(), "table"));
  TRY(check_index(in.index, module_.elems.size(), "elem segment"));
  const ValueType to = module_.tables[in.index2].type.element;
  const ValueType from = module_.elems[in.index].type;
  if (matches(from, to)) return ok_status();
  return mismatch(fmt::format("elements of {}", name_of(to)), name_of(from));
}

Status FunctionValidator::check_table_op(const Instruction& in) {
  const TableType& table = module_.tables[in.index].type;
  const bool has_count = in.op == Opcode::table_grow || in.op == Opcode::table_fill;
  if (has_count) TRY(pop(table.address_type()));
  if (in.op != Opcode::table_get) TRY(pop(table.element));
  if (in.op != Opcode::table_grow) TRY(pop(table.address_type()));
  if (in.op == Opcode::table_get) push(table.element);
  if (in.op == Opcode::table_grow) push(table.address_type());
  return ok_status();
}

// The length has the smaller of the two address types.
Status FunctionValidator::check_copy(ValueType to, ValueType from) {
  TRY(pop(to == kI64 && from == kI64 ? kI64 : kI32));
  TRY(pop(from));
  return pop(to);
}

Result<ValueType> FunctionValidator::pop_reference() {
  const ValueType type = TRY(pop());
  if (type == kBottom) return ref(kHeapBottom, false);
  if (!type.is_ref()) return mismatch("a reference", name_of(type));
  return type;
}

Status FunctionValidator::check_ref_is_null() {
  TRY(pop_reference());
  push(kI32);
  return ok_status();
}

Status FunctionValidator::check_ref_as_non_null() {
  push(ref(TRY(pop_reference()).heap, false));
  return ok_status();
}

Status FunctionValidator::check_br_on_null(const Instruction& in) {
  const ValueType type = TRY(pop_reference());
  const Types types = label_types(label(in.index));
  TRY(pop(types));
  push(types);
  push(ref(type.heap, false));
  return ok_status();
}

// The label takes the reference last; where it is null, what is below stays.
Status FunctionValidator::check_br_on_non_null(const Instruction& in) {
  const Types types = label_types(label(in.index));
  if (types.empty() || !types.back().is_ref()) {
    return mismatch("a label that takes a reference last",
                    types.empty() ? "one that takes nothing" : name_of(types.back()));
  }
  TRY(pop(ref(types.back().heap, true)));
  const Types below = types.first(types.size() - 1);
  TRY(pop(below));
  push(below);
  return ok_status();
}

ValueType FunctionValidator::function_ref(TypeIndex type) const {
  return ref(static_cast<HeapType>(module_.canonical_type(type)), true);
}

Status FunctionValidator::check_call_ref(const Instruction& in) {
  TRY(pop(function_ref(in.index)));
  return check_call(module_.types[in.index]);
}

Status FunctionValidator::check_ref_func(const Instruction& in) {
  if (!module_.referenced_functions[in.index]) {
    return invalid(
        "undeclared function reference",
        fmt::format("function {} is neither exported nor in an element segment or global",
                    in.index));
  }
  const TypeIndex type = module_.canonical_type(module_.functions[in.index].type);
  push(ref(static_cast<HeapType>(type), false));
  return ok_status();
}

void FunctionValidator::start_initialization(uint32_t params) {
  initialized_.assign(locals_.back().end, false);
  for (uint32_t i = 0; i < params; i++) initialized_[i] = true;
}

Status FunctionValidator::check_initialized(uint32_t local) const {
  if (initialized_.empty() || initialized_[local]) [[likely]]
    return ok_status();
  if (TRY(local_type(local)).is_defaultable()) return ok_status();
  return invalid(fmt::format("uninitialized local {}", local), "it has no default value");
}

// Lasts until the end of the innermost block.
void FunctionValidator::set_initialized(uint32_t local) {
  if (initialized_.empty() || initialized_[local]) return;
  initialized_[local] = true;
  initializations_.push_back(local);
}

void FunctionValidator::forget_initializations(size_t height) {
  while (initializations_.size() > height) {
    initialized_[initializations_.back()] = false;
    initializations_.pop_back();
  }
}

}  // namespace wherry::wasm
