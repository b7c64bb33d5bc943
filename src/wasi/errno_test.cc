#include "wasi/errno.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace wherry::wasi {

TEST(WasiErrno, HasTheSpecificationsNumbers) {
  EXPECT_EQ(static_cast<int>(Errno::kSuccess), 0);
  EXPECT_EQ(static_cast<int>(Errno::kBadF), 8);
  EXPECT_EQ(static_cast<int>(Errno::kFault), 21);
  EXPECT_EQ(static_cast<int>(Errno::kInval), 28);
  EXPECT_EQ(static_cast<int>(Errno::kNoEnt), 44);
  EXPECT_EQ(static_cast<int>(Errno::kNotDir), 54);
  EXPECT_EQ(static_cast<int>(Errno::kPerm), 63);
  EXPECT_EQ(static_cast<int>(Errno::kXDev), 75);
}

TEST(WasiErrno, TranslatesTheHostsNumbersByName) {
  EXPECT_EQ(errno_from_host(0), Errno::kSuccess);
  EXPECT_EQ(errno_from_host(ENOENT), Errno::kNoEnt);
  EXPECT_EQ(errno_from_host(EACCES), Errno::kAcces);
  EXPECT_EQ(errno_from_host(ENOTEMPTY), Errno::kNotEmpty);
  EXPECT_EQ(errno_from_host(EINTR), Errno::kIntr);
  EXPECT_EQ(errno_from_host(ELOOP), Errno::kLoop);
}

TEST(WasiErrno, CallsWhatWasiHasNoNameForAnInputOutputError) {
  EXPECT_EQ(errno_from_host(EHWPOISON), Errno::kIo);
  EXPECT_EQ(errno_from_host(100000), Errno::kIo);
}

}  // namespace wherry::wasi
