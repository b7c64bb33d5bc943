#include "wasm/validate.h"

#include <algorithm>

#include "wasm/features.h"
#include "wasm/function_validator.h"
#include "wasm/limits.h"

namespace wherry::wasm {

namespace {

// `unknown table 3 at offset 0x2f: the module has 1`.
Status check_index(uint32_t index, size_t size, std::string_view what, uint32_t offset) {
  if (index < size) return ok_status();
  return make_error(ErrorKind::kInvalid, "unknown {} {} at offset {:#x}: the module has {}", what,
                    index, offset, size);
}

Status check_limits(const Limits& limits, uint32_t offset) {
  if (!limits.max || *limits.max >= limits.min) return ok_status();
  return make_error(ErrorKind::kInvalid,
                    "size minimum must not be greater than maximum at offset {:#x}: {} > {}",
                    offset, limits.min, *limits.max);
}

Status check_memory(const Memory& memory) {
  const Limits& pages = memory.type.limits;
  const uint64_t most = std::max(pages.min, pages.max.value_or(0));
  if (most > limits::kMemoryPages) {
    return make_error(
        ErrorKind::kInvalid,
        "memory size must be at most 65536 pages (4GiB) at offset {:#x}, found {} pages",
        memory.byte_offset, most);
  }
  return check_limits(pages, memory.byte_offset);
}

Status check_memories(const Module& module) {
  for (const Memory& memory : module.memories) TRY(check_memory(memory));
  if (module.memories.size() < 2) return ok_status();
  return unsupported_feature(fmt::format("multiple memories at offset {:#x}: a module with {}",
                                         module.memories[1].byte_offset, module.memories.size()),
                             Feature::kMultiMemory);
}

Status check_table(const Table& table) {
  TRY(check_limits(table.type.limits, table.byte_offset));
  return limits::check_count("table elements", table.type.limits.min, limits::kTableSize,
                             table.byte_offset);
}

// Constant expressions of 2.0 see only the imported globals (chapter 3.4.10, the context C').
Status check_constant_global(const Module& module, const Instruction& in) {
  if (in.index < module.imported_globals) return ok_status();
  return make_error(ErrorKind::kInvalid,
                    "unknown global {} at offset {:#x}: a constant expression sees the {} imported "
                    "globals only",
                    in.index, in.offset, module.imported_globals);
}

// The type of a constant expression's only instruction.
Result<ValueType> type_of(const Module& module, const Instruction& in) {
  switch (in.op) {
    case Opcode::i32_const: return kI32;
    case Opcode::i64_const: return kI64;
    case Opcode::f32_const: return kF32;
    case Opcode::f64_const: return kF64;
    case Opcode::v128_const: return kV128;
    case Opcode::ref_null: return in.type;
    case Opcode::ref_func:
      TRY(check_index(in.index, module.functions.size(), "function", in.offset));
      return kFuncRef;
    case Opcode::global_get: {
      TRY(check_constant_global(module, in));
      const GlobalType& type = module.globals[in.index].type;
      if (!type.is_mutable) return type.type;
      break;
    }
    default: break;
  }
  return make_error(ErrorKind::kInvalid,
                    "constant expression required at offset {:#x}: {} {} is not constant",
                    in.offset, text_of(in.op), in.index);
}

Status check_const_expr(const Module& module, const ConstExpr& expr, ValueType expected,
                        std::string_view what) {
  if (expr.code.size() != 1) {
    return make_error(ErrorKind::kInvalid,
                      "type mismatch at offset {:#x}: {} expects one {}, found {} instructions",
                      expr.offset, what, name_of(expected), expr.code.size());
  }
  const ValueType found = TRY(type_of(module, expr.code[0]));
  if (found == expected) return ok_status();
  return make_error(ErrorKind::kInvalid, "type mismatch at offset {:#x}: {} expects {}, found {}",
                    expr.offset, what, name_of(expected), name_of(found));
}

Status check_global(const Module& module, const Global& global) {
  if (global.imported) return ok_status();
  return check_const_expr(module, global.init, global.type.type, "a global's initial value");
}

Status check_elem(const Module& module, const ElemSegment& segment) {
  if (segment.mode == ElemSegment::Mode::kActive) {
    TRY(check_index(segment.table, module.tables.size(), "table", segment.byte_offset));
    const ValueType element = module.tables[segment.table].type.element;
    if (element != segment.type) {
      return make_error(ErrorKind::kInvalid,
                        "type mismatch at offset {:#x}: table {} expects {}, found elements of {}",
                        segment.byte_offset, segment.table, name_of(element),
                        name_of(segment.type));
    }
    TRY(check_const_expr(module, segment.offset, kI32, "an element segment's offset"));
  }
  for (const ConstExpr& element : segment.elements) {
    TRY(check_const_expr(module, element, segment.type, "an element"));
  }
  return ok_status();
}

Status check_data(const Module& module, const DataSegment& segment) {
  if (segment.mode != DataSegment::Mode::kActive) return ok_status();
  TRY(check_index(segment.memory, module.memories.size(), "memory", segment.byte_offset));
  return check_const_expr(module, segment.offset, kI32, "a data segment's offset");
}

Status check_start(const Module& module) {
  if (!module.start) return ok_status();
  const uint32_t offset = module.start_byte_offset;
  TRY(check_index(*module.start, module.functions.size(), "function", offset));
  const FuncType& type = module.type_of(*module.start);
  if (type.params.empty() && type.results.empty()) return ok_status();
  return make_error(ErrorKind::kInvalid,
                    "start function at offset {:#x} must be () -> (), but function {} is {}",
                    offset, *module.start, name_of(type));
}

size_t size_of_space(const Module& module, ExternKind kind) {
  switch (kind) {
    case ExternKind::kFunc: return module.functions.size();
    case ExternKind::kTable: return module.tables.size();
    case ExternKind::kMemory: return module.memories.size();
    case ExternKind::kGlobal: return module.globals.size();
  }
  return 0;
}

// Sorted rather than hashed: a hostile module cannot choose its way into a slow sort.
Status check_export_names(const Module& module) {
  std::vector<const Export*> sorted;
  sorted.reserve(module.exports.size());
  for (const Export& item : module.exports) sorted.push_back(&item);
  std::ranges::sort(sorted, {}, &Export::name);
  const auto twin = std::ranges::adjacent_find(sorted, {}, &Export::name);
  if (twin == sorted.end()) return ok_status();
  return make_error(ErrorKind::kInvalid, "duplicate export name \"{}\" at offset {:#x}",
                    (*twin)->name, std::max(twin[0]->byte_offset, twin[1]->byte_offset));
}

Status check_exports(const Module& module) {
  for (const Export& item : module.exports) {
    TRY(check_index(item.index, size_of_space(module, item.kind), name_of(item.kind),
                    item.byte_offset));
  }
  return check_export_names(module);
}

}  // namespace

Status validate_declarations(const Module& module) {
  for (const Function& function : module.functions) {
    TRY(check_index(function.type, module.types.size(), "type", function.byte_offset));
  }
  for (const Table& table : module.tables) TRY(check_table(table));
  TRY(check_memories(module));
  for (const Global& global : module.globals) TRY(check_global(module, global));
  TRY(check_exports(module));
  TRY(check_start(module));
  for (const ElemSegment& segment : module.elems) TRY(check_elem(module, segment));
  for (const DataSegment& segment : module.datas) TRY(check_data(module, segment));
  return ok_status();
}

Status validate_function(const Module& module, FuncIndex index) {
  return FunctionValidator(module).validate(index);
}

Status validate(const Module& module) {
  TRY(validate_declarations(module));
  FunctionValidator validator(module);
  for (FuncIndex i = module.imported_functions; i < module.functions.size(); i++) {
    TRY(validator.validate(i));
  }
  return ok_status();
}

}  // namespace wherry::wasm
