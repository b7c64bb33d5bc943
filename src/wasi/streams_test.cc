#include "wasi/streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/files.h"

namespace wherry::wasi {
namespace {

TEST(HostStreams, AreCharacterDevicesOnlyIfTerminals) {
  FileDescriptor terminal(::posix_openpt(O_RDWR | O_NOCTTY));
  ASSERT_GE(terminal.number(), 0);
  EXPECT_EQ(HostOutput(terminal.number()).file_type(), FileType::kCharacterDevice);
  EXPECT_EQ(HostInput(terminal.number()).file_type(), FileType::kCharacterDevice);
  FileDescriptor null(::open("/dev/null", O_RDWR));
  EXPECT_EQ(HostOutput(null.number()).file_type(), FileType::kUnknown);
  EXPECT_EQ(HostInput(null.number()).file_type(), FileType::kUnknown);
}

}  // namespace
}  // namespace wherry::wasi
