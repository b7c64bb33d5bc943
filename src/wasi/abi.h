// The constants and records of WASI preview 1 (wasi_snapshot_preview1.witx) that cross the
// boundary. Names and layouts are the specification's; all records are little-endian in the guest's
// memory.
#pragma once

#include <cstdint>

namespace wherry::wasi {

using Fd = uint32_t;

using Rights = uint64_t;
namespace rights {
inline constexpr Rights kFdDatasync = 1 << 0;
inline constexpr Rights kFdRead = 1 << 1;
inline constexpr Rights kFdSeek = 1 << 2;
inline constexpr Rights kFdFdstatSetFlags = 1 << 3;
inline constexpr Rights kFdSync = 1 << 4;
inline constexpr Rights kFdTell = 1 << 5;
inline constexpr Rights kFdWrite = 1 << 6;
inline constexpr Rights kFdAdvise = 1 << 7;
inline constexpr Rights kFdAllocate = 1 << 8;
inline constexpr Rights kPathCreateDirectory = 1 << 9;
inline constexpr Rights kPathCreateFile = 1 << 10;
inline constexpr Rights kPathLinkSource = 1 << 11;
inline constexpr Rights kPathLinkTarget = 1 << 12;
inline constexpr Rights kPathOpen = 1 << 13;
inline constexpr Rights kFdReaddir = 1 << 14;
inline constexpr Rights kPathReadlink = 1 << 15;
inline constexpr Rights kPathRenameSource = 1 << 16;
inline constexpr Rights kPathRenameTarget = 1 << 17;
inline constexpr Rights kPathFilestatGet = 1 << 18;
inline constexpr Rights kPathFilestatSetSize = 1 << 19;
inline constexpr Rights kPathFilestatSetTimes = 1 << 20;
inline constexpr Rights kFdFilestatGet = 1 << 21;
inline constexpr Rights kFdFilestatSetSize = 1 << 22;
inline constexpr Rights kFdFilestatSetTimes = 1 << 23;
inline constexpr Rights kPathSymlink = 1 << 24;
inline constexpr Rights kPathRemoveDirectory = 1 << 25;
inline constexpr Rights kPathUnlinkFile = 1 << 26;
inline constexpr Rights kPollFdReadwrite = 1 << 27;

// What changes a file or a directory's contents: withheld from read-only preopens.
inline constexpr Rights kChangesFile =
    kFdDatasync | kFdWrite | kFdAllocate | kFdFilestatSetSize | kFdFilestatSetTimes;
inline constexpr Rights kChangesDirectory =
    kPathCreateDirectory | kPathCreateFile | kPathLinkSource | kPathLinkTarget | kPathRenameSource |
    kPathRenameTarget | kPathFilestatSetSize | kPathFilestatSetTimes | kPathSymlink |
    kPathRemoveDirectory | kPathUnlinkFile | kFdFilestatSetTimes;

inline constexpr Rights kFile = kChangesFile | kFdRead | kFdSeek | kFdFdstatSetFlags | kFdSync |
                                kFdTell | kFdAdvise | kFdFilestatGet | kPollFdReadwrite;
inline constexpr Rights kDirectory = kChangesDirectory | kFdFdstatSetFlags | kFdSync | kPathOpen |
                                     kFdReaddir | kPathReadlink | kPathFilestatGet | kFdFilestatGet;
inline constexpr Rights kInput = kFdRead | kFdFdstatSetFlags | kFdFilestatGet | kPollFdReadwrite;
inline constexpr Rights kOutput = kFdWrite | kFdFdstatSetFlags | kFdFilestatGet | kPollFdReadwrite;
}  // namespace rights

enum class FileType : uint8_t {
  kUnknown = 0,
  kBlockDevice = 1,
  kCharacterDevice = 2,
  kDirectory = 3,
  kRegularFile = 4,
  kSocketDgram = 5,
  kSocketStream = 6,
  kSymbolicLink = 7,
};

enum ClockId : uint32_t { kRealtime = 0, kMonotonic = 1, kProcessCpu = 2, kThreadCpu = 3 };

enum FdFlags : uint16_t { kAppend = 1, kDsync = 2, kNonblock = 4, kRsync = 8, kSync = 16 };
enum OFlags : uint16_t { kCreate = 1, kDirectoryOnly = 2, kExclusive = 4, kTruncate = 8 };
enum LookupFlags : uint32_t { kSymlinkFollow = 1 };
constexpr bool is_lookup(uint32_t flags) { return (flags & ~uint32_t{kSymlinkFollow}) == 0; }
enum FstFlags : uint16_t { kAtim = 1, kAtimNow = 2, kMtim = 4, kMtimNow = 8 };
enum Whence : uint8_t { kSeekSet = 0, kSeekCur = 1, kSeekEnd = 2 };
enum EventType : uint8_t { kEventClock = 0, kEventFdRead = 1, kEventFdWrite = 2 };

struct IoVec {
  uint32_t address;
  uint32_t length;
};

struct FdStat {
  uint8_t filetype = 0;
  uint8_t reserved0 = 0;
  uint16_t flags = 0;
  uint32_t reserved1 = 0;
  uint64_t rights_base = 0;
  uint64_t rights_inheriting = 0;
};
static_assert(sizeof(FdStat) == 24);

struct FileStat {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t filetype = 0;  // one byte, then padding
  uint64_t links = 0;
  uint64_t size = 0;
  uint64_t access_ns = 0;
  uint64_t modification_ns = 0;
  uint64_t change_ns = 0;
};
static_assert(sizeof(FileStat) == 64);

struct Dirent {
  uint64_t next = 0;
  uint64_t inode = 0;
  uint32_t name_length = 0;
  uint32_t type = 0;  // one byte, then padding
};
static_assert(sizeof(Dirent) == 24);

struct Prestat {
  uint32_t tag = 0;  // one byte, then padding; 0 is a directory
  uint32_t name_length = 0;
};
static_assert(sizeof(Prestat) == 8);

struct Subscription {
  uint64_t userdata;
  uint64_t tag;  // EventType, one byte, then padding
  union {
    struct {
      uint32_t id;
      uint32_t reserved;
      uint64_t timeout;
      uint64_t precision;
      uint64_t flags;  // 16 bits, then padding; bit 0: the timeout is a point in time
    } clock;
    uint32_t fd;
  };
};
static_assert(sizeof(Subscription) == 48);

struct Event {
  uint64_t userdata = 0;
  uint16_t error = 0;
  uint8_t type = 0;
  uint8_t reserved[5] = {};
  uint64_t bytes = 0;
  uint64_t flags = 0;
};
static_assert(sizeof(Event) == 32);

}  // namespace wherry::wasi
