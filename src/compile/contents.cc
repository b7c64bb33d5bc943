// The artifact's tables for a module: everything the runtime must know besides the machine code.
#include "artifact/contents.h"
#include "artifact/artifact.h"

#include <algorithm>

#include "compile/plan.h"
#include "contract/fingerprint.h"
#include "wasm/names.h"

namespace wherry::compile {
namespace {

using artifact::ConstInstruction;
using artifact::ConstOp;
using artifact::Contents;
using artifact::Slice;

// An image may be this much larger than the data in it; beyond, segments are copied at start.
constexpr uint64_t kImageSlackBytes = 1 << 20;

artifact::LimitsRecord record_of(const wasm::Limits& limits) {
  return {limits.min, limits.max.value_or(0), limits.max.has_value(), 0};
}

artifact::ValueTypeRecord record_of(wasm::ValueType type) {
  return {static_cast<uint8_t>(type.kind), type.nullable, 0, type.heap};
}

std::optional<ConstOp> arithmetic_of(wasm::Opcode op) {
  using wasm::Opcode;
  switch (op) {
    case Opcode::i32_add: return ConstOp::kI32Add;
    case Opcode::i32_sub: return ConstOp::kI32Sub;
    case Opcode::i32_mul: return ConstOp::kI32Mul;
    case Opcode::i64_add: return ConstOp::kI64Add;
    case Opcode::i64_sub: return ConstOp::kI64Sub;
    case Opcode::i64_mul: return ConstOp::kI64Mul;
    default: return std::nullopt;
  }
}

Result<ConstInstruction> record_of(const wasm::Instruction& instruction) {
  using wasm::Opcode;
  ConstInstruction out;
  switch (instruction.op) {
    case Opcode::i32_const: out.low = static_cast<uint32_t>(instruction.bits); return out;
    case Opcode::i64_const:
    case Opcode::f32_const:
    case Opcode::f64_const: out.low = instruction.bits; return out;
    case Opcode::v128_const:
      out.low = load_le<uint64_t>(instruction.v128);
      out.high = load_le<uint64_t>(instruction.v128 + 8);
      return out;
    case Opcode::global_get:
      out.op = static_cast<uint32_t>(ConstOp::kGlobalGet);
      out.index = instruction.index;
      return out;
    case Opcode::ref_null: out.op = static_cast<uint32_t>(ConstOp::kRefNull); return out;
    case Opcode::ref_func:
      out.op = static_cast<uint32_t>(ConstOp::kRefFunc);
      out.index = instruction.index;
      return out;
    default: break;
  }
  if (auto arithmetic = arithmetic_of(instruction.op)) {
    out.op = static_cast<uint32_t>(*arithmetic);
    return out;
  }
  return make_error(ErrorKind::kInternal, "{} in a constant expression at offset {:#x}",
                    wasm::info_of(instruction.op).text, instruction.offset);
}

Status add_expression(Contents& contents, const wasm::ConstExpr& expr) {
  for (const wasm::Instruction& instruction : expr.code) {
    contents.expressions.push_back(TRY(record_of(instruction)));
  }
  return ok_status();
}

Result<Slice> expression(Contents& contents, const wasm::ConstExpr& expr) {
  Slice slice{static_cast<uint32_t>(contents.expressions.size()),
              static_cast<uint32_t>(expr.code.size())};
  TRY(add_expression(contents, expr));
  return slice;
}

Status add_declarations(Contents& contents, const Plan& plan) {
  const wasm::Module& module = *plan.module;
  for (uint32_t i = 0; i < module.types.size(); i++) {
    artifact::FuncTypeRecord record{contents.add_value_types(module.types[i].params),
                                    contents.add_value_types(module.types[i].results),
                                    plan.type_ids[i]};
    std::ranges::copy(plan.type_digests[i], record.digest);
    contents.types.push_back(record);
  }
  for (const wasm::Import& import : module.imports) {
    contents.imports.push_back({contents.add_string(import.module),
                                contents.add_string(import.name),
                                static_cast<uint32_t>(import.kind), import.index});
  }
  for (const wasm::Export& e : module.exports) {
    contents.exports.push_back(
        {contents.add_string(e.name), static_cast<uint32_t>(e.kind), e.index});
  }
  wasm::Names names = wasm::read_names(module);
  for (uint32_t i = 0; i < module.functions.size(); i++) {
    std::string_view name = i < names.functions.size() ? names.functions[i] : std::string_view();
    contents.functions.push_back(
        {module.functions[i].type, plan.func_refs[i], contents.add_string(name)});
  }
  for (wasm::TableIndex i = 0; i < module.tables.size(); i++) {
    const wasm::Table& table = module.tables[i];
    contents.tables.push_back({record_of(table.type.element), record_of(table.type.limits),
                               TRY(expression(contents, table.init)), table.type.is_64,
                               plan.static_tables[i].is_static});
  }
  for (const wasm::Memory& memory : module.memories) {
    contents.memories.push_back({record_of(memory.type.limits), memory.type.is_64,
                                 memory.type.is_shared, memory.type.page_log2});
  }
  for (const wasm::Tag& tag : module.tags) contents.tags.push_back({tag.type});
  for (const wasm::Global& global : module.globals) {
    contents.globals.push_back({record_of(global.type.type), global.type.is_mutable, 0,
                                TRY(expression(contents, global.init))});
  }
  for (const wasm::ElemSegment& elem : module.elems) {
    artifact::ElemRecord record;
    record.mode = static_cast<uint32_t>(elem.mode);
    record.table = elem.table;
    record.offset = TRY(expression(contents, elem.offset));
    if (elem.mode == wasm::ElemSegment::Mode::kActive && plan.static_tables[elem.table].is_static) {
      contents.elems.push_back(record);
      continue;
    }
    record.elements = {static_cast<uint32_t>(contents.expressions.size()),
                       static_cast<uint32_t>(elem.elements.size())};
    for (const wasm::ConstExpr& element : elem.elements) TRY(add_expression(contents, element));
    contents.elems.push_back(record);
  }
  return ok_status();
}

struct ImageRange {
  uint64_t begin = 0;
  uint64_t end = 0;
};

uint64_t constant_offset(const wasm::DataSegment& data) {
  const wasm::Instruction& in = data.offset.code[0];
  return in.op == wasm::Opcode::i32_const ? static_cast<uint32_t>(in.bits) : in.bits;
}

// Where active segments put their bytes, if all of them can be placed now: memory 0 is the module's
// own, every offset is a constant, everything lies inside the initial size, and the span is dense.
std::optional<ImageRange> image_range(const Plan& plan) {
  const wasm::Module& module = *plan.module;
  if (!plan.memory0_is_own) return std::nullopt;
  const wasm::MemoryType& memory = module.memories[0].type;
  // What cannot be had at all fails at instantiation, whatever is in the image.
  if (memory.limits.min > contract::kMemoryReservedBytes >> memory.page_log2) return std::nullopt;
  uint64_t size = memory.limits.min << memory.page_log2;
  uint64_t begin = UINT64_MAX, end = 0, sum = 0;
  for (const wasm::DataSegment& data : module.datas) {
    if (data.mode != wasm::DataSegment::Mode::kActive) continue;
    bool is_constant =
        data.offset.code.size() == 1 && (data.offset.code[0].op == wasm::Opcode::i32_const ||
                                         data.offset.code[0].op == wasm::Opcode::i64_const);
    if (data.memory != 0 || !is_constant) return std::nullopt;
    uint64_t at = constant_offset(data);
    if (at > size || data.bytes.size() > size - at) return std::nullopt;
    if (data.bytes.empty()) continue;
    begin = std::min(begin, at);
    end = std::max<uint64_t>(end, at + data.bytes.size());
    sum += data.bytes.size();
  }
  if (sum == 0) return std::nullopt;
  begin &= ~uint64_t{4095};
  end = align_up(end, 4096);
  if (end - begin > 2 * sum + kImageSlackBytes) return std::nullopt;
  return ImageRange{begin, end};
}

Status add_data(Contents& contents, const Plan& plan) {
  const wasm::Module& module = *plan.module;
  std::optional<ImageRange> range = image_range(plan);
  if (range) {
    contents.image.assign(range->end - range->begin, 0);
    contents.header.image_address = range->begin;
  }
  for (const wasm::DataSegment& data : module.datas) {
    artifact::DataRecord record;
    record.mode = static_cast<uint32_t>(data.mode);
    record.memory = data.memory;
    record.bytes_count = data.bytes.size();
    record.offset = TRY(expression(contents, data.offset));
    if (range && data.mode == wasm::DataSegment::Mode::kActive) {
      record.in_image = 1;
      uint64_t at = constant_offset(data);
      if (!data.bytes.empty()) {
        std::copy(data.bytes.begin(), data.bytes.end(),
                  contents.image.begin() + static_cast<ptrdiff_t>(at - range->begin));
      }
    } else {
      record.bytes_offset = contents.data_bytes.size();
      contents.data_bytes.insert(contents.data_bytes.end(), data.bytes.begin(), data.bytes.end());
    }
    contents.datas.push_back(record);
  }
  return ok_status();
}

}  // namespace

Result<Contents> make_contents(const Plan& plan) {
  const wasm::Module& module = *plan.module;
  Contents contents;
  artifact::Header& header = contents.header;
  std::copy(std::begin(artifact::kMagic), std::end(artifact::kMagic), header.magic);
  header.format_version = artifact::kFormatVersion;
  header.header_bytes = sizeof(artifact::Header);
  header.engine_fingerprint = contract::engine_fingerprint();
  header.module_bytes = module.bytes.size();
  header.imported_functions = module.imported_functions;
  header.imported_tables = module.imported_tables;
  header.imported_memories = module.imported_memories;
  header.imported_globals = module.imported_globals;
  header.imported_tags = module.imported_tags;
  header.makes_tail_calls = std::ranges::count(plan.makes_tail_calls, true) != 0;
  header.func_refs = plan.func_ref_count;
  header.start = module.start.value_or(artifact::kNone);
  header.memory0_is_own = plan.memory0_is_own;
  TRY(add_declarations(contents, plan));
  const auto names_type = [](const artifact::ValueTypeRecord& record) {
    return artifact::value_type_of(record).is_concrete_ref();
  };
  header.names_types =
      std::ranges::any_of(contents.value_types, names_type) ||
      std::ranges::any_of(contents.tables, names_type, &artifact::TableRecord::element) ||
      std::ranges::any_of(contents.globals, names_type, &artifact::GlobalRecord::type);
  TRY(add_data(contents, plan));
  return contents;
}

}  // namespace wherry::compile
