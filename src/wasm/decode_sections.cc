// The content of each section (Core 3.0, chapter 5.5). Indices are taken as they come: whether they
// exist is validate()'s question.
#include "wasm/decode_types.h"
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

// Whether the instruction may stand in a constant expression; the error says why not.
Status check_constant(const Reader& in, const Instruction& instruction) {
  if (is_constant(instruction.op)) return ok_status();
  const std::string what = fmt::format("constant expression required at offset {:#x}: {}",
                                       instruction.offset, text_of(instruction.op));
  if (!is_extended_constant(instruction.op)) {
    return make_error(ErrorKind::kInvalid, "{} is not constant", what);
  }
  if (!in.has(Feature::kExtendedConst)) return missing_feature(what, Feature::kExtendedConst);
  return ok_status();
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
  const size_t most = in.has(Feature::kExtendedConst) ? limits::kConstInstructions : 1;
  InstructionReader instructions(in.rest(), in.offset(), in.context());
  std::optional<Error> too_long;
  Instruction next;
  while (true) {
    TRY(instructions.next(next));
    if (next.op == Opcode::end) break;
    TRY(check_constant(in, next));
    if (next.op == Opcode::ref_func) mark_referenced(next.index);
    if (out.code.size() < most) {
      out.code.push_back(next);
    } else if (most > 1) {
      TRY(limits::check_count("constant instructions", most + 1, most, next.offset));
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

Status Decoder::read_imports(Reader& in) {
  const uint32_t count = TRY(in.count("imports", limits::kImports));
  module_.imports.reserve(count);
  // The count is of the imports, of which the compact form has several in one entry.
  while (module_.imports.size() < count) TRY(read_import(in));
  if (module_.imports.size() > count) {
    return make_error(ErrorKind::kInvalid,
                      "section size mismatch at offset {:#x}: {} imports promised, {} found",
                      in.offset(), count, module_.imports.size());
  }
  module_.imported_functions = static_cast<uint32_t>(module_.functions.size());
  module_.imported_tables = static_cast<uint32_t>(module_.tables.size());
  module_.imported_memories = static_cast<uint32_t>(module_.memories.size());
  module_.imported_globals = static_cast<uint32_t>(module_.globals.size());
  module_.imported_tags = static_cast<uint32_t>(module_.tags.size());
  return ok_status();
}

// One import, or with the compact form several of a module: an empty name, then 0x7f and pairs of
// name and type, or 0x7e, one type and names.
Status Decoder::read_import(Reader& in) {
  constexpr uint8_t kPairs = 0x7f, kOneType = 0x7e;
  Import import;
  import.byte_offset = in.offset();
  import.module = TRY(in.name("an import's module name"));
  import.name = TRY(in.name("an import's name"));
  const uint8_t form = TRY(in.peek("an import or export kind"));
  const bool is_compact = import.name.empty() && (form == kPairs || form == kOneType);
  if (!is_compact || !in.has(Feature::kCompactImports)) return read_import_type(in, import);
  TRY(in.byte("an import form"));
  const Reader type = in;  // read again for each name
  if (form == kOneType) TRY(read_import_type(in, import, false));
  const uint32_t count = TRY(in.count("imports", limits::kImports));
  for (uint32_t i = 0; i < count; i++) {
    import.byte_offset = in.offset();
    TRY(limits::check_count("imports", module_.imports.size() + 1, limits::kImports, in.offset()));
    import.name = TRY(in.name("an import's name"));
    Reader same = type;
    TRY(read_import_type(form == kOneType ? same : in, import));
  }
  return ok_status();
}

// The import's kind and type; adds it to the module unless told not to.
Status Decoder::read_import_type(Reader& in, Import import, bool is_added) {
  const uint32_t at = import.byte_offset;
  import.kind = TRY(read_extern_kind(in, "malformed import kind"));
  const auto add = [&](auto& space, auto item, std::string_view what, uint64_t limit) -> Status {
    if (!is_added) return ok_status();
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
      const MemoryType type = TRY(read_memory_type(in));
      TRY(add(module_.memories, Memory{.type = type}, "memories", limits::kMemories));
      break;
    }
    case ExternKind::kGlobal: {
      const GlobalType type = TRY(read_global_type(in));
      TRY(add(module_.globals, Global{.type = type}, "globals", limits::kGlobals));
      break;
    }
    case ExternKind::kTag: {
      const TypeIndex type = TRY(read_tag_type(in));
      TRY(add(module_.tags, Tag{.type = type}, "tags", limits::kTags));
      break;
    }
  }
  if (is_added) module_.imports.push_back(import);
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
  const uint32_t count = TRY(in.count("tables", limits::kTables));
  for (uint32_t i = 0; i < count; i++) {
    Table table;
    const uint32_t at = table.byte_offset = in.offset();
    const bool has_init = TRY(read_table_form(in));
    table.type = TRY(read_table_type(in));
    if (has_init) table.init = TRY(read_const_expr(in));
    TRY(append(module_.tables, std::move(table), "tables", limits::kTables, at));
  }
  return ok_status();
}

// True if an initial value follows the table's type: 0x40 0x00 before the type says so.
Result<bool> Decoder::read_table_form(Reader& in) {
  constexpr uint8_t kTableWithValue = 0x40;
  const uint32_t start = in.offset();
  if (TRY(in.peek("a table")) != kTableWithValue) return false;
  if (!in.has(Feature::kFunctionReferences)) {
    return missing_feature(
        fmt::format("malformed reference type 0x40 at offset {:#x}: a table's initial value",
                    start),
        Feature::kFunctionReferences);
  }
  TRY(in.byte("a table"));
  const uint8_t reserved = TRY(in.byte("a zero byte"));
  if (reserved == 0) return true;
  return make_error(ErrorKind::kInvalid, "malformed table {:#04x} at offset {:#x}, expected 0",
                    reserved, start + 1);
}

Status Decoder::read_memories(Reader& in) {
  const uint32_t count = TRY(in.count("memories", limits::kMemories));
  for (uint32_t i = 0; i < count; i++) {
    Memory memory;
    memory.byte_offset = in.offset();
    memory.type = TRY(read_memory_type(in));
    TRY(append(module_.memories, memory, "memories", limits::kMemories, memory.byte_offset));
  }
  return ok_status();
}

Status Decoder::read_tags(Reader& in) {
  const uint32_t count = TRY(in.count("tags", limits::kTags));
  for (uint32_t i = 0; i < count; i++) {
    Tag tag;
    tag.byte_offset = in.offset();
    tag.type = TRY(read_tag_type(in));
    TRY(append(module_.tags, tag, "tags", limits::kTags, tag.byte_offset));
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
  // A segment of function indices holds no null; before typed references that could not be said.
  if (in.has(Feature::kFunctionReferences) && !(flags & kExpressions)) {
    out.type = ref(kHeapFunc, false);
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
  module_.code_section_offset = in.offset();
  module_.code_section_bytes = static_cast<uint32_t>(in.bytes_left());
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
