#include "wasm/names.h"

#include "wasm/test_modules.h"

namespace wherry::wasm::test {
namespace {

ByteVector with_names(const ByteVector& content) {
  return module_of({section(1, {0x01, 0x60, 0x00, 0x00}), section(3, {0x02, 0x00, 0x00}),
                    section(10, {0x02, 0x02, 0x00, 0x0b, 0x02, 0x00, 0x0b}),
                    section(0, text("name") + content)});
}

Names names_in(const ByteVector& bytes) {
  auto module = decode(bytes);
  EXPECT_TRUE(module.ok());
  return read_names(*module);
}

using Functions = std::vector<std::string_view>;

TEST(Names, ReadsTheModulesAndItsFunctions) {
  const ByteVector functions =
      ByteVector{0x02, 0x00} + text("main") + ByteVector{0x01} + text("helper");
  const ByteVector bytes = with_names(section(0, text("app")) + section(1, functions));
  const Names names = names_in(bytes);
  EXPECT_EQ(names.module, "app");
  EXPECT_EQ(names.functions, (Functions{"main", "helper"}));
}

TEST(Names, AreEmptyWithoutASection) {
  const ByteVector bytes = module_of({});
  EXPECT_TRUE(names_in(bytes).functions.empty());
  EXPECT_TRUE(names_in(bytes).module.empty());
}

TEST(Names, SkipsSubsectionsAndIndicesItDoesNotKnow) {
  const ByteVector functions =
      ByteVector{0x02, 0x01} + text("helper") + ByteVector{0x63} + text("ghost");
  const ByteVector bytes = with_names(section(7, {1, 2, 3}) + section(1, functions));
  EXPECT_EQ(names_in(bytes).functions, (Functions{"", "helper"}));
}

TEST(Names, KeepsWhatCameBeforeAMalformedPlace) {
  const ByteVector cut =
      with_names(section(1, ByteVector{0x02, 0x00} + text("main") + ByteVector{0x01, 0x20}));
  EXPECT_EQ(names_in(cut).functions, (Functions{"main", ""}));
  const ByteVector bad =
      with_names(section(1, ByteVector{0x01, 0x00, 0x01, 0xff}) + section(0, text("app")));
  EXPECT_EQ(names_in(bad).functions, (Functions{"", ""}));
  EXPECT_TRUE(names_in(bad).module.empty());
}

}  // namespace
}  // namespace wherry::wasm::test
