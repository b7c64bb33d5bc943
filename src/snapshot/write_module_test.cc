#include "snapshot/write_module.h"

#include <gtest/gtest.h>

#include "wasm/decode.h"
#include "wasm/test_modules.h"
#include "wasm/validate.h"

namespace wherry::snapshot {
namespace {

using wasm::test::leb;
using wasm::test::module_of;
using wasm::test::section;
using wasm::test::sized;
using wasm::test::text;
using wasm::test::operator+;

// The module that `module` is after `change` has been made to the state it begins with.
struct Rewritten {
  ByteVector bytes;
  wasm::Module module;
};
Rewritten rewrite(const ByteVector& bytes, State state, const Renaming& exports = {}) {
  auto module = wasm::decode(bytes);
  EXPECT_TRUE(module.ok()) << (module.ok() ? "" : module.error().message);
  auto written = write_module(*module, state, exports);
  EXPECT_TRUE(written.ok()) << (written.ok() ? "" : written.error().message);
  Rewritten out{*written, {}};
  auto decoded = wasm::decode(out.bytes);
  EXPECT_TRUE(decoded.ok()) << (decoded.ok() ? "" : decoded.error().message);
  out.module = *std::move(decoded);
  auto valid = wasm::validate(out.module);
  EXPECT_TRUE(valid.ok()) << (valid.ok() ? "" : valid.error().message);
  return out;
}

// Two functions, a table of both, a memory with "*" at 2, a global of 7; exports f, g.
ByteVector small_module() {
  return module_of({
      section(1, {0x01, 0x60, 0x00, 0x00}),
      section(3, {0x02, 0x00, 0x00}),
      section(4, {0x01, 0x70, 0x00, 0x02}),
      section(5, {0x01, 0x00, 0x01}),
      section(6, {0x01, 0x7f, 0x01, 0x41, 0x07, 0x0b}),
      section(7, ByteVector{0x02} + text("f") + ByteVector{0x00, 0x00} + text("g") +
                     ByteVector{0x00, 0x01}),
      section(8, {0x00}),
      section(9, {0x01, 0x00, 0x41, 0x00, 0x0b, 0x02, 0x00, 0x01}),
      section(10, ByteVector{0x02} + sized({0x00, 0x0b}) + sized({0x00, 0x0b})),
      section(11, {0x01, 0x00, 0x41, 0x02, 0x0b, 0x01, 0x2a}),
      section(0, text("name") + ByteVector{}),
  });
}

State state_with(Bytes memory, uint32_t global = 7) {
  State state;
  state.memories.push_back({memory.size() / 65536, memory});
  state.globals.push_back({global, 0, {}});
  state.tables.resize(1);
  state.dropped_elems = {true};
  state.dropped_datas = {true};
  return state;
}

TEST(SnapshotModule, BeginsWithMemoryAndGlobalsAsTheyAre) {
  ByteVector memory(2 * 65536);
  memory[2] = 42;
  memory[70'000] = 1;
  memory[70'020] = 2;   // near enough to be one segment with it
  memory[131'071] = 3;  // the last byte
  const Rewritten out = rewrite(small_module(), state_with(memory, 0x80000001));
  EXPECT_EQ(out.module.memories[0].type.limits.min, 2u);
  EXPECT_FALSE(out.module.start.has_value());
  EXPECT_EQ(out.module.globals[0].init.code[0].i32(), static_cast<int32_t>(0x80000001));
  ASSERT_EQ(out.module.datas.size(), 3u);
  EXPECT_EQ(out.module.datas[0].offset.code[0].i32(), 2);
  EXPECT_EQ(out.module.datas[1].offset.code[0].i32(), 70'000);
  EXPECT_EQ(out.module.datas[1].bytes.size(), 21u);
  EXPECT_EQ(out.module.datas[2].offset.code[0].i32(), 131'071);
  EXPECT_EQ(out.module.customs.size(), 1u);
  // The table is as it was made.
  ASSERT_EQ(out.module.elems.size(), 1u);
  EXPECT_EQ(out.module.elems[0].mode, wasm::ElemSegment::Mode::kActive);
  EXPECT_EQ(out.module.elems[0].elements.size(), 2u);
}

TEST(SnapshotModule, RenamesAndDropsExports) {
  ByteVector memory(65536);
  const Rewritten out = rewrite(small_module(), state_with(memory), {{"f", ""}, {"g", "_start"}});
  ASSERT_EQ(out.module.exports.size(), 1u);
  EXPECT_EQ(out.module.exports[0].name, "_start");
  EXPECT_EQ(out.module.exports[0].index, 1u);
}

TEST(SnapshotModule, WritesTablesThatHaveChanged) {
  ByteVector memory(65536);
  State state = state_with(memory);
  // null, g, g, null, f
  state.tables[0] = {{}, {0, 0, 1}, {0, 0, 1}, {}, {0, 0, 0}};
  const Rewritten out = rewrite(small_module(), state);
  EXPECT_EQ(out.module.tables[0].type.limits.min, 5u);
  ASSERT_EQ(out.module.elems.size(), 3u);
  EXPECT_EQ(out.module.elems[0].mode, wasm::ElemSegment::Mode::kDeclarative);
  EXPECT_EQ(out.module.elems[1].offset.code[0].i32(), 1);
  ASSERT_EQ(out.module.elems[1].elements.size(), 2u);
  EXPECT_EQ(out.module.elems[1].elements[0].code[0].index, 1u);
  EXPECT_EQ(out.module.elems[2].offset.code[0].i32(), 4);
  EXPECT_EQ(out.module.elems[2].elements[0].code[0].index, 0u);
}

// `f` is `(data.drop 0)` and names `g` by `ref.func`, which only its export declares.
TEST(SnapshotModule, KeepsWhatCodeNamesDeclared) {
  ByteVector memory(65536);
  const ByteVector bytes = module_of({
      section(1, {0x01, 0x60, 0x00, 0x00}),
      section(3, {0x02, 0x00, 0x00}),
      section(5, {0x01, 0x00, 0x01}),
      section(7, ByteVector{0x01} + text("g") + ByteVector{0x00, 0x01}),
      section(12, {0x02}),
      section(10, ByteVector{0x02} + sized({0x00, 0xd2, 0x01, 0x1a, 0xfc, 0x09, 0x01, 0x0b}) +
                      sized({0x00, 0x0b})),
      section(11, {0x02, 0x01, 0x01, 0x2a, 0x01, 0x01, 0x2b}),
  });
  State state;
  state.memories.push_back({1, memory});
  state.dropped_datas = {false, true};
  const Rewritten out = rewrite(bytes, state, {{"g", ""}});
  ASSERT_EQ(out.module.elems.size(), 1u);
  EXPECT_EQ(out.module.elems[0].mode, wasm::ElemSegment::Mode::kDeclarative);
  // Segments keep their numbers; the dropped one is empty.
  ASSERT_EQ(out.module.datas.size(), 2u);
  EXPECT_EQ(out.module.datas[0].bytes.size(), 1u);
  EXPECT_EQ(out.module.datas[1].bytes.size(), 0u);
}

TEST(SnapshotModule, StaysBelowTheLimitOfSegments) {
  ByteVector memory(64 * 65536);
  for (size_t i = 0; i < memory.size(); i += 40) memory[i] = 1;
  const Rewritten out = rewrite(small_module(), state_with(memory));
  EXPECT_LE(out.module.datas.size(), 10'000u);
  ByteVector again(memory.size());
  for (const auto& data : out.module.datas) {
    const auto offset = static_cast<uint32_t>(data.offset.code[0].i32());
    std::copy(data.bytes.begin(), data.bytes.end(), again.begin() + offset);
  }
  EXPECT_EQ(again, memory);
}

}  // namespace
}  // namespace wherry::snapshot
