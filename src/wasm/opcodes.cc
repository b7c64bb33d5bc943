#include "wasm/opcodes.h"

#include <array>
#include <bit>

namespace wherry::wasm {

constexpr OpcodeInfo kOpcodeInfos[] = {
#define WHERRY_OPCODE(id, text, prefix, code, immediates, signature, feature) \
  {text, prefix, code, Immediates::immediates, signature, Feature::feature},
#include "wasm/opcodes.def"
#undef WHERRY_OPCODE
};

namespace {

constexpr size_t kOpcodes = std::size(kOpcodeInfos);

// One flat table from (prefix, code) to the opcode's number plus one; each prefix has its own
// range.
struct Range {
  uint8_t prefix;
  uint32_t size;   // codes [0, size) have an entry
  uint32_t start;  // of the range in the table
};
constexpr Range kRanges[] = {
    {0x00, 256, 0}, {0xfb, 32, 256}, {0xfc, 32, 288}, {0xfd, 288, 320}, {0xfe, 96, 608},
};
constexpr uint32_t kTableSize = 704;

constexpr const Range* range_of(uint8_t prefix) {
  if (prefix == 0) return &kRanges[0];
  if (prefix >= 0xfb && prefix <= 0xfe) return &kRanges[prefix - 0xfa];
  return nullptr;
}

// consteval: a code outside its range or given twice does not compile.
consteval std::array<uint16_t, kTableSize> make_table() {
  std::array<uint16_t, kTableSize> table{};
  for (size_t i = 0; i < kOpcodes; i++) {
    const Range* range = range_of(kOpcodeInfos[i].prefix);
    if (kOpcodeInfos[i].code >= range->size) throw "code outside the prefix's range";
    uint16_t& entry = table[range->start + kOpcodeInfos[i].code];
    if (entry != 0) throw "two opcodes have the same bytes";
    entry = static_cast<uint16_t>(i + 1);
  }
  return table;
}
constexpr auto kTable = make_table();

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr uint32_t number_at(std::string_view text, size_t& position) {
  uint32_t value = 0;
  while (position < text.size() && is_digit(text[position])) {
    value = value * 10 + static_cast<uint32_t>(text[position++] - '0');
  }
  return value;
}

// The names say it: i64.load32_u touches 32 bits, v128.load8x8_s 8 times 8, f64.store what the type
// before the dot has, memory.atomic.notify an i32.
constexpr uint32_t access_bits(std::string_view text) {
  for (std::string_view verb : {"load", "store", "rmw", "wait"}) {
    size_t position = text.find(verb);
    if (position == text.npos) continue;
    position += verb.size();
    if (position == text.size() || !is_digit(text[position])) break;
    const uint32_t bits = number_at(text, position);
    if (position == text.size() || text[position] != 'x') return bits;
    return bits * number_at(text, ++position);
  }
  size_t position = 1;
  const uint32_t bits = number_at(text, position);
  return bits != 0 ? bits : 32;
}

consteval std::array<uint8_t, kOpcodes> make_alignments() {
  std::array<uint8_t, kOpcodes> alignments{};
  for (size_t i = 0; i < kOpcodes; i++) {
    const Immediates immediates = kOpcodeInfos[i].immediates;
    if (immediates != Immediates::kMemArg && immediates != Immediates::kMemArgLane) continue;
    alignments[i] = static_cast<uint8_t>(std::countr_zero(access_bits(kOpcodeInfos[i].text) / 8));
  }
  return alignments;
}
constexpr auto kAlignments = make_alignments();

}  // namespace

uint32_t opcode_number_plus_one(uint8_t prefix, uint32_t code) {
  const Range* range = range_of(prefix);
  if (range == nullptr || code >= range->size) return 0;
  return kTable[range->start + code];
}

uint32_t natural_alignment_log2(Opcode op) { return kAlignments[static_cast<size_t>(op)]; }

}  // namespace wherry::wasm
