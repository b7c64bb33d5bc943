// Calls with random arguments: whatever they are, nothing crashes, nothing outside the guest's
// directories changes, and nothing in those that are only for reading.
#include <random>

#include "wasi/test_guest.h"

namespace wherry::wasi {
namespace {

constexpr const char* kFunctions[] = {"args_get",
                                      "args_sizes_get",
                                      "clock_res_get",
                                      "clock_time_get",
                                      "environ_get",
                                      "environ_sizes_get",
                                      "fd_advise",
                                      "fd_allocate",
                                      "fd_close",
                                      "fd_datasync",
                                      "fd_fdstat_get",
                                      "fd_fdstat_set_flags",
                                      "fd_fdstat_set_rights",
                                      "fd_filestat_get",
                                      "fd_filestat_set_size",
                                      "fd_filestat_set_times",
                                      "fd_pread",
                                      "fd_prestat_dir_name",
                                      "fd_prestat_get",
                                      "fd_pwrite",
                                      "fd_read",
                                      "fd_readdir",
                                      "fd_renumber",
                                      "fd_seek",
                                      "fd_sync",
                                      "fd_tell",
                                      "fd_write",
                                      "path_create_directory",
                                      "path_filestat_get",
                                      "path_filestat_set_times",
                                      "path_link",
                                      "path_open",
                                      "path_readlink",
                                      "path_remove_directory",
                                      "path_rename",
                                      "path_symlink",
                                      "path_unlink_file",
                                      "poll_oneoff",
                                      "proc_raise",
                                      "random_get",
                                      "sched_yield",
                                      "sock_accept",
                                      "sock_recv",
                                      "sock_send",
                                      "sock_shutdown"};

using namespace std::string_view_literals;
constexpr std::string_view kPaths[] = {"a",
                                       "b",
                                       "c",
                                       "d",
                                       "a/b",
                                       "a/b/c",
                                       "b/../a",
                                       "./c",
                                       "a/",
                                       "b//",
                                       "a/.",
                                       "a/..",
                                       ".",
                                       "..",
                                       "../outside/secret",
                                       "a/../../outside/secret",
                                       "../outside",
                                       "../read_only/file",
                                       "/etc/passwd",
                                       "/",
                                       "to_outside/secret",
                                       "to_outside",
                                       "to_outside/new",
                                       "absolute/secret",
                                       "file",
                                       "",
                                       "a\0b"sv,
                                       "\xff\xfe",
                                       "snowman \xe2\x98\x83"};

class RandomCalls {
 public:
  RandomCalls(const std::string& root, uint64_t seed) : guest_(options(root)), random_(seed) {
    std::string long_path(5000, 'x');
    for (std::string_view path : kPaths) add_path(path);
    add_path(long_path);
    add_path(long_path.substr(0, 255));
  }

  void call_one() {
    const Preview1Function& function = *find_preview1(kFunctions[below(std::size(kFunctions))]);
    // Slow, and sudden death to what would be tried next.
    bool is_rare = function.name.ends_with("sync") || function.name == "fd_close" ||
                   function.name == "fd_renumber" || function.name == "fd_fdstat_set_rights";
    if (is_rare && below(8) != 0) return;
    std::vector<uint64_t> arguments = this->arguments(function);
    Errno error = guest_.call(function, arguments);
    EXPECT_LE(static_cast<int>(error), static_cast<int>(Errno::kNotCapable)) << function.name;
    succeeded_ += error == Errno::kSuccess;
  }
  int succeeded() const { return succeeded_; }

 private:
  static WorldOptions options(const std::string& root) {
    WorldOptions options;
    options.arguments = {"guest", "argument"};
    options.environment = {{"NAME", "value"}};
    options.preopens = {{root + "/box", "/box"},
                        {root + "/read_only", "/read_only", true},
                        {root + "/box", "/again"}};
    options.standard_input = std::make_unique<BytesInput>("some input");
    options.max_descriptors = 40;
    return options;
  }

  uint64_t below(uint64_t limit) { return random_() % limit; }

  void add_path(std::string_view path) {
    paths_.push_back({guest_.put(path), static_cast<uint32_t>(path.size())});
  }

  // Mostly what makes sense, so that calls get past the first check.
  uint32_t address() {
    switch (below(12)) {
      case 0: return FakeMemory::kBytes - static_cast<uint32_t>(below(33));
      case 1: return FakeMemory::kBytes + static_cast<uint32_t>(below(33));
      case 2: return static_cast<uint32_t>(random_());
      case 3: return 0xffffffff - static_cast<uint32_t>(below(33));
      default: return 32768 + static_cast<uint32_t>(below(30000));
    }
  }
  uint64_t length() {
    switch (below(8)) {
      case 0: return static_cast<uint32_t>(random_());
      case 1: return 0xffffffff;
      case 2: return 0;
      default: return below(600);
    }
  }
  // Either small or absurd: what lies between would fill the disk.
  uint64_t number64() {
    switch (below(8)) {
      case 0: return ~uint64_t{0} - below(3);
      case 1: return (uint64_t{1} << 63) + below(3) - 1;
      case 2: return uint64_t{1} << 62;
      default: return below(20000);
    }
  }
  uint64_t rights() {
    switch (below(4)) {
      case 0: return ~uint64_t{0};
      case 1: return random_();
      case 2: return rights::kFdRead;
      default: return rights::kFdRead | rights::kFdWrite;
    }
  }
  uint64_t descriptor() { return below(10) == 0 ? static_cast<uint32_t>(random_()) : below(20); }
  uint64_t flags() { return below(12) == 0 ? static_cast<uint32_t>(random_()) : below(16); }

  void add_path_arguments(std::vector<uint64_t>& into) {
    auto [address, length] = paths_[below(paths_.size())];
    if (below(20) == 0) address = this->address();
    if (below(20) == 0) length = static_cast<uint32_t>(this->length());
    into.insert(into.end(), {address, length});
  }

  // A list of buffers, some of them bad.
  uint64_t buffers() {
    if (below(8) == 0) return address();
    std::vector<IoVec> list(4);
    for (IoVec& buffer : list) {
      buffer = {address(), static_cast<uint32_t>(below(10) == 0 ? length() : below(300))};
    }
    return guest_.put({reinterpret_cast<const char*>(list.data()), list.size() * sizeof(IoVec)});
  }

  // The first is a clock that is due, so that the call comes back.
  uint64_t subscriptions() {
    Subscription list[4] = {};
    for (Subscription& subscription : std::span(list).subspan(1)) {
      subscription.userdata = random_();
      subscription.tag = below(4);
      subscription.clock.id = static_cast<uint32_t>(descriptor());  // or a descriptor
      subscription.clock.timeout = random_();
      subscription.clock.flags = random_();
    }
    return guest_.put({reinterpret_cast<const char*>(list), sizeof(list)});
  }

  std::vector<uint64_t> arguments(const Preview1Function& function) {
    std::string_view name = function.name;
    std::vector<uint64_t> list;
    if (name == "fd_read" || name == "fd_write") {
      return {descriptor(), buffers(), below(6), address()};
    }
    if (name == "fd_pread" || name == "fd_pwrite") {
      return {descriptor(), buffers(), below(6), number64(), address()};
    }
    if (name == "poll_oneoff") {
      bool is_bad = below(4) == 0;
      return {is_bad ? FakeMemory::kBytes - below(48) : subscriptions(), address(), below(5),
              address()};
    }
    if (name == "path_open") {
      list = {descriptor(), below(3)};
      add_path_arguments(list);
      list.insert(list.end(), {flags(), rights(), rights(), below(33), address()});
      return list;
    }
    if (name == "path_symlink") {
      add_path_arguments(list);
      list.push_back(descriptor());
      add_path_arguments(list);
      return list;
    }
    if (name == "path_link" || name == "path_rename") {
      list.push_back(descriptor());
      if (name == "path_link") list.push_back(below(3));
      add_path_arguments(list);
      list.push_back(descriptor());
      add_path_arguments(list);
      return list;
    }
    if (name.starts_with("path_filestat")) {
      list = {descriptor(), below(3)};
      add_path_arguments(list);
    } else if (name.starts_with("path_")) {
      list = {descriptor()};
      add_path_arguments(list);
    } else if (name.starts_with("fd_") || name.starts_with("sock_")) {
      list = {descriptor()};
    }
    // The rest by type: addresses, lengths and small numbers all look alike.
    for (size_t i = list.size(); i < function.signature.find(':'); i++) {
      bool is_64 = function.signature[i] == 'I';
      list.push_back(is_64           ? number64()
                     : below(3) == 0 ? flags()
                     : below(2)      ? length()
                                     : address());
    }
    return list;
  }

  struct Path {
    uint32_t address;
    uint32_t length;
  };
  TestGuest guest_;
  std::mt19937_64 random_;
  std::vector<Path> paths_;
  int succeeded_ = 0;
};

TEST(Wasi, RandomCallsChangeNothingOutside) {
  TemporaryDirectory place = TemporaryDirectory::create().value();
  std::string root = place.path();
  std::filesystem::create_directory(root + "/outside");
  std::filesystem::create_directory(root + "/read_only");
  make_file(root + "/outside/secret", "secret");
  make_file(root + "/read_only/file", "file");
  std::string outside = snapshot(root + "/outside");
  std::string read_only = snapshot(root + "/read_only");

  int succeeded = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    // Each begins with an empty directory but for two ways out.
    std::filesystem::remove_all(root + "/box");
    std::filesystem::create_directory(root + "/box");
    std::filesystem::create_symlink("../outside", root + "/box/to_outside");
    std::filesystem::create_symlink(root + "/outside", root + "/box/absolute");
    RandomCalls calls(root, seed);
    for (int i = 0; i < 600; i++) calls.call_one();
    succeeded += calls.succeeded();
    ASSERT_EQ(snapshot(root + "/outside"), outside) << "seed " << seed;
    ASSERT_EQ(snapshot(root + "/read_only"), read_only) << "seed " << seed;
  }
  EXPECT_GT(succeeded, 2000);  // else the calls are too wild to reach anything
}

}  // namespace
}  // namespace wherry::wasi
