#include "snapshot/write_module.h"

#include <algorithm>
#include <set>
#include <span>

#include "snapshot/module_writer.h"
#include "wasm/limits.h"
#include "wasm/sections.h"

namespace wherry::snapshot {
namespace {

using wasm::ConstExpr;
using wasm::DataSegment;
using wasm::ElemSegment;
using wasm::Module;
using wasm::Opcode;
using wasm::SectionId;
using wasm::ValueType;

namespace limits = wasm::limits;

// Bytes that are written: `length` of them, from `begin` of a memory on.
struct Run {
  uint64_t begin = 0;
  uint64_t length = 0;
};

// What of a memory is not zero, in runs with at least `gap` zero bytes between them.
std::vector<Run> runs_of(Bytes memory, uint64_t gap) {
  std::vector<Run> runs;
  uint64_t at = 0;
  while (at < memory.size()) {
    // Zeros are skipped by the word: most of a memory is.
    if (at % 8 == 0 && at + 8 <= memory.size() && load_le<uint64_t>(&memory[at]) == 0) {
      at += 8;
      continue;
    }
    if (memory[at] == 0) {
      at++;
      continue;
    }
    if (!runs.empty() && at - (runs.back().begin + runs.back().length) < gap) {
      runs.back().length = at + 1 - runs.back().begin;
    } else {
      runs.push_back({at, 1});
    }
    at++;
  }
  return runs;
}

// Few enough segments for every engine; each costs a handful of bytes, as do the zeros in between.
std::vector<Run> runs_of(Bytes memory) {
  constexpr size_t kMostRuns = 10'000;
  uint64_t gap = 32;
  std::vector<Run> runs = runs_of(memory, gap);
  while (runs.size() > kMostRuns) {
    gap *= 4;
    std::vector<Run> joined;
    for (const Run& run : runs) {
      if (!joined.empty() && run.begin - (joined.back().begin + joined.back().length) < gap) {
        joined.back().length = run.begin + run.length - joined.back().begin;
      } else {
        joined.push_back(run);
      }
    }
    runs = std::move(joined);
  }
  return runs;
}

class SnapshotWriter {
 public:
  SnapshotWriter(const Module& module, const State& state, const Renaming& exports)
      : module_(module), state_(state), exports_(exports) {}

  Result<ByteVector> run();

 private:
  Constant evaluate(const ConstExpr& expression) const;
  void put_constant(ModuleWriter& out, ValueType type, const Constant& value) const;
  std::string_view exported_name_of(const wasm::Export& item) const;
  bool has_changed(wasm::TableIndex table) const { return state_.tables[table].has_value(); }

  ByteVector tables() const;
  ByteVector memories() const;
  ByteVector globals() const;
  ByteVector exports() const;
  void put_elem(ModuleWriter& out, ElemSegment::Mode mode, wasm::TableIndex table, uint64_t offset,
                ValueType type, std::span<const Constant> elements);
  void put_own_elem(ModuleWriter& out, const ElemSegment& segment, bool is_dropped);
  void put_table_elems(ModuleWriter& out, wasm::TableIndex table);
  std::vector<Constant> undeclared_functions() const;
  ByteVector elems();
  ByteVector datas();

  const Module& module_;
  const State& state_;
  const Renaming& exports_;
  uint64_t elem_count_ = 0, element_count_ = 0, data_count_ = 0;
};

// A stack machine; validation has seen to it that operands are there.
Constant SnapshotWriter::evaluate(const ConstExpr& expression) const {
  std::vector<Constant> stack;
  const auto apply = [&](bool is_32, auto operation) {
    const uint64_t right = stack.back().low;
    stack.pop_back();
    const uint64_t value = operation(stack.back().low, right);
    stack.back().low = is_32 ? static_cast<uint32_t>(value) : value;
  };
  const auto add = [](uint64_t a, uint64_t b) { return a + b; };
  const auto subtract = [](uint64_t a, uint64_t b) { return a - b; };
  const auto multiply = [](uint64_t a, uint64_t b) { return a * b; };
  for (const wasm::Instruction& in : expression.code) {
    switch (in.op) {
      case Opcode::i32_add: apply(true, add); break;
      case Opcode::i32_sub: apply(true, subtract); break;
      case Opcode::i32_mul: apply(true, multiply); break;
      case Opcode::i64_add: apply(false, add); break;
      case Opcode::i64_sub: apply(false, subtract); break;
      case Opcode::i64_mul: apply(false, multiply); break;
      case Opcode::global_get: stack.push_back(state_.globals[in.index]); break;
      case Opcode::ref_func: stack.push_back({0, 0, in.index}); break;
      case Opcode::ref_null: stack.push_back({}); break;
      case Opcode::i32_const: stack.push_back({static_cast<uint32_t>(in.bits), 0, {}}); break;
      case Opcode::v128_const:
        stack.push_back({load_le<uint64_t>(in.v128), load_le<uint64_t>(in.v128 + 8), {}});
        break;
      default: stack.push_back({in.bits, 0, {}}); break;
    }
  }
  return stack.back();
}

void SnapshotWriter::put_constant(ModuleWriter& out, ValueType type, const Constant& value) const {
  switch (type.kind) {
    case ValueType::Kind::kI32:
      out.byte(0x41).signed_number(static_cast<int32_t>(value.low));
      break;
    case ValueType::Kind::kI64:
      out.byte(0x42).signed_number(static_cast<int64_t>(value.low));
      break;
    case ValueType::Kind::kF32: out.byte(0x43).fixed(value.low, 4); break;
    case ValueType::Kind::kF64: out.byte(0x44).fixed(value.low, 8); break;
    case ValueType::Kind::kV128:
      out.byte(0xfd).unsigned_number(12).fixed(value.low, 8).fixed(value.high, 8);
      break;
    case ValueType::Kind::kRef:
      if (value.function) {
        out.byte(0xd2).unsigned_number(*value.function);
      } else {
        out.byte(0xd0).heap_type(type.heap);
      }
      break;
  }
  out.byte(0x0b);
}

// Empty if it is no more.
std::string_view SnapshotWriter::exported_name_of(const wasm::Export& item) const {
  auto renamed = exports_.find(item.name);
  return renamed == exports_.end() ? item.name : renamed->second;
}

ByteVector SnapshotWriter::tables() const {
  ModuleWriter out;
  out.unsigned_number(module_.tables.size());
  for (wasm::TableIndex i = 0; i < module_.tables.size(); i++) {
    const wasm::Table& table = module_.tables[i];
    wasm::TableType type = table.type;
    if (has_changed(i)) type.limits.min = state_.tables[i]->size();
    if (!table.init.code.empty()) out.byte(0x40).byte(0x00);
    out.table_type(type);
    if (!table.init.code.empty()) put_constant(out, type.element, evaluate(table.init));
  }
  return out.take();
}

ByteVector SnapshotWriter::memories() const {
  ModuleWriter out;
  out.unsigned_number(module_.memories.size());
  for (size_t i = 0; i < module_.memories.size(); i++) {
    wasm::MemoryType type = module_.memories[i].type;
    type.limits.min = state_.memories[i].pages;
    out.memory_type(type);
  }
  return out.take();
}

ByteVector SnapshotWriter::globals() const {
  ModuleWriter out;
  out.unsigned_number(module_.globals.size());
  for (size_t i = 0; i < module_.globals.size(); i++) {
    out.global_type(module_.globals[i].type);
    put_constant(out, module_.globals[i].type.type, state_.globals[i]);
  }
  return out.take();
}

ByteVector SnapshotWriter::exports() const {
  ModuleWriter entries;
  uint64_t count = 0;
  for (const wasm::Export& item : module_.exports) {
    const std::string_view name = exported_name_of(item);
    if (name.empty() && exports_.contains(item.name)) continue;
    entries.name(name).byte(static_cast<uint8_t>(item.kind)).unsigned_number(item.index);
    count++;
  }
  return ModuleWriter().unsigned_number(count).bytes(entries.written()).take();
}

// Function indices where they will do: engines know that form from before typed references.
void SnapshotWriter::put_elem(ModuleWriter& out, ElemSegment::Mode mode, wasm::TableIndex table,
                              uint64_t offset, ValueType type, std::span<const Constant> elements) {
  constexpr uint32_t kNotActive = 1, kExplicit = 2, kExpressions = 4;
  const bool as_indices =
      type.heap == wasm::kHeapFunc &&
      std::all_of(elements.begin(), elements.end(), [](auto& item) { return !!item.function; });
  uint32_t flags = as_indices ? 0 : kExpressions;
  if (mode != ElemSegment::Mode::kActive) flags |= kNotActive;
  if (mode == ElemSegment::Mode::kDeclarative) flags |= kExplicit;
  if (mode == ElemSegment::Mode::kActive && (table != 0 || !as_indices)) flags |= kExplicit;
  out.unsigned_number(flags);
  if (mode == ElemSegment::Mode::kActive) {
    if (flags & kExplicit) out.unsigned_number(table);
    put_constant(out, module_.tables[table].type.address_type(), {offset, 0, {}});
  }
  if (!as_indices) {
    out.value_type(type);
  } else if (flags != 0) {
    out.byte(0x00);  // the kind: functions
  }
  out.unsigned_number(elements.size());
  for (const Constant& element : elements) {
    if (as_indices) {
      out.unsigned_number(*element.function);
    } else {
      put_constant(out, type, element);
    }
  }
  elem_count_++;
  element_count_ += elements.size();
}

// One of the module's own. What was applied or dropped stays as a declaration: it keeps its number
// and the right of code to name its functions, and is empty for `table.init`.
void SnapshotWriter::put_own_elem(ModuleWriter& out, const ElemSegment& segment, bool is_dropped) {
  std::vector<Constant> elements;
  for (const ConstExpr& element : segment.elements) elements.push_back(evaluate(element));
  ElemSegment::Mode mode = segment.mode;
  uint64_t offset = 0;
  if (mode == ElemSegment::Mode::kActive && !has_changed(segment.table)) {
    offset = evaluate(segment.offset).low;
  } else if (mode == ElemSegment::Mode::kActive || is_dropped) {
    mode = ElemSegment::Mode::kDeclarative;
  }
  put_elem(out, mode, segment.table, offset, segment.type, elements);
}

// What a table that was changed holds, in runs without nulls: those are there already, unless the
// table begins with something else.
void SnapshotWriter::put_table_elems(ModuleWriter& out, wasm::TableIndex table) {
  const std::vector<Constant>& held = *state_.tables[table];
  const bool writes_nulls = !module_.tables[table].init.code.empty();
  const auto is_written = [&](size_t i) { return writes_nulls || held[i].function.has_value(); };
  for (size_t begin = 0; begin < held.size();) {
    size_t end = begin;
    while (end < held.size() && is_written(end)) end++;
    if (begin != end) {
      put_elem(out, ElemSegment::Mode::kActive, table, begin, module_.tables[table].type.element,
               std::span(held).subspan(begin, end - begin));
    }
    begin = end + 1;
  }
}

// Code may name functions with `ref.func` that something outside of code names: an export or a
// global's first value, say, which are gone now.
std::vector<Constant> SnapshotWriter::undeclared_functions() const {
  std::set<uint32_t> declared;
  for (const auto& global : state_.globals) {
    if (global.function) declared.insert(*global.function);
  }
  for (const wasm::Export& item : module_.exports) {
    if (item.kind == wasm::ExternKind::kFunc && !exported_name_of(item).empty()) {
      declared.insert(item.index);
    }
  }
  for (const ElemSegment& segment : module_.elems) {
    for (const ConstExpr& element : segment.elements) {
      if (const Constant value = evaluate(element); value.function)
        declared.insert(*value.function);
    }
  }
  std::set<uint32_t> named;
  for (const wasm::Function& function : module_.functions) {
    wasm::InstructionReader code = module_.body_reader(function);
    wasm::Instruction next;
    while (!code.at_end() && code.next(next).ok()) {
      if (next.op == Opcode::ref_func && !declared.contains(next.index)) named.insert(next.index);
    }
  }
  std::vector<Constant> out;
  for (uint32_t index : named) out.push_back({0, 0, index});
  return out;
}

ByteVector SnapshotWriter::elems() {
  ModuleWriter entries;
  for (size_t i = 0; i < module_.elems.size(); i++) {
    put_own_elem(entries, module_.elems[i], state_.dropped_elems[i]);
  }
  for (wasm::TableIndex i = 0; i < module_.tables.size(); i++) {
    if (has_changed(i)) put_table_elems(entries, i);
  }
  if (const auto functions = undeclared_functions(); !functions.empty()) {
    put_elem(entries, ElemSegment::Mode::kDeclarative, 0, 0, wasm::kFuncRef, functions);
  }
  return ModuleWriter().unsigned_number(elem_count_).bytes(entries.written()).take();
}

ByteVector SnapshotWriter::datas() {
  constexpr uint32_t kPassive = 1, kActiveExplicit = 2;
  ModuleWriter entries;
  for (size_t i = 0; i < module_.datas.size(); i++) {
    const DataSegment& segment = module_.datas[i];
    const bool is_kept = segment.mode == DataSegment::Mode::kPassive && !state_.dropped_datas[i];
    if (!module_.data_count) break;  // without a count of them, no code can name segments
    entries.unsigned_number(kPassive).sized(is_kept ? segment.bytes : Bytes());
    data_count_++;
  }
  for (size_t i = 0; i < state_.memories.size(); i++) {
    const Bytes memory = state_.memories[i].bytes;
    for (const Run& run : runs_of(memory)) {
      if (i == 0) {
        entries.unsigned_number(0);
      } else {
        entries.unsigned_number(kActiveExplicit).unsigned_number(i);
      }
      put_constant(entries, module_.memories[i].type.address_type(), {run.begin, 0, {}});
      entries.sized(memory.subspan(run.begin, run.length));
      data_count_++;
    }
  }
  return ModuleWriter().unsigned_number(data_count_).bytes(entries.written()).take();
}

Result<ByteVector> SnapshotWriter::run() {
  std::map<SectionId, ByteVector> replaced = {
      {SectionId::kTable, tables()},   {SectionId::kMemory, memories()},
      {SectionId::kGlobal, globals()}, {SectionId::kExport, exports()},
      {SectionId::kElement, elems()},  {SectionId::kData, datas()},
      {SectionId::kStart, {}}};
  if (module_.tables.empty()) replaced[SectionId::kTable].clear();
  if (module_.memories.empty()) replaced[SectionId::kMemory].clear();
  if (module_.globals.empty()) replaced[SectionId::kGlobal].clear();
  if (elem_count_ == 0) replaced[SectionId::kElement].clear();
  if (data_count_ == 0) replaced[SectionId::kData].clear();
  if (module_.data_count) {
    replaced[SectionId::kDataCount] = ModuleWriter().unsigned_number(data_count_).take();
  }
  TRY(limits::check_count("element segments", elem_count_, limits::kElemSegments, 0));
  TRY(limits::check_count("elements", element_count_, limits::kElements, 0));
  TRY(limits::check_count("data segments", data_count_, limits::kDataSegments, 0));

  ModuleWriter out;
  out.bytes(module_.bytes.first(8));
  // Sections that are new come before the first of a higher rank.
  const auto put_replaced_before = [&](int rank) {
    while (true) {
      auto next = replaced.end();
      for (auto it = replaced.begin(); it != replaced.end(); ++it) {
        if (rank_of(it->first) >= rank) continue;
        if (next == replaced.end() || rank_of(it->first) < rank_of(next->first)) next = it;
      }
      if (next == replaced.end()) return;
      if (!next->second.empty()) out.section(static_cast<uint8_t>(next->first), next->second);
      replaced.erase(next);
    }
  };
  wasm::Reader in(module_.bytes, 0);
  TRY(in.bytes(8, "the header"));
  while (!in.at_end()) {
    const SectionId id{TRY(in.byte("a section id"))};
    const uint32_t size = TRY(in.u32("a section's size"));
    const Bytes content = TRY(in.bytes(size, "a section"));
    if (id == SectionId::kCustom) {
      out.section(0, content);
      continue;
    }
    const bool is_replaced = replaced.contains(id);
    put_replaced_before(rank_of(id) + 1);
    if (!is_replaced) out.section(static_cast<uint8_t>(id), content);
  }
  put_replaced_before(INT32_MAX);
  if (out.written().size() > limits::kModuleSizeBytes) {
    return make_error(ErrorKind::kLimit, "the initialized module has {} bytes, the limit is {}",
                      out.written().size(), limits::kModuleSizeBytes);
  }
  return out.take();
}

}  // namespace

Result<ByteVector> write_module(const Module& module, const State& state, const Renaming& exports) {
  return SnapshotWriter(module, state, exports).run();
}

}  // namespace wherry::snapshot
