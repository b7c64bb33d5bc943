#include "pack/strip.h"

#include <elf.h>
#include <gtest/gtest.h>

#include "base/files.h"

namespace wherry::pack {
namespace {

TEST(Strip, KeepsWhatIsLoaded) {
  const ByteVector program = read_file("/proc/self/exe", 1 << 30).value();
  const auto stripped = without_symbols(program);
  ASSERT_TRUE(stripped.ok());
  EXPECT_LT(stripped->size(), program.size());
  const auto header = load_le<Elf64_Ehdr>(stripped->data());
  EXPECT_EQ(header.e_shnum, 0);
  for (unsigned i = 0; i < header.e_phnum; i++) {
    const auto segment =
        load_le<Elf64_Phdr>(stripped->data() + header.e_phoff + i * sizeof(Elf64_Phdr));
    EXPECT_LE(segment.p_offset + segment.p_filesz, stripped->size());
  }
  EXPECT_EQ(without_symbols(*stripped).value(), *stripped);
}

TEST(Strip, RefusesOtherFilesAndThoseCutShort) {
  EXPECT_FALSE(without_symbols(as_bytes("no program")).ok());
  const ByteVector program = read_file("/proc/self/exe", 1 << 30).value();
  for (size_t size : {size_t{0}, size_t{20}, sizeof(Elf64_Ehdr), size_t{300}, size_t{5000}}) {
    EXPECT_FALSE(without_symbols(Bytes(program).first(size)).ok()) << size;
  }
}

}  // namespace
}  // namespace wherry::pack
