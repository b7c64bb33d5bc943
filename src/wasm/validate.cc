#include "wasm/validate.h"

#include <algorithm>

#include "wasm/constant_validator.h"
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

Status check_page_size(const Memory& memory) {
  if (memory.type.page_log2 == 0 || memory.type.page_log2 == kStandardPageLog2) return ok_status();
  return make_error(ErrorKind::kInvalid,
                    "invalid custom page size 2**{} at offset {:#x}, expected 1 or 65536",
                    memory.type.page_log2, memory.byte_offset);
}

std::string most_pages_text(const MemoryType& type) {
  if (type.page_log2 != kStandardPageLog2) return fmt::format("{} pages", type.most_pages());
  return type.is_64 ? "2**48 pages" : "65536 pages (4GiB)";
}

Status check_memory(const Memory& memory) {
  const Limits& pages = memory.type.limits;
  TRY(check_page_size(memory));
  const uint64_t most = std::max(pages.min, pages.max.value_or(0));
  if (most > memory.type.most_pages()) {
    return make_error(ErrorKind::kInvalid,
                      "memory size must be at most {} at offset {:#x}, found {} pages",
                      most_pages_text(memory.type), memory.byte_offset, most);
  }
  if (memory.type.is_shared && !pages.max) {
    return make_error(ErrorKind::kInvalid, "shared memory must have maximum at offset {:#x}",
                      memory.byte_offset);
  }
  return check_limits(pages, memory.byte_offset);
}

Status check_memories(const Module& module) {
  for (const Memory& memory : module.memories) TRY(check_memory(memory));
  if (module.memories.size() < 2 || module.has(Feature::kMultiMemory)) return ok_status();
  return missing_feature(fmt::format("multiple memories at offset {:#x}: a module with {}",
                                     module.memories[1].byte_offset, module.memories.size()),
                         Feature::kMultiMemory);
}

Status check_table(const Module& module, const Table& table) {
  const Limits& elements = table.type.limits;
  const uint64_t most = std::max(elements.min, elements.max.value_or(0));
  if (!table.type.is_64 && most > UINT32_MAX) {
    return make_error(ErrorKind::kInvalid,
                      "table size must be at most 2**32-1 at offset {:#x}, found {}",
                      table.byte_offset, most);
  }
  TRY(check_limits(elements, table.byte_offset));
  if (!table.init.code.empty()) {
    return check_constant(module, table.init, table.type.element, "a table's initial value",
                          module.imported_globals);
  }
  if (table.imported || table.type.element.is_defaultable()) return ok_status();
  return make_error(ErrorKind::kInvalid,
                    "type mismatch at offset {:#x}: a table of {} needs an initial value",
                    table.byte_offset, name_of(table.type.element));
}

Status check_tables(const Module& module) {
  for (const Table& table : module.tables) TRY(check_table(module, table));
  if (module.tables.size() < 2 || module.has(Feature::kReferenceTypes)) return ok_status();
  return missing_feature(fmt::format("multiple tables at offset {:#x}: a module with {}",
                                     module.tables[1].byte_offset, module.tables.size()),
                         Feature::kReferenceTypes);
}

Status check_tag(const Module& module, const Tag& tag) {
  TRY(check_index(tag.type, module.types.size(), "type", tag.byte_offset));
  if (module.types[tag.type].results.empty()) return ok_status();
  return make_error(ErrorKind::kInvalid, "non-empty tag result type at offset {:#x}: {}",
                    tag.byte_offset, name_of(module.types[tag.type]));
}

// A global's initial value may use the globals before it.
Status check_global(const Module& module, GlobalIndex index) {
  const Global& global = module.globals[index];
  if (global.imported) return ok_status();
  return check_constant(module, global.init, global.type.type, "a global's initial value", index);
}

Status check_elem(const Module& module, const ElemSegment& segment) {
  const auto globals = static_cast<uint32_t>(module.globals.size());
  if (segment.mode == ElemSegment::Mode::kActive) {
    TRY(check_index(segment.table, module.tables.size(), "table", segment.byte_offset));
    const TableType& table = module.tables[segment.table].type;
    if (!matches(segment.type, table.element)) {
      return make_error(ErrorKind::kInvalid,
                        "type mismatch at offset {:#x}: table {} expects {}, found elements of {}",
                        segment.byte_offset, segment.table, name_of(table.element),
                        name_of(segment.type));
    }
    TRY(check_constant(module, segment.offset, table.address_type(), "an element segment's offset",
                       globals));
  }
  for (const ConstExpr& element : segment.elements) {
    TRY(check_constant(module, element, segment.type, "an element", globals));
  }
  return ok_status();
}

Status check_data(const Module& module, const DataSegment& segment) {
  if (segment.mode != DataSegment::Mode::kActive) return ok_status();
  TRY(check_index(segment.memory, module.memories.size(), "memory", segment.byte_offset));
  return check_constant(module, segment.offset, module.memories[segment.memory].type.address_type(),
                        "a data segment's offset", static_cast<uint32_t>(module.globals.size()));
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
    case ExternKind::kTag: return module.tags.size();
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
  TRY(check_tables(module));
  TRY(check_memories(module));
  for (const Tag& tag : module.tags) TRY(check_tag(module, tag));
  for (GlobalIndex i = 0; i < module.globals.size(); i++) TRY(check_global(module, i));
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
