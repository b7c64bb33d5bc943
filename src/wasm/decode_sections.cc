// The content of each section (Core 2.0, chapter 5.5). Indices are taken as they come: whether they
// exist is validate()'s question.
#include "wasm/decoder.h"
#include "wasm/features.h"
#include "wasm/limits.h"

namespace wherry::wasm {

namespace {

// Appends to an index space that imports and a section share, within its limit.
template <typename T>
Status append(std::vector<T>& space, T item, std::string_view what, uint64_t limit,
              uint32_t offset) {
  TRY(limits::check_count(what, space.size() + 1, limit, offset));
  space.push_back(std::move(item));
  return ok_status();
}

Error unknown_limits_flags(uint8_t flags, uint32_t offset) {
  const std::string what =
      fmt::format("integer too large at offset {:#x}: limits flags {:#04x}", offset, flags);
  if (flags < 0x04) return unsupported_feature(what, Feature::kThreads);
  if (flags < 0x08) return unsupported_feature(what, Feature::kMemory64);
  if (flags < 0x10) return unsupported_feature(what, Feature::kCustomPageSizes);
  return make_error(ErrorKind::kInvalid, "{}, expected 0 or 1", what);
}

Result<Limits> read_limits(Reader& in) {
  const uint32_t start = in.offset();
  const uint8_t flags = TRY(in.byte("limits"));
  if (flags & 0x80) {
    return make_error(ErrorKind::kInvalid,
                      "integer representation too long at offset {:#x}: limits flags fit in 1 byte",
                      start);
  }
  if (flags > 1) return unknown_limits_flags(flags, start);
  Limits out;
  out.min = TRY(in.u32("a minimum"));
  if (flags == 1) out.max = TRY(in.u32("a maximum"));
  return out;
}

Result<TableType> read_table_type(Reader& in) {
  TableType out;
  out.element = TRY(in.reference_type());
  out.limits = TRY(read_limits(in));
  return out;
}

Result<GlobalType> read_global_type(Reader& in) {
  GlobalType out;
  out.type = TRY(in.value_type());
  const uint8_t mutability = TRY(in.byte("a mutability"));
  if (mutability > 1) {
    return make_error(ErrorKind::kInvalid,
                      "malformed mutability {:#04x} at offset {:#x}, expected 0 or 1", mutability,
                      in.offset() - 1);
  }
  out.is_mutable = mutability == 1;
  return out;
}

// `words` are the specification's for the mistake: "malformed import kind".
Result<ExternKind> read_extern_kind(Reader& in, std::string_view words) {
  constexpr uint8_t kTagKind = 4;
  const uint8_t kind = TRY(in.byte("an import or export kind"));
  if (kind <= static_cast<uint8_t>(ExternKind::kGlobal)) return ExternKind{kind};
  const std::string what = fmt::format("{} {} at offset {:#x}", words, kind, in.offset() - 1);
  if (kind == kTagKind) return unsupported_feature(what, Feature::kExceptions);
  return make_error(ErrorKind::kInvalid, "{}, expected at most 3", what);
}

bool is_constant(Opcode op) {
  switch (op) {
    case Opcode::i32_const:
    case Opcode::i64_const:
    case Opcode::f32_const:
    case Opcode::f64_const:
    case Opcode::v128_const:
    case Opcode::global_get:
    case Opcode::ref_null:
    case Opcode::ref_func: return true;
    default: return false;
  }
}

bool is_extended_constant(Opcode op) {
  switch (op) {
    case Opcode::i32_add:
    case Opcode::i32_sub:
    case Opcode::i32_mul:
    case Opcode::i64_add:
    case Opcode::i64_sub:
    case Opcode::i64_mul: return true;
    default: return false;
  }
}

Error not_constant(const Instruction& in) {
  const std::string what =
      fmt::format("constant expression required at offset {:#x}: {}", in.offset, text_of(in.op));
  if (is_extended_constant(in.op)) return unsupported_feature(what, Feature::kExtendedConst);
  return make_error(ErrorKind::kInvalid, "{} is not constant", what);
}

Error second_value(const Instruction& in) {
  return make_error(ErrorKind::kInvalid,
                    "type mismatch at offset {:#x}: {}, but a constant expression has one value",
                    in.offset, text_of(in.op));
}

ConstExpr ref_func(FuncIndex index, uint32_t offset) {
  Instruction instruction;
  instruction.op = Opcode::ref_func;
  instruction.offset = offset;
  instruction.index = index;
  return ConstExpr{{instruction}, offset};
}

}  // namespace

void Decoder::mark_referenced(FuncIndex index) {
  std::vector<bool>& referenced = module_.referenced_functions;
  if (index >= module_.functions.size()) return;
  if (index >= referenced.size()) referenced.resize(module_.functions.size());
  referenced[index] = true;
}

Result<ConstExpr> Decoder::read_const_expr(Reader& in) {
  ConstExpr out;
  out.offset = in.offset();
  InstructionReader instructions(in.rest(), in.offset());
  std::optional<Error> too_long;
  Instruction next;
  while (true) {
    TRY(instructions.next(next));
    if (next.op == Opcode::end) break;
    if (!is_constant(next.op)) return not_constant(next);
    if (next.op == Opcode::ref_func) mark_referenced(next.index);
    if (out.code.empty()) {
      out.code.push_back(next);
    } else if (!too_long) {
      too_long = second_value(next);  // unless an instruction yet to come is the better answer
    }
  }
  if (too_long) return *std::move(too_long);
  TRY(in.bytes(instructions.offset() - in.offset(), "a constant expression"));
  return out;
}

Status Decoder::read_custom(Reader& in) {
  CustomSection section;
  const uint32_t start = in.offset();
  section.name = TRY(in.name("a custom section's name"));
  section.offset = in.offset();
  section.bytes = TRY(in.bytes(in.bytes_left(), "a custom section"));
  return append(module_.customs, section, "custom sections", limits::kCustomSections, start);
}

Status Decoder::read_types(Reader& in) {
  const uint32_t count = TRY(in.count("types", limits::kTypes));
  module_.types.reserve(count);
  for (uint32_t i = 0; i < count; i++) module_.types.push_back(TRY(read_func_type(in)));
  return ok_status();
}

Result<FuncType> Decoder::read_func_type(Reader& in) {
  constexpr uint8_t kFuncForm = 0x60;
  const uint32_t start = in.offset();
  const uint8_t form = TRY(in.byte("a type"));
  if (form & 0x80) {
    return make_error(ErrorKind::kInvalid,
                      "integer representation too long at offset {:#x}: a type's form is one byte",
                      start);
  }
  if (form != kFuncForm) {
    const std::string what =
        fmt::format("malformed type form {:#04x} at offset {:#x}", form, start);
    // rec, sub final, sub, array, struct
    const bool is_gc = form == 0x4e || form == 0x4f || form == 0x50 || form == 0x5e || form == 0x5f;
    if (is_gc) return unsupported_feature(what, Feature::kGc);
    return make_error(ErrorKind::kInvalid, "{}, expected 0x60", what);
  }
  FuncType out;
  out.params.resize(TRY(in.count("parameters", limits::kFunctionParams)));
  for (ValueType& type : out.params) type = TRY(in.value_type());
  out.results.resize(TRY(in.count("results", limits::kFunctionResults)));
  for (ValueType& type : out.results) type = TRY(in.value_type());
  return out;
}

Status Decoder::read_imports(Reader& in) {
  const uint32_t count = TRY(in.count("imports", limits::kImports));
  module_.imports.reserve(count);
  for (uint32_t i = 0; i < count; i++) TRY(read_import(in));
  module_.imported_functions = static_cast<uint32_t>(module_.functions.size());
  module_.imported_tables = static_cast<uint32_t>(module_.tables.size());
  module_.imported_memories = static_cast<uint32_t>(module_.memories.size());
  module_.imported_globals = static_cast<uint32_t>(module_.globals.size());
  return ok_status();
}

Status Decoder::read_import(Reader& in) {
  Import import;
  const uint32_t at = import.byte_offset = in.offset();
  import.module = TRY(in.name("an import's module name"));
  import.name = TRY(in.name("an import's name"));
  import.kind = TRY(read_extern_kind(in, "malformed import kind"));
  const auto add = [&](auto& space, auto item, std::string_view what, uint64_t limit) -> Status {
    import.index = static_cast<uint32_t>(space.size());
    item.imported = true;
    item.byte_offset = at;
    return append(space, std::move(item), what, limit, at);
  };
  switch (import.kind) {
    case ExternKind::kFunc: {
      const TypeIndex type = TRY(in.u32("a type index"));
      TRY(add(module_.functions, Function{.type = type}, "functions", limits::kFunctions));
      break;
    }
    case ExternKind::kTable: {
      const TableType type = TRY(read_table_type(in));
      TRY(add(module_.tables, Table{.type = type}, "tables", limits::kTables));
      break;
    }
    case ExternKind::kMemory: {
      const MemoryType type{TRY(read_limits(in))};
      TRY(add(module_.memories, Memory{.type = type}, "memories", limits::kMemories));
      break;
    }
    case ExternKind::kGlobal: {
      const GlobalType type = TRY(read_global_type(in));
      TRY(add(module_.globals, Global{.type = type}, "globals", limits::kGlobals));
      break;
    }
  }
  module_.imports.push_back(import);
  return ok_status();
}

Status Decoder::read_functions(Reader& in) {
  const uint32_t count = TRY(in.count("functions", limits::kFunctions));
  module_.functions.reserve(module_.functions.size() + count);
  for (uint32_t i = 0; i < count; i++) {
    Function function;
    const uint32_t at = function.byte_offset = in.offset();
    function.type = TRY(in.u32("a type index"));
    TRY(append(module_.functions, std::move(function), "functions", limits::kFunctions, at));
  }
  return ok_status();
}

Status Decoder::read_tables(Reader& in) {
  constexpr uint8_t kTableWithValue = 0x40;
  const uint32_t count = TRY(in.count("tables", limits::kTables));
  for (uint32_t i = 0; i < count; i++) {
    Table table;
    table.byte_offset = in.offset();
    if (TRY(in.peek("a table")) == kTableWithValue) {
      return unsupported_feature(
          fmt::format("malformed reference type 0x40 at offset {:#x}: a table's initial value",
                      table.byte_offset),
          Feature::kFunctionReferences);
    }
    table.type = TRY(read_table_type(in));
    TRY(append(module_.tables, table, "tables", limits::kTables, table.byte_offset));
  }
  return ok_status();
}

Status Decoder::read_memories(Reader& in) {
  const uint32_t count = TRY(in.count("memories", limits::kMemories));
  for (uint32_t i = 0; i < count; i++) {
    Memory memory;
    memory.byte_offset = in.offset();
    memory.type.limits = TRY(read_limits(in));
    TRY(append(module_.memories, memory, "memories", limits::kMemories, memory.byte_offset));
  }
  return ok_status();
}

Status Decoder::read_globals(Reader& in) {
  const uint32_t count = TRY(in.count("globals", limits::kGlobals));
  module_.globals.reserve(module_.globals.size() + count);
  for (uint32_t i = 0; i < count; i++) {
    Global global;
    const uint32_t at = global.byte_offset = in.offset();
    global.type = TRY(read_global_type(in));
    global.init = TRY(read_const_expr(in));
    TRY(append(module_.globals, std::move(global), "globals", limits::kGlobals, at));
  }
  return ok_status();
}

Status Decoder::read_exports(Reader& in) {
  const uint32_t count = TRY(in.count("exports", limits::kExports));
  module_.exports.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    Export item;
    item.byte_offset = in.offset();
    item.name = TRY(in.name("an export's name"));
    item.kind = TRY(read_extern_kind(in, "malformed export kind"));
    item.index = TRY(in.u32("an export's index"));
    if (item.kind == ExternKind::kFunc) mark_referenced(item.index);
    module_.exports.push_back(item);
  }
  return ok_status();
}

Status Decoder::read_start(Reader& in) {
  module_.start_byte_offset = in.offset();
  module_.start = TRY(in.u32("a function index"));
  return ok_status();
}

Status Decoder::read_elems(Reader& in) {
  const uint32_t count = TRY(in.count("element segments", limits::kElemSegments));
  module_.elems.reserve(count);
  for (uint32_t i = 0; i < count; i++) module_.elems.push_back(TRY(read_elem(in)));
  return ok_status();
}

// Core 2.0, chapter 5.5.12: three flag bits choose among eight forms.
Result<ElemSegment> Decoder::read_elem(Reader& in) {
  constexpr uint32_t kNotActive = 1, kExplicit = 2, kExpressions = 4;
  ElemSegment out;
  out.byte_offset = in.offset();
  const uint32_t flags = TRY(in.u32("an element segment"));
  if (flags > 7) {
    return make_error(ErrorKind::kInvalid,
                      "malformed elements segment kind {} at offset {:#x}, expected at most 7",
                      flags, out.byte_offset);
  }
  if (flags & kNotActive) {
    out.mode = flags & kExplicit ? ElemSegment::Mode::kDeclarative : ElemSegment::Mode::kPassive;
  } else {
    if (flags & kExplicit) out.table = TRY(in.u32("a table index"));
    out.offset = TRY(read_const_expr(in));
  }
  const bool has_type = flags & (kNotActive | kExplicit);
  if (has_type && flags & kExpressions) {
    out.type = TRY(in.reference_type());
  } else if (has_type) {
    const uint8_t kind = TRY(in.byte("an element kind"));
    if (kind != 0) {
      return make_error(ErrorKind::kInvalid,
                        "malformed element kind {:#04x} at offset {:#x}, expected 0", kind,
                        in.offset() - 1);
    }
  }
  TRY(read_elements(in, out, flags & kExpressions));
  return out;
}

Status Decoder::read_elements(Reader& in, ElemSegment& segment, bool as_expressions) {
  const uint32_t start = in.offset();
  const uint32_t count = TRY(in.count("elements", limits::kElements));
  elements_ += count;
  TRY(limits::check_count("elements", elements_, limits::kElements, start));
  segment.elements.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    if (as_expressions) {
      segment.elements.push_back(TRY(read_const_expr(in)));
      continue;
    }
    const uint32_t at = in.offset();
    const FuncIndex index = TRY(in.u32("a function index"));
    mark_referenced(index);
    segment.elements.push_back(ref_func(index, at));
  }
  return ok_status();
}

Status Decoder::read_code(Reader& in) {
  bodies_ = TRY(in.count("function bodies", limits::kFunctions));
  const size_t first = module_.imported_functions;
  // Too few bodies are refused at the module's end, where a missing section would be too.
  if (bodies_ > module_.functions.size() - first) return check_counts();
  for (size_t i = 0; i < bodies_; i++) TRY(read_body(in, module_.functions[first + i]));
  return ok_status();
}

Status Decoder::read_body(Reader& in, Function& function) {
  const uint32_t start = in.offset();
  const uint32_t size = TRY(in.u32("a function body's size"));
  if (size > limits::kFunctionSizeBytes) {
    return make_error(ErrorKind::kLimit,
                      "function too large: {} bytes at offset {:#x}, the limit is {}", size, start,
                      limits::kFunctionSizeBytes);
  }
  Reader body = TRY(in.sub_reader(size, "a function body"));
  TRY(read_locals(body, function));
  function.body = body.rest();
  function.body_offset = body.offset();
  return ok_status();
}

Status Decoder::read_locals(Reader& in, Function& function) {
  const uint32_t runs = TRY(in.count("local declarations", limits::kFunctionLocals));
  uint64_t total = 0;
  if (function.type < module_.types.size()) total = module_.types[function.type].params.size();
  function.locals.reserve(runs);
  for (uint32_t i = 0; i < runs; i++) {
    const uint32_t start = in.offset();
    LocalRun run;
    run.count = TRY(in.u32("a local count"));
    run.type = TRY(in.value_type());
    total += run.count;
    TRY(limits::check_count("locals", total, limits::kFunctionLocals, start));
    if (run.count > 0) function.locals.push_back(run);
  }
  return ok_status();
}

Status Decoder::read_datas(Reader& in) {
  const uint32_t start = in.offset();
  const uint32_t count = TRY(in.count("data segments", limits::kDataSegments));
  if (module_.data_count && *module_.data_count != count) {
    return make_error(
        ErrorKind::kInvalid,
        "data count and data section have inconsistent lengths: count {}, {} segments "
        "at offset {:#x}",
        *module_.data_count, count, start);
  }
  module_.datas.reserve(count);
  for (uint32_t i = 0; i < count; i++) module_.datas.push_back(TRY(read_data(in)));
  return ok_status();
}

Result<DataSegment> Decoder::read_data(Reader& in) {
  constexpr uint32_t kPassive = 1, kExplicit = 2;
  DataSegment out;
  out.byte_offset = in.offset();
  const uint32_t flags = TRY(in.u32("a data segment"));
  if (flags > kExplicit) {
    return make_error(ErrorKind::kInvalid,
                      "malformed data segment kind {} at offset {:#x}, expected at most 2", flags,
                      out.byte_offset);
  }
  if (flags == kPassive) {
    out.mode = DataSegment::Mode::kPassive;
  } else {
    if (flags == kExplicit) out.memory = TRY(in.u32("a memory index"));
    out.offset = TRY(read_const_expr(in));
  }
  const uint32_t size = TRY(in.u32("a data segment's size"));
  out.bytes = TRY(in.bytes(size, "a data segment"));
  return out;
}

}  // namespace wherry::wasm
