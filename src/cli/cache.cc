#include "cli/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>

namespace wherry::cli {

namespace {

constexpr std::string_view kEntry = ".wherry";
constexpr std::string_view kLock = ".lock";
constexpr std::string_view kFailed = ".failed";
// Of failures and of modules that wait: whoever still wants them says so again.
constexpr std::chrono::hours kForgotten{24};
constexpr uint64_t kMaxFailureBytes = 4096;

std::chrono::system_clock::time_point modified(const struct stat& status) {
  auto since_1970 = std::chrono::seconds(status.st_mtim.tv_sec) +
                    std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(since_1970));
}

bool is_long_ago(const struct stat& status) {
  return std::chrono::system_clock::now() - modified(status) > kForgotten;
}

bool is_ours_alone(const struct stat& status) {
  return status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

Status check_directory(const std::string& directory) {
  struct stat status{};
  if (::stat(directory.c_str(), &status) != 0) return errno_error(errno, directory);
  if (!S_ISDIR(status.st_mode)) return errno_error(ENOTDIR, directory);
  if (status.st_uid != ::geteuid()) {
    return make_error(ErrorKind::kInvalid, "{}: belongs to the user {}, and we are {}", directory,
                      status.st_uid, ::geteuid())
        .with_hint("set WHERRY_CACHE_DIR to a directory of your own");
  }
  if (!is_ours_alone(status)) {
    return make_error(ErrorKind::kInvalid, "{}: others may write to it (mode {:o})", directory,
                      status.st_mode & 07777)
        .with_hint(fmt::format("chmod go-w {}", directory));
  }
  if (::access(directory.c_str(), W_OK | X_OK) != 0) return errno_error(errno, directory);
  return ok_status();
}

// Of processes that were killed; those that are held stay.
void remove_free_locks(const std::string& directory) {
  for_each_file(directory, kLock, [](const std::string& path, const struct stat&) {
    (void)LockFile::try_acquire(path).ok();  // and released, which removes it
  });
}

}  // namespace

Result<std::unique_ptr<Cache>> Cache::open(const std::string& directory, uint64_t limit_bytes) {
  TRY(make_directories(directory, 0700));
  char path[PATH_MAX];
  if (::realpath(directory.c_str(), path) == nullptr) return errno_error(errno, directory);
  TRY(check_directory(path));
  return std::unique_ptr<Cache>(new Cache(path, limit_bytes));
}

std::string Cache::path(const std::string& name, std::string_view ending) const {
  return fmt::format("{}/{}{}", directory_, name, ending);
}

FileDescriptor Cache::find(const CacheKey& key) const {
  FileDescriptor file(::open(path(key.name(), kEntry).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status{};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0 || !is_ours_alone(status)) return {};
  ::futimens(file.number(), nullptr);
  return file;
}

Result<LockFile> Cache::lock(const CacheKey& key) const {
  return LockFile::acquire(path(key.name(), kLock));
}

Result<std::optional<LockFile>> Cache::try_lock(const CacheKey& key) const {
  return LockFile::try_acquire(path(key.name(), kLock));
}

Result<TemporaryDirectory> Cache::working_directory() const {
  remove_abandoned_directories(directory_);
  return TemporaryDirectory::create(directory_);
}

Result<bool> Cache::publish(const CacheKey& key, const std::string& file) const {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return errno_error(errno, file);
  if (static_cast<uint64_t>(status.st_size) > limit_bytes_) return false;
  std::string entry = path(key.name(), kEntry);
  if (::rename(file.c_str(), entry.c_str()) != 0) return errno_error(errno, entry);
  ::unlink(path(key.name(), kFailed).c_str());
  evict();
  return true;
}

std::optional<std::string> Cache::failure(const CacheKey& key) const {
  FileDescriptor file(::open(path(key.name(), kFailed).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status{};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0 || is_long_ago(status)) {
    return std::nullopt;
  }
  auto text = read_descriptor(file.number(), "", kMaxFailureBytes);
  return text.ok() ? std::string(as_text(*text)) : std::string();
}

void Cache::note_failure(const CacheKey& key, const std::string& why) const {
  Bytes text = as_bytes(why);
  text = text.first(std::min<size_t>(text.size(), kMaxFailureBytes));
  std::string file_name = path(key.name(), kFailed);
  FileDescriptor file(
      ::open(file_name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.is_open()) (void)write_all(file.number(), text, file_name).ok();
}

std::vector<Cache::Entry> Cache::entries() const {
  std::vector<Entry> all;
  for_each_file(directory_, kEntry, [&all](const std::string& path, const struct stat& status) {
    Entry entry;
    entry.file_name = path.substr(path.rfind('/') + 1);
    entry.key = CacheKey::parse(
        std::string_view(entry.file_name).substr(0, entry.file_name.size() - kEntry.size()));
    entry.bytes = static_cast<uint64_t>(status.st_size);
    entry.last_used = modified(status);
    all.push_back(std::move(entry));
  });
  std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.last_used, a.file_name) < std::pair(b.last_used, b.file_name);
  });
  return all;
}

// Programs that run an entry have it mapped, and go on with it.
void Cache::evict() const {
  uint64_t total = 0;
  std::vector<Entry> all = entries();
  for (const Entry& entry : all) total += entry.bytes;
  for (const Entry& entry : all) {
    if (total <= limit_bytes_) break;
    ::unlink((directory_ + "/" + entry.file_name).c_str());
    total -= entry.bytes;
  }
  for (std::string_view ending : {kFailed, kWaiting}) {
    for_each_file(directory_, ending, [](const std::string& path, const struct stat& status) {
      if (is_long_ago(status)) ::unlink(path.c_str());
    });
  }
  remove_free_locks(directory_);
}

std::vector<Cache::Entry> Cache::clear() const {
  std::vector<Entry> all = entries();
  for (std::string_view ending : {kEntry, kFailed, kWaiting}) {
    for_each_file(directory_, ending,
                  [](const std::string& path, const struct stat&) { ::unlink(path.c_str()); });
  }
  remove_free_locks(directory_);
  remove_abandoned_directories(directory_);
  return all;
}

}  // namespace wherry::cli
