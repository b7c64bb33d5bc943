// The tree of entries in .debug_info (DWARF 5, chapters 2, 3.3 and 7.5): where calls were inlined,
// and what functions are called.
#include <algorithm>

#include "wasm/dwarf.h"
#include "wasm/dwarf_reader.h"
#include "wasm/limits.h"

namespace wherry::wasm {
namespace {

constexpr uint32_t kNone = SourcePlace::kNone;

bool is_wanted(uint16_t tag) {
  switch (tag) {
    case DW_TAG_compile_unit:
    case DW_TAG_partial_unit:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
    case DW_TAG_namespace:
    case DW_TAG_subprogram:
    case DW_TAG_inlined_subroutine: return true;
    default: return false;
  }
}

bool is_address(uint16_t form) {
  return form == DW_FORM_addr || form == DW_FORM_addrx || form == DW_FORM_GNU_addr_index ||
         (form >= DW_FORM_addrx1 && form <= DW_FORM_addrx4);
}

}  // namespace

void DwarfReader::read() {
  abbrev_budget_ = sections_.abbrev.size();
  line_budget_ = sections_.line.size();
  attribute_budget_ = limits::kSourceAttributes;
  range_budget_ = sections_.ranges.size() + sections_.rnglists.size();
  ByteCursor cursor(sections_.info);
  while (!cursor.at_end()) {
    DwarfUnit unit;
    unit.start = cursor.position();
    const uint64_t length = read_unit_length(cursor, unit.offset_bytes);
    const size_t body = cursor.position();
    cursor.take(length);
    if (cursor.is_bad()) return;
    read_unit(ByteCursor(sections_.info.first(cursor.position()), body), unit);
  }
}

void DwarfReader::read_unit(ByteCursor cursor, DwarfUnit unit) {
  unit.version = cursor.read<uint16_t>();
  if (unit.version < 2 || unit.version > 5) return;
  uint8_t type = DW_UT_compile;
  if (unit.version >= 5) {
    type = cursor.read<uint8_t>();
    unit.address_bytes = cursor.read<uint8_t>();
  }
  const uint64_t abbrev_offset = read_number(cursor, unit.offset_bytes);
  if (unit.version < 5) unit.address_bytes = cursor.read<uint8_t>();
  if (type != DW_UT_compile && type != DW_UT_partial) return;  // types, and code that is elsewhere
  const Abbreviations& abbreviations = abbreviations_at(abbrev_offset);
  std::vector<Context> outer;
  while (!cursor.at_end()) {
    const uint64_t at = cursor.position();
    const uint64_t code = cursor.uleb();
    if (code == 0) {
      if (!outer.empty()) outer.pop_back();
      if (outer.empty()) return;
      continue;
    }
    auto abbreviation =
        code <= abbreviations.size() && abbreviations[code - 1].code == code
            ? abbreviations.begin() + static_cast<ptrdiff_t>(code - 1)
            : std::ranges::lower_bound(abbreviations, code, {}, &Abbreviation::code);
    if (abbreviation == abbreviations.end() || abbreviation->code != code) return;
    if (abbreviation->attributes.size() > attribute_budget_) return;
    attribute_budget_ -= abbreviation->attributes.size();
    Entry entry;
    for (const Attribute& attribute : abbreviation->attributes) {
      const DwarfValue value = read_value(cursor, attribute, unit);
      if (abbreviation->is_wanted) put(entry, attribute.name, value);
    }
    if (cursor.is_bad()) return;
    Context context = outer.empty() ? Context() : outer.back();
    if (outer.empty()) {
      read_unit_entry(entry, unit);
    } else if (abbreviation->is_wanted) {
      context = enter(at, abbreviation->tag, entry, unit, context);
    }
    if (abbreviation->has_children) outer.push_back(context);
    if (outer.empty()) return;
  }
}

void DwarfReader::put(Entry& entry, uint16_t attribute, const DwarfValue& value) {
  switch (attribute) {
    case DW_AT_name: entry.name = value; return;
    case DW_AT_stmt_list: entry.stmt_list = value; return;
    case DW_AT_low_pc: entry.low_pc = value; return;
    case DW_AT_high_pc: entry.high_pc = value; return;
    case DW_AT_comp_dir: entry.directory = value; return;
    case DW_AT_abstract_origin: entry.origin = value; return;
    case DW_AT_specification: entry.specification = value; return;
    case DW_AT_ranges: entry.ranges = value; return;
    case DW_AT_call_column: entry.call_column = value; return;
    case DW_AT_call_file: entry.call_file = value; return;
    case DW_AT_call_line: entry.call_line = value; return;
    case DW_AT_str_offsets_base: entry.str_offsets_base = value; return;
    case DW_AT_addr_base: entry.addr_base = value; return;
    case DW_AT_rnglists_base: entry.rnglists_base = value; return;
    default: return;
  }
}

const DwarfReader::Abbreviations& DwarfReader::abbreviations_at(uint64_t offset) {
  auto [found, is_new] = abbreviations_.try_emplace(offset);
  Abbreviations& all = found->second;
  if (!is_new) return all;
  ByteCursor cursor(sections_.abbrev, offset);
  while (!cursor.at_end() && cursor.position() - offset < abbrev_budget_) {
    Abbreviation next;
    next.code = cursor.uleb();
    if (next.code == 0) break;
    next.tag = static_cast<uint16_t>(cursor.uleb());
    next.has_children = cursor.read<uint8_t>() != 0;
    next.is_wanted = is_wanted(next.tag);
    for (;;) {
      Attribute attribute;
      attribute.name = static_cast<uint16_t>(cursor.uleb());
      attribute.form = static_cast<uint16_t>(cursor.uleb());
      if (attribute.form == DW_FORM_implicit_const) attribute.constant = cursor.sleb();
      if (cursor.is_bad() || attribute.form == 0) break;
      next.attributes.push_back(attribute);
    }
    if (cursor.is_bad()) break;
    all.push_back(std::move(next));
  }
  abbrev_budget_ -= std::min<uint64_t>(
      abbrev_budget_, cursor.position() - std::min<uint64_t>(offset, cursor.position()));
  std::ranges::stable_sort(all, {}, &Abbreviation::code);
  return all;
}

void DwarfReader::read_unit_entry(const Entry& entry, DwarfUnit& unit) {
  // The first entry of a table, behind its header, is where compilers let indices count from.
  unit.str_offsets_base =
      entry.str_offsets_base ? entry.str_offsets_base.number : 2 * unit.offset_bytes;
  unit.addr_base = entry.addr_base ? entry.addr_base.number : 2 * unit.offset_bytes;
  unit.rnglists_base = entry.rnglists_base.number;
  unit.directory = text_of(entry.directory, unit);
  if (entry.low_pc) unit.low_pc = address_of(entry.low_pc, unit);
  if (entry.stmt_list) unit.line_program = line_program_at(entry.stmt_list.number, unit);
}

DwarfReader::Context DwarfReader::enter(uint64_t at, uint16_t tag, const Entry& entry,
                                        const DwarfUnit& unit, Context outer) {
  switch (tag) {
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
    case DW_TAG_namespace: {
      std::string_view name = text_of(entry.name, unit);
      if (name.empty() && tag == DW_TAG_namespace) name = "(anonymous namespace)";
      if (name.empty() && tag == DW_TAG_class_type) name = "(anonymous class)";
      if (name.empty() || scopes_.size() >= limits::kSourceEntries) return outer;
      scopes_.push_back({outer.scope, name});
      return {static_cast<uint32_t>(scopes_.size() - 1), kNone};
    }
    case DW_TAG_subprogram:
      declare(at, entry, unit, outer.scope);
      add_function(at, entry, unit);
      return {outer.scope, kNone};
    case DW_TAG_inlined_subroutine: return {outer.scope, add_call(entry, unit, outer.call)};
    default: return outer;
  }
}

void DwarfReader::declare(uint64_t at, const Entry& entry, const DwarfUnit& unit, uint32_t scope) {
  const DwarfValue& origin = entry.origin ? entry.origin : entry.specification;
  if (declarations_.size() >= limits::kSourceEntries) return;
  declarations_.push_back({at, entry_of(origin, unit), scope, text_of(entry.name, unit)});
}

// The call's index, or the one that it lies in if it adds nothing.
uint32_t DwarfReader::add_call(const Entry& entry, const DwarfUnit& unit, uint32_t parent) {
  InlinedCall call;
  call.origin = entry_of(entry.origin, unit);
  call.parent = parent;
  call.depth = parent == kNone ? 1 : calls[parent].depth + 1;
  if (call.depth > limits::kSourceInlining || calls.size() >= limits::kSourceEntries) return parent;
  if (entry.call_file && unit.line_program != kNone) {
    call.file = file_path(line_programs_[unit.line_program], entry.call_file.number);
  }
  call.line = static_cast<uint32_t>(entry.call_line.number);
  call.column = static_cast<uint32_t>(entry.call_column.number);
  calls.push_back(call);
  const auto index = static_cast<uint32_t>(calls.size() - 1);
  add_ranges(entry, unit, index);
  return index;
}

void DwarfReader::add_ranges(const Entry& entry, const DwarfUnit& unit, uint32_t call) {
  if (entry.low_pc && entry.high_pc) {
    const uint64_t begin = address_of(entry.low_pc, unit);
    add_range(begin, end_of(entry, begin, unit), call);
  } else if (entry.ranges && unit.version >= 5) {
    read_rnglist(entry.ranges, unit, call);
  } else if (entry.ranges) {
    read_ranges(entry.ranges.number, unit, call);
  }
}

// Linkers leave the ranges of code that they dropped at 0 or at the end of all addresses.
bool DwarfReader::is_code(uint64_t begin, uint64_t end) const {
  return begin != 0 && begin < end && end <= sections_.code_bytes;
}

void DwarfReader::add_function(uint64_t at, const Entry& entry, const DwarfUnit& unit) {
  if (!entry.low_pc || !entry.high_pc || functions.size() >= limits::kSourceEntries) return;
  const uint64_t begin = address_of(entry.low_pc, unit);
  const uint64_t end = end_of(entry, begin, unit);
  if (!is_code(begin, end)) return;
  functions.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end), at});
}

// High ends are addresses or, more often, sizes.
uint64_t DwarfReader::end_of(const Entry& entry, uint64_t begin, const DwarfUnit& unit) const {
  const uint64_t end = address_of(entry.high_pc, unit);
  return is_address(entry.high_pc.form) ? end : begin + end;
}

void DwarfReader::add_range(uint64_t begin, uint64_t end, uint32_t call) {
  if (!is_code(begin, end)) return;
  if (ranges.size() >= limits::kSourceEntries) return;
  ranges.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end), call});
}

// Before version 5: pairs of addresses that count from the unit's, ended by two zeros.
void DwarfReader::read_ranges(uint64_t offset, const DwarfUnit& unit, uint32_t call) {
  ByteCursor cursor(sections_.ranges, offset);
  const uint64_t last = unit.address_bytes == 4 ? UINT32_MAX : UINT64_MAX;
  uint64_t base = unit.low_pc;
  for (; range_budget_ > 0; range_budget_--) {
    const uint64_t begin = read_number(cursor, unit.address_bytes);
    const uint64_t end = read_number(cursor, unit.address_bytes);
    if (cursor.is_bad() || (begin == 0 && end == 0)) return;
    if (begin == last) {
      base = end;
    } else {
      add_range(base + begin, base + end, call);
    }
  }
}

void DwarfReader::read_rnglist(const DwarfValue& value, const DwarfUnit& unit, uint32_t call) {
  uint64_t offset = value.number;
  if (value.form == DW_FORM_rnglistx) {
    if (value.number > sections_.rnglists.size()) return;
    ByteCursor index(sections_.rnglists, unit.rnglists_base + value.number * unit.offset_bytes);
    offset = unit.rnglists_base + read_number(index, unit.offset_bytes);
    if (index.is_bad()) return;
  }
  ByteCursor cursor(sections_.rnglists, offset);
  auto indexed = [&] { return address_of({DW_FORM_addrx, cursor.uleb()}, unit); };
  auto address = [&] { return read_number(cursor, unit.address_bytes); };
  uint64_t base = unit.low_pc;
  for (; range_budget_ > 0; range_budget_--) {
    const auto kind = cursor.read<uint8_t>();
    uint64_t begin = 0, end = 0;
    switch (kind) {
      case DW_RLE_base_addressx: base = indexed(); continue;
      case DW_RLE_base_address: base = address(); continue;
      case DW_RLE_startx_endx:
        begin = indexed();
        end = indexed();
        break;
      case DW_RLE_startx_length:
        begin = indexed();
        end = begin + cursor.uleb();
        break;
      case DW_RLE_offset_pair:
        begin = base + cursor.uleb();
        end = base + cursor.uleb();
        break;
      case DW_RLE_start_end:
        begin = address();
        end = address();
        break;
      case DW_RLE_start_length:
        begin = address();
        end = begin + cursor.uleb();
        break;
      default: return;  // the end of the list, which is 0, or nothing we know
    }
    if (cursor.is_bad()) return;
    add_range(begin, end, call);
  }
}

uint32_t DwarfReader::function_name(uint64_t entry) {
  auto [known, is_new] = function_names_.try_emplace(entry, kNone);
  if (!is_new) return known->second;
  constexpr int kMostScopes = 20;
  constexpr int kHops = 4;  // from a copy to the abstract function to its declaration in a class
  for (int hop = 0; hop < kHops; hop++) {
    auto found = std::ranges::lower_bound(declarations_, entry, {}, &Declaration::entry);
    if (found == declarations_.end() || found->entry != entry) return kNone;
    if (found->name.empty()) {
      entry = found->origin;
      continue;
    }
    // From the inside out, as far as anyone would read.
    std::string name(found->name);
    int scopes = 0;
    for (uint32_t scope = found->scope; scope != kNone; scope = scopes_[scope].parent) {
      if (++scopes > kMostScopes || name.size() > limits::kSourceStringBytes) break;
      name = fmt::format("{}::{}", scopes_[scope].name, name);
    }
    return known->second = strings.intern(name);
  }
  return kNone;
}

}  // namespace wherry::wasm
