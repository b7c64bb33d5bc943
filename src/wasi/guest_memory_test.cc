#include "wasi/guest_memory.h"

#include <gtest/gtest.h>

#include "contract/vm.h"

namespace wherry::wasi {
namespace {

constexpr uint64_t kBytes = 65536;

// A memory of one page without an engine.
class FakeMemory final : public runtime::Memory {
 public:
  FakeMemory() : Memory({}, {.reserved_bytes = kBytes, .max_bytes = kBytes}, &vm_), bytes_(kBytes) {
    vm_.base = bytes_.data();
    vm_.size_bytes = kBytes;
  }

 private:
  std::vector<uint8_t> bytes_;
  contract::VmMemory vm_{};
};

TEST(GuestMemory, GivesTheBytesUpToTheEndAndNoneBeyond) {
  FakeMemory fake;
  GuestMemory memory(&fake);
  EXPECT_EQ(memory.at(0, kBytes), fake.base());
  EXPECT_EQ(memory.at(kBytes - 1, 1), fake.base() + kBytes - 1);
  EXPECT_NE(memory.at(kBytes, 0), nullptr);
  EXPECT_EQ(memory.at(kBytes, 1), nullptr);
  EXPECT_EQ(memory.at(kBytes - 1, 2), nullptr);
  EXPECT_EQ(memory.at(kBytes + 1, 0), nullptr);
}

TEST(GuestMemory, DoesNotWrapAround32Or64Bits) {
  FakeMemory fake;
  GuestMemory memory(&fake);
  EXPECT_EQ(memory.at(16, 0xfffffff0u), nullptr);
  EXPECT_EQ(memory.at(0xffffffffu, 1), nullptr);
  EXPECT_EQ(memory.at(16, ~uint64_t{0}), nullptr);
  EXPECT_EQ(memory.at(1, ~uint64_t{0}), nullptr);
}

TEST(GuestMemory, StoresValuesWithoutAlignment) {
  FakeMemory fake;
  GuestMemory memory(&fake);
  EXPECT_TRUE(memory.store(3, uint32_t{0x01020304}));
  EXPECT_EQ(fake.base()[3], 4);
  EXPECT_EQ(fake.base()[6], 1);
  EXPECT_FALSE(memory.store(kBytes - 3, uint32_t{1}));
}

TEST(GuestMemory, LoadsAnArrayOnlyAsAWhole) {
  FakeMemory fake;
  GuestMemory memory(&fake);
  std::vector<uint64_t> values(2);
  EXPECT_TRUE(memory.load_array(kBytes - 16, std::span(values)));
  EXPECT_FALSE(memory.load_array(kBytes - 15, std::span(values)));
  EXPECT_TRUE(memory.load_array(kBytes, std::span<uint64_t>()));
}

TEST(GuestMemory, OfAModuleWithoutMemoryIsAllOutOfBounds) {
  GuestMemory memory(nullptr);
  EXPECT_EQ(memory.at(0, 0), nullptr);
  EXPECT_FALSE(memory.store(0, uint8_t{1}));
}

}  // namespace
}  // namespace wherry::wasi
