#include "wasm/reader.h"

#include <gtest/gtest.h>

namespace wherry::wasm {
namespace {

template <typename T>
std::string error_of(const Result<T>& result) {
  return result.ok() ? "no error" : result.error().message;
}

Result<uint32_t> u32(const ByteVector& bytes) { return Reader(bytes, 0x10).u32("a number"); }
Result<int32_t> s32(const ByteVector& bytes) { return Reader(bytes, 0x10).s32("a number"); }
Result<int64_t> s33(const ByteVector& bytes) { return Reader(bytes, 0x10).s33("a number"); }
Result<int64_t> s64(const ByteVector& bytes) { return Reader(bytes, 0x10).s64("a number"); }

TEST(Reader, ReadsUnsignedNumbersOfEveryLength) {
  EXPECT_EQ(*u32({0x00}), 0u);
  EXPECT_EQ(*u32({0x7f}), 127u);
  EXPECT_EQ(*u32({0xe5, 0x8e, 0x26}), 624485u);
  EXPECT_EQ(*u32({0xff, 0xff, 0xff, 0xff, 0x0f}), 0xffffffffu);
  EXPECT_EQ(*u32({0x82, 0x80, 0x80, 0x80, 0x00}), 2u);
}

TEST(Reader, ReadsSignedNumbersToBothEnds) {
  EXPECT_EQ(*s32({0x7f}), -1);
  EXPECT_EQ(*s32({0xff, 0xff, 0xff, 0xff, 0x07}), INT32_MAX);
  EXPECT_EQ(*s32({0x80, 0x80, 0x80, 0x80, 0x78}), INT32_MIN);
  EXPECT_EQ(*s33({0xff, 0xff, 0xff, 0xff, 0x0f}), 0xffffffff);
  EXPECT_EQ(*s33({0x40}), -64);
  EXPECT_EQ(*s64({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f}), INT64_MIN);
  EXPECT_EQ(*s64({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00}), INT64_MAX);
}

TEST(Reader, RefusesNumbersThatAreTooLongOrTooLarge) {
  EXPECT_EQ(error_of(u32({0x82, 0x80, 0x80, 0x80, 0x80, 0x00})),
            "integer representation too long at offset 0x10: a number fits in 5 bytes");
  EXPECT_EQ(error_of(u32({0x82, 0x80, 0x80, 0x80, 0x10})),
            "integer too large at offset 0x10: a number has 32 bits");
  EXPECT_TRUE(error_of(s32({0x80, 0x80, 0x80, 0x80, 0x70})).starts_with("integer too large"));
  EXPECT_TRUE(error_of(s32({0xff, 0xff, 0xff, 0xff, 0x0f})).starts_with("integer too large"));
  EXPECT_TRUE(error_of(s33({0xff, 0xff, 0xff, 0xff, 0x1f})).starts_with("integer too large"));
  EXPECT_TRUE(error_of(s64({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7e}))
                  .starts_with("integer too large"));
}

TEST(Reader, SaysWhereTheBytesEndAndWhatWasMissing) {
  EXPECT_EQ(error_of(u32({0x82, 0x80})),
            "unexpected end of section or function at offset 0x12, expected a number");
  Reader reader({}, 7);
  EXPECT_EQ(error_of(reader.byte("an opcode")),
            "unexpected end of section or function at offset 0x7, expected an opcode");
}

TEST(Reader, RejectsACountLargerThanTheBytesLeft) {
  const ByteVector bytes = {0x03, 0x01, 0x02};
  Reader reader(bytes, 0);
  EXPECT_EQ(error_of(reader.count("types", 1000)),
            "unexpected end of section or function at offset 0x0: 3 types promised, 2 bytes left");
}

TEST(Reader, RejectsACountAboveItsLimit) {
  const ByteVector bytes = {0x03, 0x01, 0x02, 0x03};
  Reader reader(bytes, 0);
  const auto count = reader.count("types", 2);
  EXPECT_EQ(error_of(count), "too many types: 3 at offset 0x0, the limit is 2");
  EXPECT_EQ(count.error().kind, ErrorKind::kLimit);
}

TEST(Reader, ChecksNamesForLengthAndUtf8) {
  const ByteVector good = {0x03, 0xe2, 0x82, 0xac};
  EXPECT_EQ(*Reader(good, 0).name("a name"), "\u20ac");
  const ByteVector bad = {0x02, 0xe2, 0x82, 0xac};
  EXPECT_EQ(error_of(Reader(bad, 4).name("a name")),
            "malformed UTF-8 encoding at offset 0x4: a name must be UTF-8");
  const ByteVector cut = {0x04, 'a', 'b'};
  EXPECT_EQ(error_of(Reader(cut, 4).name("a name")),
            "length out of bounds at offset 0x4: a name has 4 bytes, 2 are left");
}

TEST(Reader, LimitsTheLengthOfNames) {
  ByteVector bytes(100'004, 'a');
  bytes[0] = 0xa1, bytes[1] = 0x8d, bytes[2] = 0x06;  // 100,001
  const auto name = Reader(bytes, 0).name("a name");
  ASSERT_FALSE(name.ok());
  EXPECT_EQ(name.error().kind, ErrorKind::kLimit);
}

TEST(Reader, TellsTypesOfLaterVersionsFromNonsense) {
  const ByteVector types = {0x7f, 0x7b, 0x6f, 0x63, 0x6d, 0x11};
  const TypeContext context{Features::v2(), {}};
  Reader reader(types, 0, context);
  EXPECT_EQ(*reader.value_type(), kI32);
  EXPECT_EQ(*reader.value_type(), kV128);
  EXPECT_EQ(*reader.reference_type(), kExternRef);
  EXPECT_EQ(error_of(reader.value_type()),
            "malformed reference type 0x63 at offset 0x3 needs the function-references feature, "
            "which is off");
  EXPECT_EQ(error_of(reader.reference_type()),
            "malformed reference type 0x6d at offset 0x4 needs the gc feature, which this version "
            "of wherry does not support");
  EXPECT_EQ(reader.value_type().error().kind, ErrorKind::kInvalid);
}

TEST(Reader, ReadsTypedReferencesByTheirFirstEqualType) {
  const ByteVector types = {0x63, 0x02, 0x64, 0x70, 0x64, 0x03, 0x69};
  const TypeContext context{Features::standard(), {0, 1, 1}};
  Reader reader(types, 0, context);
  EXPECT_EQ(*reader.value_type(), ref(1, true));
  EXPECT_EQ(*reader.reference_type(), ref(kHeapFunc, false));
  EXPECT_EQ(error_of(reader.value_type()), "unknown type 3 at offset 0x5: 3 are known here");
  EXPECT_EQ(*reader.value_type(), kExnRef);
}

}  // namespace
}  // namespace wherry::wasm
