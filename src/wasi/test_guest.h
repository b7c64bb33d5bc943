// A guest for unit tests: a memory of one page and a World, without an engine. It calls the
// functions by name, with addresses in its memory. Only for tests.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/files.h"
#include "contract/vm.h"
#include "wasi/preview1.h"

namespace wherry::wasi {

class FakeMemory final : public runtime::Memory {
 public:
  static constexpr uint32_t kBytes = 65536;

  FakeMemory()
      : Memory({}, {.reserved_bytes = kBytes, .max_bytes = kBytes}, &vm_, nullptr), bytes_(kBytes) {
    vm_.base = bytes_.data();
    vm_.size_bytes = kBytes;
  }

 private:
  std::vector<uint8_t> bytes_;  // of exactly this size, so that AddressSanitizer knows the end
  contract::VmMemory vm_{};
};

class TestGuest {
 public:
  explicit TestGuest(WorldOptions options) : world_(World::create(std::move(options)).value()) {}

  Errno call(std::string_view name, std::initializer_list<uint64_t> arguments) {
    return call(*find_preview1(name), std::vector<uint64_t>(arguments));
  }
  Errno call(const Preview1Function& function, const std::vector<uint64_t>& arguments) {
    WHERRY_CHECK(arguments.size() == function.signature.find(':'), function.name);
    Call call{.arguments = arguments.data(), .world = *world_, .memory = GuestMemory(&memory_)};
    const Errno error = function.implementation(call);
    must_wait_ = call.must_wait;
    return error;
  }
  // Whether the last call was to be made again.
  bool must_wait() const { return must_wait_; }

  // Copies bytes into the memory, behind those of earlier calls, and gives the address; begins anew
  // at the front when the memory is full.
  uint32_t put(std::string_view bytes) {
    if (bytes.size() > FakeMemory::kBytes - next_) next_ = kResult + 256;
    uint32_t address = next_;
    std::copy(bytes.begin(), bytes.end(), memory_.base() + address);
    next_ += static_cast<uint32_t>(bytes.size());
    return address;
  }
  template <typename T>
  T read(uint32_t address) const {
    T value;
    std::memcpy(&value, memory_.base() + address, sizeof(T));
    return value;
  }
  std::string text(uint32_t address, uint32_t length) const {
    return std::string(reinterpret_cast<const char*>(memory_.base()) + address, length);
  }

  // Where results go that the helpers below ask for.
  static constexpr uint32_t kResult = 16;

  Errno open(Fd directory, std::string_view path, uint32_t oflags, Rights rights, Fd* fd,
             uint32_t lookup = kSymlinkFollow) {
    Errno error = call("path_open", {directory, lookup, put(path), path.size(), oflags, rights,
                                     ~Rights{0}, 0, kResult});
    if (error == Errno::kSuccess) *fd = read<Fd>(kResult);
    return error;
  }
  // A function that takes a directory and one path.
  Errno on_path(std::string_view function, Fd directory, std::string_view path) {
    return call(function, {directory, put(path), path.size()});
  }
  Errno rename(Fd from_fd, std::string_view from, Fd to_fd, std::string_view to) {
    return call("path_rename", {from_fd, put(from), from.size(), to_fd, put(to), to.size()});
  }
  Errno link(Fd from_fd, std::string_view from, Fd to_fd, std::string_view to,
             uint32_t lookup = 0) {
    return call("path_link", {from_fd, lookup, put(from), from.size(), to_fd, put(to), to.size()});
  }
  Errno symlink(std::string_view target, Fd directory, std::string_view path) {
    return call("path_symlink", {put(target), target.size(), directory, put(path), path.size()});
  }
  Errno write(Fd fd, std::string_view bytes) {
    IoVec piece{put(bytes), static_cast<uint32_t>(bytes.size())};
    uint32_t list = put({reinterpret_cast<const char*>(&piece), sizeof(piece)});
    return call("fd_write", {fd, list, 1, kResult});
  }
  Errno read(Fd fd, uint32_t limit, std::string* bytes) {
    uint32_t into = put(std::string(limit, '\0'));
    IoVec piece{into, limit};
    uint32_t list = put({reinterpret_cast<const char*>(&piece), sizeof(piece)});
    Errno error = call("fd_read", {fd, list, 1, kResult});
    if (error == Errno::kSuccess) *bytes = text(into, read<uint32_t>(kResult));
    return error;
  }

  World& world() { return *world_; }
  FakeMemory& memory() { return memory_; }

 private:
  std::unique_ptr<World> world_;
  FakeMemory memory_;
  uint32_t next_ = kResult + 256;
  bool must_wait_ = false;
};

// All there is below a directory and the directory itself: kinds, numbers, sizes, times of the last
// changes, and contents. Equal snapshots mean that nothing was changed, not even back again.
inline std::string snapshot(const std::string& root) {
  std::vector<std::string> lines;
  auto add = [&](const std::string& path) {
    struct stat info;
    if (::lstat(path.c_str(), &info) != 0) return;
    std::string content;
    if (S_ISREG(info.st_mode) && info.st_size < 100'000) {
      std::ifstream file(path);
      content.assign(std::istreambuf_iterator<char>(file), {});
    }
    lines.push_back(fmt::format("{} {:o} {} {} {}.{} {}.{} {}\n", path, info.st_mode, info.st_ino,
                                info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                                info.st_ctim.tv_sec, info.st_ctim.tv_nsec, content));
  };
  add(root);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    add(entry.path().string());
  }
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line;
  return all;
}

inline void make_file(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace wherry::wasi
