#include "wasi/errno.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

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

// In the specification's order.
constexpr std::string_view kNames[] = {
    "SUCCESS",     "2BIG",           "ACCES",       "ADDRINUSE",   "ADDRNOTAVAIL",
    "AFNOSUPPORT", "AGAIN",          "ALREADY",     "BADF",        "BADMSG",
    "BUSY",        "CANCELED",       "CHILD",       "CONNABORTED", "CONNREFUSED",
    "CONNRESET",   "DEADLK",         "DESTADDRREQ", "DOM",         "DQUOT",
    "EXIST",       "FAULT",          "FBIG",        "HOSTUNREACH", "IDRM",
    "ILSEQ",       "INPROGRESS",     "INTR",        "INVAL",       "IO",
    "ISCONN",      "ISDIR",          "LOOP",        "MFILE",       "MLINK",
    "MSGSIZE",     "MULTIHOP",       "NAMETOOLONG", "NETDOWN",     "NETRESET",
    "NETUNREACH",  "NFILE",          "NOBUFS",      "NODEV",       "NOENT",
    "NOEXEC",      "NOLCK",          "NOLINK",      "NOMEM",       "NOMSG",
    "NOPROTOOPT",  "NOSPC",          "NOSYS",       "NOTCONN",     "NOTDIR",
    "NOTEMPTY",    "NOTRECOVERABLE", "NOTSOCK",     "NOTSUP",      "NOTTY",
    "NXIO",        "OVERFLOW",       "OWNERDEAD",   "PERM",        "PIPE",
    "PROTO",       "PROTONOSUPPORT", "PROTOTYPE",   "RANGE",       "ROFS",
    "SPIPE",       "SRCH",           "STALE",       "TIMEDOUT",    "TXTBSY",
    "XDEV",        "NOTCAPABLE"};

// Every number the host has, by the name it goes by.
TEST(WasiErrno, TranslatesAllOfTheHostsNumbersByName) {
  int named = 0;
  for (int number = 1; number < 4096; number++) {
    const char* host_name = ::strerrorname_np(number);
    std::string name = host_name == nullptr ? "?" : host_name + 1;
    if (name == "OPNOTSUPP") name = "NOTSUP";  // one number, two names
    auto found = std::ranges::find(kNames, name);
    Errno expected = Errno::kIo;  // what WASI has no name for
    if (found != std::end(kNames)) {
      expected = static_cast<Errno>(found - std::begin(kNames));
      named++;
    }
    EXPECT_EQ(errno_from_host(number), expected) << name;
  }
  EXPECT_EQ(named, 75);  // all but success and kNotCapable
  EXPECT_EQ(errno_from_host(0), Errno::kSuccess);
  EXPECT_EQ(errno_from_host(-1), Errno::kIo);
}

}  // namespace wherry::wasi
