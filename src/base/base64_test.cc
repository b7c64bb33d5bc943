#include "base/base64.h"

#include <gtest/gtest.h>

namespace wherry {
namespace {

std::string decoded(std::string_view text) {
  auto bytes = decode_base64(text, 1000);
  return bytes.ok() ? std::string(as_text(*bytes)) : "error: " + bytes.error().message;
}

TEST(Base64, DecodesAndEncodesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (auto [plain, text] : vectors) {
    EXPECT_EQ(encode_base64(as_bytes(plain)), text);
    EXPECT_EQ(decoded(text), plain);
  }
}

TEST(Base64, RoundTripsEveryByte) {
  ByteVector all;
  for (int i = 0; i < 256; i++) all.push_back(static_cast<uint8_t>(i));
  auto back = decode_base64(encode_base64(all), 256);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, all);
}

TEST(Base64, RejectsWhatIsNotStrictlyBase64) {
  EXPECT_EQ(decoded("Zg="),
            "error: base64 text of 3 characters: the length must be a multiple of 4");
  EXPECT_EQ(decoded("Zm9\n"), "error: byte 0x0a at offset 3 is not a base64 character");
  EXPECT_EQ(decoded("Zg==Zg=="), "error: byte 0x3d at offset 2 is not a base64 character");
  EXPECT_EQ(decoded("===="), "error: byte 0x3d at offset 0 is not a base64 character");
  EXPECT_EQ(decoded("Zm9-"), "error: byte 0x2d at offset 3 is not a base64 character");
  EXPECT_EQ(decoded("Zh=="), "error: base64 text ends in bits that belong to no byte");
  EXPECT_EQ(decoded("Zm9="), "error: base64 text ends in bits that belong to no byte");
}

TEST(Base64, RefusesMoreThanTheLimit) {
  EXPECT_TRUE(decode_base64("Zm9v", 3).ok());
  auto refused = decode_base64("Zm9v", 2);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kLimit);
}

}  // namespace
}  // namespace wherry
