// DWARF's encodings of numbers, strings, addresses and references (DWARF 5, chapter 7.5.6).
#include <algorithm>

#include "wasm/dwarf.h"
#include "wasm/dwarf_reader.h"
#include "wasm/limits.h"

namespace wherry::wasm {

DwarfSections dwarf_sections(const Module& module) {
  DwarfSections sections;
  const std::pair<std::string_view, Bytes*> wanted[] = {
      {".debug_info", &sections.info},         {".debug_abbrev", &sections.abbrev},
      {".debug_line", &sections.line},         {".debug_str", &sections.str},
      {".debug_line_str", &sections.line_str}, {".debug_str_offsets", &sections.str_offsets},
      {".debug_addr", &sections.addr},         {".debug_ranges", &sections.ranges},
      {".debug_rnglists", &sections.rnglists}};
  for (const CustomSection& custom : module.customs) {
    for (auto [name, bytes] : wanted) {
      if (custom.name == name && bytes->empty()) *bytes = custom.bytes;
    }
  }
  sections.code_bytes = module.code_section_bytes;
  return sections;
}

uint64_t DwarfReader::read_number(ByteCursor& cursor, unsigned bytes) {
  switch (bytes) {
    case 1: return cursor.read<uint8_t>();
    case 2: return cursor.read<uint16_t>();
    case 4: return cursor.read<uint32_t>();
    case 8: return cursor.read<uint64_t>();
    default: cursor.take(UINT64_MAX); return 0;  // makes it bad
  }
}

uint64_t DwarfReader::read_unit_length(ByteCursor& cursor, uint8_t& offset_bytes) {
  constexpr uint32_t kLong = 0xffffffff;
  offset_bytes = 4;
  uint64_t length = cursor.read<uint32_t>();
  if (length != kLong) return length;
  offset_bytes = 8;
  return cursor.read<uint64_t>();
}

DwarfValue DwarfReader::read_value(ByteCursor& cursor, const Attribute& attribute,
                                   const DwarfUnit& unit) {
  DwarfValue value{attribute.form, 0};
  if (value.form == DW_FORM_indirect) {
    value.form = static_cast<uint16_t>(cursor.uleb());
    if (value.form == DW_FORM_implicit_const) value.form = DW_FORM_indirect;  // not known: bad
  }
  uint64_t& number = value.number;
  switch (value.form) {
    case DW_FORM_addr: number = read_number(cursor, unit.address_bytes); break;
    case DW_FORM_data1:
    case DW_FORM_flag:
    case DW_FORM_ref1:
    case DW_FORM_strx1:
    case DW_FORM_addrx1: number = cursor.read<uint8_t>(); break;
    case DW_FORM_data2:
    case DW_FORM_ref2:
    case DW_FORM_strx2:
    case DW_FORM_addrx2: number = cursor.read<uint16_t>(); break;
    case DW_FORM_strx3:
    case DW_FORM_addrx3: {
      const uint64_t low = cursor.read<uint16_t>();
      number = low | uint64_t{cursor.read<uint8_t>()} << 16;
      break;
    }
    case DW_FORM_data4:
    case DW_FORM_ref4:
    case DW_FORM_ref_sup4:
    case DW_FORM_strx4:
    case DW_FORM_addrx4: number = cursor.read<uint32_t>(); break;
    case DW_FORM_data8:
    case DW_FORM_ref8:
    case DW_FORM_ref_sup8:
    case DW_FORM_ref_sig8: number = cursor.read<uint64_t>(); break;
    case DW_FORM_data16: cursor.take(16); break;
    case DW_FORM_sdata: number = static_cast<uint64_t>(cursor.sleb()); break;
    case DW_FORM_udata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
    case DW_FORM_GNU_addr_index:
    case DW_FORM_GNU_str_index: number = cursor.uleb(); break;
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_sec_offset:
    case DW_FORM_strp_sup:
    case DW_FORM_GNU_ref_alt:
    case DW_FORM_GNU_strp_alt: number = read_number(cursor, unit.offset_bytes); break;
    case DW_FORM_ref_addr:
      number = read_number(cursor, unit.version == 2 ? unit.address_bytes : unit.offset_bytes);
      break;
    case DW_FORM_string:
      number = cursor.position();
      cursor.c_string();
      break;
    case DW_FORM_block1: cursor.take(cursor.read<uint8_t>()); break;
    case DW_FORM_block2: cursor.take(cursor.read<uint16_t>()); break;
    case DW_FORM_block4: cursor.take(cursor.read<uint32_t>()); break;
    case DW_FORM_block:
    case DW_FORM_exprloc: cursor.take(cursor.uleb()); break;
    case DW_FORM_flag_present: number = 1; break;
    case DW_FORM_implicit_const: number = static_cast<uint64_t>(attribute.constant); break;
    default: cursor.take(UINT64_MAX); break;
  }
  return value;
}

// Inline strings lie in .debug_info; those of line number programs have other forms.
std::string_view DwarfReader::text_of(const DwarfValue& value, const DwarfUnit& unit) const {
  auto text_at = [](Bytes section, uint64_t offset) -> std::string_view {
    if (offset >= section.size()) return {};
    // Not further than anyone would read: a section without a zero byte would be searched for each
    // string in it.
    Bytes rest = section.subspan(offset);
    const auto* text = reinterpret_cast<const char*>(rest.data());
    return {text, ::strnlen(text, std::min<size_t>(rest.size(), limits::kSourceStringBytes))};
  };
  switch (value.form) {
    case DW_FORM_string: return text_at(sections_.info, value.number);
    case DW_FORM_strp: return text_at(sections_.str, value.number);
    case DW_FORM_line_strp: return text_at(sections_.line_str, value.number);
    case DW_FORM_strx:
    case DW_FORM_strx1:
    case DW_FORM_strx2:
    case DW_FORM_strx3:
    case DW_FORM_strx4:
    case DW_FORM_GNU_str_index: {
      if (value.number > sections_.str_offsets.size()) return {};
      ByteCursor cursor(sections_.str_offsets,
                        unit.str_offsets_base + value.number * unit.offset_bytes);
      const uint64_t offset = read_number(cursor, unit.offset_bytes);
      return cursor.is_bad() ? std::string_view() : text_at(sections_.str, offset);
    }
    default: return {};
  }
}

uint64_t DwarfReader::address_of(const DwarfValue& value, const DwarfUnit& unit) const {
  switch (value.form) {
    case DW_FORM_addrx:
    case DW_FORM_addrx1:
    case DW_FORM_addrx2:
    case DW_FORM_addrx3:
    case DW_FORM_addrx4:
    case DW_FORM_GNU_addr_index: {
      if (value.number > sections_.addr.size()) return 0;
      ByteCursor cursor(sections_.addr, unit.addr_base + value.number * unit.address_bytes);
      return read_number(cursor, unit.address_bytes);
    }
    default: return value.number;
  }
}

// Where in .debug_info the entry lies that a reference names; 0, where there is none, for others.
uint64_t DwarfReader::entry_of(const DwarfValue& value, const DwarfUnit& unit) {
  switch (value.form) {
    case DW_FORM_ref1:
    case DW_FORM_ref2:
    case DW_FORM_ref4:
    case DW_FORM_ref8:
    case DW_FORM_ref_udata: return unit.start + value.number;
    case DW_FORM_ref_addr: return value.number;
    default: return 0;
  }
}

}  // namespace wherry::wasm
