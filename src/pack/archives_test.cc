#include "pack/archives.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "pack/zip.h"

namespace wherry::pack {
namespace {

ByteVector bytes(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

std::vector<Entry> entries() {
  return {{"bootstrap",
           bytes("\x7f"
                 "ELF"),
           true},
          {"d/e/a.wasm", bytes("\0asm")},
          {"empty", {}}};
}

TEST(Archives, AreTheSameForTheSameEntries) {
  EXPECT_EQ(write_zip(entries()).value(), write_zip(entries()).value());
  EXPECT_EQ(write_tar(entries()).value(), write_tar(entries()).value());
  const ByteVector tar = write_tar(entries()).value();
  EXPECT_EQ(gzip(tar).value(), gzip(tar).value());
  std::vector<Entry> others = entries();
  others[0].is_executable = false;
  EXPECT_NE(write_zip(others).value(), write_zip(entries()).value());
  EXPECT_NE(write_tar(others).value(), tar);
}

TEST(Archives, DoNotDependOnTheTimeZone) {
  const ByteVector zip = write_zip(entries()).value();
  ::setenv("TZ", "Asia/Tokyo", 1);
  ::tzset();
  const ByteVector zip_elsewhere = write_zip(entries()).value();
  ::unsetenv("TZ");
  ::tzset();
  EXPECT_EQ(zip_elsewhere, zip);
}

TEST(Archives, AZipSaysModesAndTimes) {
  const ByteVector zip = write_zip(entries()).value();
  const std::string_view text = as_text(zip);
  const size_t directory = text.find("PK\1\2");
  ASSERT_NE(directory, text.npos);
  EXPECT_EQ(load_le<uint32_t>(zip.data() + directory + 38) >> 16, 0100755u);
  EXPECT_EQ(load_le<uint32_t>(zip.data() + directory + 12), 0x0021'0000u);  // 1980-01-01 00:00
  EXPECT_EQ(load_le<uint32_t>(zip.data() + directory + 42), 0u);
  const size_t second = text.find("PK\1\2", directory + 4);
  EXPECT_EQ(load_le<uint32_t>(zip.data() + second + 38) >> 16, 0100644u);
}

TEST(Archives, AZipIsReadAgain) {
  const ByteVector zip = write_zip(entries()).value();
  EXPECT_TRUE(looks_like_zip(zip));
  EXPECT_EQ(only_wasm_in_zip(zip, 100).value(), bytes("\0asm"));
}

TEST(Archives, ATarHasItsDirectories) {
  const ByteVector tar = write_tar(entries()).value();
  EXPECT_EQ(as_text(tar).substr(0, 3), std::string_view("d/\0", 3));
  EXPECT_EQ(tar.size() % 512, 0u);
}

TEST(Archives, ATarHasLongNamesAndThoseBeyondAscii) {
  const std::string long_name = "files/" + std::string(200, 'x') + "/ü.txt";
  const ByteVector tar = write_tar({{long_name, bytes("text")}}).value();
  EXPECT_NE(as_text(tar).find(long_name + '\0'), std::string_view::npos);
}

}  // namespace
}  // namespace wherry::pack
