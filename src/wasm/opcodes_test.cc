#include "wasm/opcodes.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace wherry::wasm {
namespace {

std::vector<Opcode> all_opcodes() {
  return {
#define WHERRY_OPCODE(id, text, prefix, code, immediates, signature, feature) Opcode::id,
#include "wasm/opcodes.def"
#undef WHERRY_OPCODE
  };
}

TEST(Opcodes, FindsEveryOpcodeByItsBytes) {
  for (Opcode op : all_opcodes()) {
    const OpcodeInfo& info = info_of(op);
    EXPECT_EQ(find_opcode(info.prefix, info.code), op) << info.text;
  }
}

TEST(Opcodes, FindsNothingBetweenAndBehindThem) {
  EXPECT_EQ(find_opcode(0, 0xff), std::nullopt);
  EXPECT_EQ(find_opcode(0, 0x100), std::nullopt);
  EXPECT_EQ(find_opcode(0xfb, 0x1f), std::nullopt);
  EXPECT_EQ(find_opcode(0xfc, 0x12), std::nullopt);
  EXPECT_EQ(find_opcode(0xfd, 0x9a), std::nullopt);
  EXPECT_EQ(find_opcode(0xfd, 0xffffffff), std::nullopt);
  EXPECT_EQ(find_opcode(0xfe, 0x4f), std::nullopt);
  EXPECT_EQ(find_opcode(0xfa, 0x00), std::nullopt);
}

TEST(Opcodes, HasAsManyOfEachFeatureAsTheSpecification) {
  std::map<Feature, int> counts;
  for (Opcode op : all_opcodes()) counts[info_of(op).feature]++;
  EXPECT_EQ(counts[Feature::kMvp], 172);
  EXPECT_EQ(counts[Feature::kSignExtension], 5);
  EXPECT_EQ(counts[Feature::kSaturatingFloatToInt], 8);
  EXPECT_EQ(counts[Feature::kSimd], 236);
  EXPECT_EQ(counts[Feature::kRelaxedSimd], 20);
  EXPECT_EQ(counts[Feature::kThreads], 67);
}

TEST(Opcodes, NamesAreUniqueButForTheTypedForms) {
  std::set<std::string_view> names;
  std::set<std::string_view> twice;
  for (Opcode op : all_opcodes()) {
    if (!names.insert(text_of(op)).second) twice.insert(text_of(op));
  }
  EXPECT_EQ(twice, (std::set<std::string_view>{"select", "ref.test", "ref.cast"}));
}

TEST(Opcodes, SignaturesUseOnlyTheLettersTheyShould) {
  for (Opcode op : all_opcodes()) {
    const std::string_view signature = info_of(op).signature;
    if (signature == "*") continue;
    EXPECT_EQ(signature.find_first_not_of("iIfFva:"), std::string_view::npos) << text_of(op);
    EXPECT_NE(signature.find(':'), std::string_view::npos) << text_of(op);
  }
}

TEST(Opcodes, LoadsAndStoresKnowTheirNaturalAlignment) {
  EXPECT_EQ(natural_alignment_log2(Opcode::i32_load), 2u);
  EXPECT_EQ(natural_alignment_log2(Opcode::i64_store), 3u);
  EXPECT_EQ(natural_alignment_log2(Opcode::f32_load), 2u);
  EXPECT_EQ(natural_alignment_log2(Opcode::f64_store), 3u);
  EXPECT_EQ(natural_alignment_log2(Opcode::i64_load8_s), 0u);
  EXPECT_EQ(natural_alignment_log2(Opcode::i32_store16), 1u);
  EXPECT_EQ(natural_alignment_log2(Opcode::i64_load32_u), 2u);
  EXPECT_EQ(natural_alignment_log2(Opcode::v128_load), 4u);
  EXPECT_EQ(natural_alignment_log2(Opcode::v128_load8x8_s), 3u);
  EXPECT_EQ(natural_alignment_log2(Opcode::v128_load32x2_u), 3u);
  EXPECT_EQ(natural_alignment_log2(Opcode::v128_load8_splat), 0u);
  EXPECT_EQ(natural_alignment_log2(Opcode::v128_load32_zero), 2u);
  EXPECT_EQ(natural_alignment_log2(Opcode::v128_store64_lane), 3u);
  EXPECT_EQ(natural_alignment_log2(Opcode::memory_atomic_notify), 2u);
  EXPECT_EQ(natural_alignment_log2(Opcode::memory_atomic_wait64), 3u);
  EXPECT_EQ(natural_alignment_log2(Opcode::i64_atomic_rmw16_add_u), 1u);
  EXPECT_EQ(natural_alignment_log2(Opcode::i64_atomic_rmw_cmpxchg), 3u);
  EXPECT_EQ(natural_alignment_log2(Opcode::i32_add), 0u);
}

}  // namespace
}  // namespace wherry::wasm
