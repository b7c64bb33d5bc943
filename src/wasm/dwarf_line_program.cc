// Line number programs (DWARF 5, chapter 6.2): tables of files, and the rows that say which line
// each address belongs to.
#include <algorithm>

#include "wasm/dwarf.h"
#include "wasm/dwarf_reader.h"
#include "wasm/limits.h"

namespace wherry::wasm {
namespace {

constexpr uint32_t kNone = SourcePlace::kNone;

// The directory and the file, without what both sides of a build take for granted.
std::string path_of(std::string_view unit_directory, std::string_view directory,
                    std::string_view name) {
  name = name.substr(0, limits::kSourceStringBytes);
  directory = directory.substr(0, limits::kSourceStringBytes);
  std::string path(name);
  if (!name.starts_with('/') && !directory.empty() && directory != unit_directory) {
    path = fmt::format("{}/{}", directory, name);
  }
  if (!unit_directory.empty() && path.starts_with(unit_directory) &&
      path.size() > unit_directory.size() && path[unit_directory.size()] == '/') {
    path.erase(0, unit_directory.size() + 1);
  }
  if (path.starts_with("./")) path.erase(0, 2);
  return path;
}

}  // namespace

// Each program is read once, and together they are no longer than their section.
uint32_t DwarfReader::line_program_at(uint64_t offset, const DwarfUnit& unit) {
  auto [known, is_new] = program_at_.try_emplace(offset, kNone);
  if (!is_new) return known->second;
  LineProgram program;
  if (!read_line_program(offset, unit, program)) return kNone;
  line_programs_.push_back(std::move(program));
  return known->second = static_cast<uint32_t>(line_programs_.size() - 1);
}

bool DwarfReader::read_line_program(uint64_t offset, const DwarfUnit& unit, LineProgram& program) {
  ByteCursor cursor(sections_.line, offset);
  DwarfUnit own = unit;  // a program may be written in another way than its unit
  const uint64_t length = read_unit_length(cursor, own.offset_bytes);
  if (length > line_budget_) return false;
  line_budget_ -= length;
  cursor = ByteCursor(cursor.take(length));
  own.version = cursor.read<uint16_t>();
  if (own.version < 2 || own.version > 5) return false;
  if (own.version >= 5) {
    own.address_bytes = cursor.read<uint8_t>();
    cursor.read<uint8_t>();  // the size of segment selectors, of which there are none
  }
  const uint64_t header_bytes = read_number(cursor, own.offset_bytes);
  ByteCursor instructions = cursor;
  instructions.take(header_bytes);
  LineHeader header;
  header.minimum_bytes = cursor.read<uint8_t>();
  if (own.version >= 4 && cursor.read<uint8_t>() != 1) return false;  // instructions in bundles
  cursor.read<uint8_t>();  // whether rows begin statements
  header.line_base = cursor.read<int8_t>();
  header.line_range = cursor.read<uint8_t>();
  header.opcode_base = cursor.read<uint8_t>();
  if (header.line_range == 0 || header.opcode_base == 0) return false;
  header.operand_counts = cursor.take(header.opcode_base - 1u);
  program.unit_directory = unit.directory;
  if (!(own.version >= 5 ? read_files(cursor, own, program) : read_old_files(cursor, program))) {
    return false;
  }
  if (instructions.is_bad()) return false;
  run_line_program(instructions, header, own, program);
  return true;
}

// Before version 5: directories, then files, each list ended by an empty name; the numbers 1, 2, …
// stand for them, and directory 0 is the unit's.
bool DwarfReader::read_old_files(ByteCursor& cursor, LineProgram& program) {
  std::vector<std::string_view> directories{program.unit_directory};
  for (;;) {
    const std::string_view directory = cursor.c_string();
    if (cursor.is_bad()) return false;
    if (directory.empty()) break;
    directories.push_back(directory);
  }
  for (;;) {
    LineProgram::File file;
    file.name = cursor.c_string();
    if (cursor.is_bad()) return false;
    if (file.name.empty()) return true;
    const uint64_t directory = cursor.uleb();
    cursor.uleb();  // time of modification
    cursor.uleb();  // size
    if (directory < directories.size()) file.directory = directories[directory];
    program.files.push_back(file);
  }
}

// From version 5 on: what is said of a directory or file, then that of each of them.
bool DwarfReader::read_files(ByteCursor& cursor, const DwarfUnit& unit, LineProgram& program) {
  auto read_list = [&](auto add) {
    std::vector<std::pair<uint64_t, Attribute>> format;  // at most 255, of which 5 have a meaning
    for (unsigned count = cursor.read<uint8_t>(); count > 0; count--) {
      const uint64_t content = cursor.uleb();
      Attribute attribute;
      attribute.form = static_cast<uint16_t>(cursor.uleb());
      format.push_back({content, attribute});
    }
    for (uint64_t count = cursor.uleb(); count > 0; count--) {
      const size_t start = cursor.position();
      std::string_view path;
      uint64_t directory = 0;
      for (const auto& [content, attribute] : format) {
        // What is written on the spot lies in this section, not in the units'.
        const bool is_inline = attribute.form == DW_FORM_string;
        std::string_view text = is_inline ? cursor.c_string() : std::string_view();
        const DwarfValue value = is_inline ? DwarfValue() : read_value(cursor, attribute, unit);
        if (content == DW_LNCT_path) path = is_inline ? text : text_of(value, unit);
        if (content == DW_LNCT_directory_index) directory = value.number;
      }
      // An entry of no bytes could be promised any number of times.
      if (cursor.is_bad() || cursor.position() == start) return false;
      add(path, directory);
    }
    return !cursor.is_bad();
  };
  std::vector<std::string_view> directories;
  program.first = 0;
  return read_list([&](std::string_view path, uint64_t) { directories.push_back(path); }) &&
         read_list([&](std::string_view path, uint64_t directory) {
           program.files.push_back(
               {directory < directories.size() ? directories[directory] : std::string_view(),
                path});
         });
}

uint32_t DwarfReader::file_path(LineProgram& program, uint64_t number) {
  if (number < program.first || number - program.first >= program.files.size()) return kNone;
  LineProgram::File& file = program.files[number - program.first];
  if (!file.is_known) {
    file.path = strings.intern(path_of(program.unit_directory, file.directory, file.name));
    file.is_known = true;
  }
  return file.path;
}

void DwarfReader::run_line_program(ByteCursor cursor, const LineHeader& header,
                                   const DwarfUnit& unit, LineProgram& program) {
  uint64_t address = 0, file = 1, line = 1, column = 0;
  size_t first_row = rows.size();
  auto emit = [&] {
    if (rows.size() >= limits::kSourceEntries) return;
    rows.push_back({static_cast<uint32_t>(std::min<uint64_t>(address, UINT32_MAX)), 0,
                    file_path(program, file), static_cast<uint32_t>(line),
                    static_cast<uint32_t>(column)});
  };
  while (!cursor.at_end()) {
    const auto opcode = cursor.read<uint8_t>();
    if (opcode >= header.opcode_base) {
      const unsigned both = opcode - header.opcode_base;
      address += uint64_t{both / header.line_range} * header.minimum_bytes;
      line += static_cast<uint64_t>(int64_t{header.line_base} + both % header.line_range);
      emit();
      continue;
    }
    switch (opcode) {
      case DW_LNS_extended: {
        ByteCursor operand(cursor.take(cursor.uleb()));
        const auto extended = operand.read<uint8_t>();
        if (extended == DW_LNE_end_sequence) {
          end_sequence(first_row, address);
          first_row = rows.size();
          address = column = 0;
          file = line = 1;
        } else if (extended == DW_LNE_set_address) {
          address = read_number(operand, unit.address_bytes);
        }
        break;
      }
      case DW_LNS_copy: emit(); break;
      case DW_LNS_advance_pc: address += cursor.uleb() * header.minimum_bytes; break;
      case DW_LNS_advance_line: line += static_cast<uint64_t>(cursor.sleb()); break;
      case DW_LNS_set_file: file = cursor.uleb(); break;
      case DW_LNS_set_column: column = cursor.uleb(); break;
      case DW_LNS_const_add_pc:
        address += uint64_t{(255u - header.opcode_base) / header.line_range} * header.minimum_bytes;
        break;
      case DW_LNS_fixed_advance_pc: address += cursor.read<uint16_t>(); break;
      case DW_LNS_negate_stmt:
      case DW_LNS_set_basic_block:
      case DW_LNS_set_prologue_end:
      case DW_LNS_set_epilogue_begin: break;
      default:
        for (unsigned count = header.operand_counts[opcode - 1u]; count > 0; count--) cursor.uleb();
    }
  }
  rows.resize(first_row);  // a sequence without an end
}

// Gives the rows of a sequence their ends. Linkers leave the sequences of code that they dropped at
// 0 or at the end of all addresses.
void DwarfReader::end_sequence(size_t first_row, uint64_t end) {
  bool is_whole =
      first_row < rows.size() && rows[first_row].begin != 0 && end <= sections_.code_bytes;
  for (size_t i = first_row; i < rows.size(); i++) {
    rows[i].end = i + 1 < rows.size() ? rows[i + 1].begin : static_cast<uint32_t>(end);
    is_whole &= rows[i].begin <= rows[i].end;
  }
  if (!is_whole) rows.resize(first_row);
}

}  // namespace wherry::wasm
