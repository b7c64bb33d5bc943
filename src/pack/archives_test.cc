#include "pack/archives.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace wherry::pack
