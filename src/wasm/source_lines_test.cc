// DWARF that no compiler writes. What compilers write is compared with LLVM's reader
// (tests/wasm/source_lines.py).
#include "wasm/source_lines.h"

#include <gtest/gtest.h>

#include "wasm/dwarf.h"
#include "wasm/limits.h"

namespace wherry::wasm {
namespace {

class Section {
 public:
  Section& u8(uint64_t value) { return number(value, 1); }
  Section& u16(uint64_t value) { return number(value, 2); }
  Section& u32(uint64_t value) { return number(value, 4); }
  Section& uleb(uint64_t value) {
    for (; value >= 0x80; value >>= 7) u8(value | 0x80);
    return u8(value);
  }
  Section& text(std::string_view value) {
    for (char c : value) u8(static_cast<uint8_t>(c));
    return u8(0);
  }
  Section& append(const Section& other) {
    bytes.insert(bytes.end(), other.bytes.begin(), other.bytes.end());
    return *this;
  }
  // Behind its own length.
  Section& unit(const Section& content) { return u32(content.bytes.size()).append(content); }
  Section& abbreviation(unsigned code, uint16_t tag, bool has_children,
                        std::initializer_list<std::pair<uint16_t, uint16_t>> attributes) {
    uleb(code).uleb(tag).u8(has_children);
    for (auto [attribute, form] : attributes) uleb(attribute).uleb(form);
    return u16(0);
  }

  ByteVector bytes;

 private:
  Section& number(uint64_t value, unsigned count) {
    for (; count > 0; count--, value >>= 8) bytes.push_back(static_cast<uint8_t>(value));
    return *this;
  }
};

// A unit's header in version 4.
Section unit_header() { return Section().u16(4).u32(0).u8(4); }

// Version 4, a file and as many rows as asked for, from address 16 on, line 7 and up.
Section line_program(unsigned rows, std::string_view file = "file.c") {
  Section header;
  header.u8(1).u8(1).u8(1).u8(0xfb).u8(14).u8(10);
  for (unsigned operands : {0, 1, 1, 1, 1, 0, 0, 0, 1}) header.u8(operands);
  header.u8(0).text(file).u8(0).u8(0).u8(0).u8(0);
  Section program;
  program.u8(DW_LNS_extended).uleb(5).u8(DW_LNE_set_address).u32(16);
  program.u8(DW_LNS_advance_line).uleb(6).u8(DW_LNS_copy);
  // Special opcodes: two bytes on, a line on.
  for (unsigned i = 1; i < rows; i++) program.u8(10 + 2 * 14 + 6);
  program.u8(DW_LNS_advance_pc).uleb(2);
  program.u8(DW_LNS_extended).uleb(1).u8(DW_LNE_end_sequence);
  return Section().unit(Section().u16(4).u32(header.bytes.size()).append(header).append(program));
}

// The usual abbreviations: 1 a unit, 2 a function with a name, 3 a call that was inlined, which has
// others in it, 4 the same with an offset of ranges.
Section abbreviations() {
  return Section()
      .abbreviation(1, DW_TAG_compile_unit, true, {{DW_AT_stmt_list, DW_FORM_sec_offset}})
      .abbreviation(2, DW_TAG_subprogram, true, {{DW_AT_name, DW_FORM_string}})
      .abbreviation(3, DW_TAG_inlined_subroutine, true,
                    {{DW_AT_abstract_origin, DW_FORM_ref4},
                     {DW_AT_low_pc, DW_FORM_addr},
                     {DW_AT_high_pc, DW_FORM_data4},
                     {DW_AT_call_file, DW_FORM_data1},
                     {DW_AT_call_line, DW_FORM_data1}})
      .abbreviation(4, DW_TAG_inlined_subroutine, false,
                    {{DW_AT_abstract_origin, DW_FORM_ref4}, {DW_AT_ranges, DW_FORM_sec_offset}})
      .u8(0);
}

class SourceLinesTest : public ::testing::Test {
 protected:
  SourceLines read() {
    Module module;
    module.code_section_bytes = 1 << 20;
    module.code_section_offset = 100;
    module.customs = {{".debug_info", info.bytes},
                      {".debug_abbrev", abbrev.bytes},
                      {".debug_line", line.bytes},
                      {".debug_ranges", ranges.bytes}};
    return read_source_lines(module);
  }

  // "name file:line" of each frame, innermost first.
  static std::vector<std::string> at(const SourceLines& lines, uint32_t address) {
    std::vector<std::string> frames;
    const size_t run = lines.find(100 + address);
    if (run == lines.runs.size()) return frames;
    for (uint32_t i = lines.runs[run].place; i != SourcePlace::kNone; i = lines.places[i].caller) {
      const SourcePlace& place = lines.places[i];
      auto string = [&](uint32_t index) {
        return index == SourcePlace::kNone ? std::string() : lines.strings[index];
      };
      frames.push_back(
          fmt::format("{} {}:{}", string(place.function), string(place.file), place.line));
    }
    return frames;
  }
  using Frames = std::vector<std::string>;

  Section info, abbrev = abbreviations(), line = line_program(3), ranges;
};

constexpr uint32_t kFirstEntry = 11;  // behind a unit's length and header

TEST_F(SourceLinesTest, JoinsRowsAndInlinedCalls) {
  Section unit = unit_header().uleb(1).u32(0);
  const auto function = static_cast<uint32_t>(unit.bytes.size() + 4);
  unit.uleb(2).text("inlined").u8(0);
  unit.uleb(2).text("outer").uleb(3).u32(function).u32(18).u32(2).u8(1).u8(99).u8(0).u8(0).u8(0);
  info.unit(unit);
  const SourceLines lines = read();
  EXPECT_EQ(at(lines, 15), Frames());
  EXPECT_EQ(at(lines, 16), Frames{" file.c:7"});
  EXPECT_EQ(at(lines, 18), (Frames{"inlined file.c:8", " file.c:99"}));
  EXPECT_EQ(at(lines, 20), Frames{" file.c:9"});
  EXPECT_EQ(at(lines, 21), Frames{" file.c:9"});
  EXPECT_EQ(at(lines, 22), Frames());
}

TEST_F(SourceLinesTest, LeavesCallsOutThatAreTooDeep) {
  Section unit = unit_header().uleb(1).u32(0);
  const auto function = static_cast<uint32_t>(unit.bytes.size() + 4);
  unit.uleb(2).text("f");
  for (int i = 0; i < 100'000; i++) unit.uleb(3).u32(function).u32(16).u32(2).u8(1).u8(99);
  info.unit(unit);
  EXPECT_EQ(at(read(), 16).size(), limits::kSourceInlining + 1);
}

TEST_F(SourceLinesTest, TakesNoNameFromAFunctionThatIsItsOwnOrigin) {
  Section unit = unit_header().uleb(1).u32(0);
  abbrev = Section()
               .abbreviation(1, DW_TAG_compile_unit, true, {{DW_AT_stmt_list, DW_FORM_sec_offset}})
               .abbreviation(2, DW_TAG_subprogram, true, {{DW_AT_abstract_origin, DW_FORM_ref4}})
               .abbreviation(3, DW_TAG_inlined_subroutine, false,
                             {{DW_AT_abstract_origin, DW_FORM_ref4},
                              {DW_AT_low_pc, DW_FORM_addr},
                              {DW_AT_high_pc, DW_FORM_data4}})
               .u8(0);
  const auto function = static_cast<uint32_t>(unit.bytes.size() + 4);
  unit.uleb(2).u32(function).uleb(3).u32(function).u32(16).u32(2);
  info.unit(unit);
  EXPECT_EQ(at(read(), 16), (Frames{" file.c:7", " :0"}));
}

TEST_F(SourceLinesTest, MakesTextOfNames) {
  line = line_program(1, "a\x1b[31m\xff");
  info.unit(unit_header().uleb(1).u32(0).u8(0));
  EXPECT_EQ(at(read(), 16), Frames{" a?[31m?:7"});
}

TEST_F(SourceLinesTest, IgnoresCodeThatTheLinkerDropped) {
  for (uint32_t address : {0u, 0xffffffffu, (1u << 20) - 3}) {
    line = line_program(3);
    auto& bytes = line.bytes;
    const size_t at = bytes.size() - 3 - 2 - 2 - 3 - 4;
    ASSERT_EQ(bytes[at], 16);
    store_le(bytes.data() + at, address);
    info = Section().unit(unit_header().uleb(1).u32(0).u8(0));
    EXPECT_TRUE(read().empty()) << address;
  }
}

// Partial units share the program of the unit that they belong to.
TEST_F(SourceLinesTest, ReadsALineProgramOnceForAllItsUnits) {
  for (int i = 0; i < 1000; i++) info.unit(unit_header().uleb(1).u32(0).u8(0));
  Section unit = unit_header().uleb(1).u32(0);
  const auto function = static_cast<uint32_t>(unit.bytes.size() + 4);
  unit.uleb(2).text("f").uleb(3).u32(function).u32(18).u32(2).u8(1).u8(99).u8(0).u8(0).u8(0);
  info.unit(unit);
  EXPECT_EQ(at(read(), 18), (Frames{"f file.c:8", " file.c:99"}));
}

// What follows takes years if anything is read as often as it is referred to.

TEST_F(SourceLinesTest, ReadsNoMoreOfLineProgramsThanThereIs) {
  // Many headers with one program behind them, which belongs to each.
  constexpr uint32_t kHeaders = 100'000, kHeaderBytes = 27;
  Section program;
  for (uint32_t i = 0; i < 1'000'000; i++) program.u8(DW_LNS_copy);
  line = Section();
  for (uint32_t left = kHeaders; left > 0; left--) {
    const size_t begin = line.bytes.size();
    line.u32(left * kHeaderBytes - 4 + program.bytes.size()).u16(4);
    line.u32(left * kHeaderBytes - 10).u8(1).u8(1).u8(1).u8(0xfb).u8(14).u8(10);
    for (unsigned operands : {0, 1, 1, 1, 1, 0, 0, 0, 1}) line.u8(operands);
    line.u8(0).u8(0);
    ASSERT_EQ(line.bytes.size() - begin, kHeaderBytes);
    info.unit(unit_header().uleb(1).u32(begin).u8(0));
  }
  line.append(program);
  EXPECT_TRUE(read().empty());
}

TEST_F(SourceLinesTest, ReadsNoMoreRangesThanThereAre) {
  for (uint32_t i = 0; i < 100'000; i++) ranges.u32(16 + 2 * i).u32(17 + 2 * i);
  Section unit = unit_header().uleb(1).u32(0);
  for (uint32_t i = 0; i < 100'000; i++) unit.uleb(4).u32(kFirstEntry).u32(i % 1000 * 8);
  info.unit(unit);
  EXPECT_FALSE(read().empty());
}

TEST_F(SourceLinesTest, CountsAttributesThatTakeNoBytes) {
  abbrev = Section();
  abbrev.uleb(1).uleb(DW_TAG_compile_unit).u8(1);
  for (uint32_t i = 0; i < 1'000'000; i++) abbrev.uleb(DW_AT_name).uleb(DW_FORM_flag_present);
  abbrev.u16(0).u8(0);
  Section unit = unit_header();
  for (uint32_t i = 0; i < 1'000'000; i++) unit.uleb(1);
  info.unit(unit);
  EXPECT_TRUE(read().empty());
}

TEST_F(SourceLinesTest, MakesNoPathsOfLongDirectoriesThatNobodyCanRead) {
  Section header;
  header.u8(1).u8(1).u8(1).u8(0xfb).u8(14).u8(10);
  for (unsigned operands : {0, 1, 1, 1, 1, 0, 0, 0, 1}) header.u8(operands);
  header.text(std::string(20'000'000, 'd')).u8(0);
  for (int i = 0; i < 500'000; i++) header.text("f").u8(1).u8(0).u8(0);
  header.u8(0);
  Section program;
  program.u8(DW_LNS_extended).uleb(5).u8(DW_LNE_set_address).u32(16);
  for (uint32_t i = 1; i <= 500'000; i++) program.u8(DW_LNS_set_file).uleb(i).u8(10 + 14 + 6);
  program.u8(DW_LNS_extended).uleb(1).u8(DW_LNE_end_sequence);
  line = Section().unit(Section().u16(4).u32(header.bytes.size()).append(header).append(program));
  info.unit(unit_header().uleb(1).u32(0).u8(0));
  const SourceLines lines = read();
  ASSERT_EQ(lines.strings.size(), 1u);
  EXPECT_EQ(lines.strings[0].size(), limits::kSourceStringBytes);
}

TEST_F(SourceLinesTest, PromisesOfEntriesWithoutBytesAreNotKept) {
  Section header;
  header.u8(1).u8(1).u8(1).u8(0xfb).u8(14).u8(1);
  header.u8(0).uleb(0xffffffffffff);  // directories, of which nothing is said
  line = Section().unit(Section().u16(5).u8(4).u8(0).u32(header.bytes.size()).append(header).u8(0));
  info.unit(unit_header().uleb(1).u32(0).u8(0));
  EXPECT_TRUE(read().empty());
}

}  // namespace
}  // namespace wherry::wasm
