// Reads the parts of DWARF (versions 2 to 5) that say where code comes from: line number programs,
// and of the tree of entries the inlined calls and the names of functions. Internal to the wasm
// room; callers use source_lines.h.
//
// Written for hostile input: every read is checked, nothing is followed twice, no section is read
// twice however many units refer to it, and counts have limits. What is wrong ends the reading of
// its unit.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/byte_cursor.h"
#include "wasm/source_lines.h"

namespace wherry::wasm {

struct DwarfSections {
  Bytes info, abbrev, line, str, line_str, str_offsets, addr, ranges, rnglists;
  uint32_t code_bytes = 0;  // addresses are offsets within the code section
};

DwarfSections dwarf_sections(const Module& module);

// How the numbers of a unit are written, and where its indices count from.
struct DwarfUnit {
  uint16_t version = 0;
  uint8_t address_bytes = 0;
  uint8_t offset_bytes = 0;
  uint64_t start = 0;  // in .debug_info
  uint64_t low_pc = 0;
  uint64_t str_offsets_base = 0;
  uint64_t addr_base = 0;
  uint64_t rnglists_base = 0;
  std::string_view directory;
  uint32_t line_program = SourcePlace::kNone;  // DwarfReader::line_programs
};

// An attribute's value, not looked up yet. For inline strings, where they lie.
struct DwarfValue {
  uint16_t form = 0;  // 0: the attribute is not there
  uint64_t number = 0;

  explicit operator bool() const { return form != 0; }
};

// The strings of SourceLines, each once.
class SourceStrings {
 public:
  // Makes text of it that can be printed; SourcePlace::kNone if there are too many.
  uint32_t intern(std::string_view text);
  std::vector<std::string> take();

 private:
  std::unordered_map<std::string, uint32_t> index_;
  uint64_t bytes_ = 0;
};

class DwarfReader {
 public:
  // What it found, before it is joined (source_lines.cc). Addresses are within the code section.
  struct Row {
    uint32_t begin = 0;
    uint32_t end = 0;
    uint32_t file = SourcePlace::kNone;  // strings
    uint32_t line = 0;
    uint32_t column = 0;
  };
  struct InlinedCall {
    uint64_t origin = 0;  // of the function's entry in .debug_info
    uint32_t parent = SourcePlace::kNone;
    uint32_t depth = 0;
    uint32_t file = SourcePlace::kNone;  // of the call; strings
    uint32_t line = 0;
    uint32_t column = 0;
  };
  struct CallRange {
    uint32_t begin = 0;
    uint32_t end = 0;
    uint32_t call = 0;
  };

  struct FunctionRange {
    uint32_t begin = 0;
    uint32_t end = 0;
    uint64_t entry = 0;
  };

  explicit DwarfReader(const DwarfSections& sections) : sections_(sections) {}

  void read();

  std::vector<Row> rows;
  std::vector<InlinedCall> calls;
  std::vector<CallRange> ranges;
  std::vector<FunctionRange> functions;
  SourceStrings strings;

  // The qualified name of the function with this entry, as a string; kNone without one.
  uint32_t function_name(uint64_t entry);

 private:
  struct Attribute {
    uint16_t name = 0;
    uint16_t form = 0;
    int64_t constant = 0;  // of DW_FORM_implicit_const
  };
  struct Abbreviation {
    uint64_t code = 0;
    uint16_t tag = 0;
    bool has_children = false;
    bool is_wanted = false;
    std::vector<Attribute> attributes;
  };
  using Abbreviations = std::vector<Abbreviation>;

  // The attributes that matter, of the entry being read.
  struct Entry {
    DwarfValue name, low_pc, high_pc, ranges, origin, specification, call_file, call_line,
        call_column, stmt_list, directory, str_offsets_base, addr_base, rnglists_base;
  };
  // A namespace or type, for the names of what is in it.
  struct Scope {
    uint32_t parent = SourcePlace::kNone;
    std::string_view name;
  };
  struct Declaration {
    uint64_t entry = 0;  // they are sorted by it
    uint64_t origin = 0;
    uint32_t scope = SourcePlace::kNone;
    std::string_view name;
  };
  // What an entry's children belong to.
  struct Context {
    uint32_t scope = SourcePlace::kNone;
    uint32_t call = SourcePlace::kNone;
  };
  // The files of a line number program, by the numbers it gives them.
  struct LineProgram {
    struct File {
      std::string_view directory, name;
      uint32_t path = SourcePlace::kNone;  // strings, once somebody asked
      bool is_known = false;
    };
    uint64_t first = 1;  // 0 from version 5 on
    std::string_view unit_directory;
    std::vector<File> files;
  };
  struct LineHeader {
    uint8_t minimum_bytes = 1;
    int8_t line_base = 0;
    uint8_t line_range = 1;
    uint8_t opcode_base = 1;
    Bytes operand_counts;
  };

  // Values (dwarf_values.cc).
  static uint64_t read_number(ByteCursor& cursor, unsigned bytes);
  static uint64_t read_unit_length(ByteCursor& cursor, uint8_t& offset_bytes);
  static DwarfValue read_value(ByteCursor& cursor, const Attribute& attribute,
                               const DwarfUnit& unit);
  std::string_view text_of(const DwarfValue& value, const DwarfUnit& unit) const;
  uint64_t address_of(const DwarfValue& value, const DwarfUnit& unit) const;
  static uint64_t entry_of(const DwarfValue& value, const DwarfUnit& unit);

  // Units (dwarf_units.cc).
  void read_unit(ByteCursor cursor, DwarfUnit unit);
  const Abbreviations& abbreviations_at(uint64_t offset);
  void read_unit_entry(const Entry& entry, DwarfUnit& unit);
  static void put(Entry& entry, uint16_t attribute, const DwarfValue& value);
  Context enter(uint64_t at, uint16_t tag, const Entry& entry, const DwarfUnit& unit,
                Context outer);
  void declare(uint64_t at, const Entry& entry, const DwarfUnit& unit, uint32_t scope);
  uint32_t add_call(const Entry& entry, const DwarfUnit& unit, uint32_t parent);
  void add_ranges(const Entry& entry, const DwarfUnit& unit, uint32_t call);
  void add_function(uint64_t at, const Entry& entry, const DwarfUnit& unit);
  uint64_t end_of(const Entry& entry, uint64_t begin, const DwarfUnit& unit) const;
  bool is_code(uint64_t begin, uint64_t end) const;
  void add_range(uint64_t begin, uint64_t end, uint32_t call);
  void read_ranges(uint64_t offset, const DwarfUnit& unit, uint32_t call);
  void read_rnglist(const DwarfValue& value, const DwarfUnit& unit, uint32_t call);

  // Line number programs (dwarf_line_program.cc).
  uint32_t line_program_at(uint64_t offset, const DwarfUnit& unit);
  bool read_line_program(uint64_t offset, const DwarfUnit& unit, LineProgram& program);
  bool read_old_files(ByteCursor& cursor, LineProgram& program);
  bool read_files(ByteCursor& cursor, const DwarfUnit& unit, LineProgram& program);
  void run_line_program(ByteCursor cursor, const LineHeader& header, const DwarfUnit& unit,
                        LineProgram& program);
  void end_sequence(size_t first_row, uint64_t end);
  uint32_t file_path(LineProgram& program, uint64_t number);

  DwarfSections sections_;
  std::map<uint64_t, Abbreviations> abbreviations_;  // by offset
  std::map<uint64_t, uint32_t> program_at_;          // by offset
  std::vector<LineProgram> line_programs_;
  std::vector<Scope> scopes_;
  std::vector<Declaration> declarations_;
  std::unordered_map<uint64_t, uint32_t> function_names_;  // by entry
  // What may still be read of sections that units share: all of it once.
  uint64_t abbrev_budget_ = 0, line_budget_ = 0, range_budget_ = 0;
  uint64_t attribute_budget_ = 0;  // some of them take no bytes
};

}  // namespace wherry::wasm
