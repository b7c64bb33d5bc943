#include "base/bytes.h"

#include <gtest/gtest.h>

namespace wherry {

TEST(Bytes, PrintAsHexadecimal) {
  EXPECT_EQ(to_hex({}), "");
  EXPECT_EQ(to_hex(as_bytes("\x01\xab\x7f")), "01ab7f");
}

TEST(Bytes, LoadAndStoreLittleEndianAnywhere) {
  uint8_t bytes[8] = {};
  store_le(bytes + 1, uint32_t{0x01020304});
  EXPECT_EQ(bytes[1], 4);
  EXPECT_EQ(load_le<uint32_t>(bytes + 1), 0x01020304u);
}

TEST(Bytes, AlignUpwards) {
  EXPECT_EQ(align_up(0, 16), 0u);
  EXPECT_EQ(align_up(1, 16), 16u);
  EXPECT_EQ(align_up(16, 16), 16u);
}

TEST(Utf8, TakesWhatUnicodeCallsWellFormed) {
  for (const char* text : {"", "plain", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                           "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(as_bytes(text))) << to_hex(as_bytes(text));
  }
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndCutSequences) {
  for (const char* text :
       {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xe2\x28\xa1"}) {
    EXPECT_FALSE(is_utf8(as_bytes(text))) << to_hex(as_bytes(text));
  }
}

}  // namespace wherry
