// The directory of compiled modules, which all verbs and processes of a user share.
//
// What lies in it, by the ending of its name (before it: CacheKey::name()):
//   .wherry   an entry; appears whole or not at all, and is only ever replaced by renaming
//   .lock     who holds it makes that entry (LockFile)
//   .failed   why release code could not be made in the background, for a day
//   .wasm     a module that waits for release code (release_queue.h)
//   wherry-XXXXXX  a compilation at work (TemporaryDirectory)
// An entry is native code that we run: a directory that others may write to is refused, and so is a
// file that is not ours.
//
// Safe from many threads.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/lock_file.h"
#include "base/result.h"
#include "cli/cache_key.h"

namespace wherry::cli {

// The ending of modules that wait in the cache for release_queue.cc.
inline constexpr std::string_view kWaiting = ".wasm";

class Cache {
 public:
  // Makes the directory (for its owner alone) where there is none. Errors say why it cannot be
  // used.
  static Result<std::unique_ptr<Cache>> open(const std::string& directory, uint64_t limit_bytes);

  const std::string& directory() const { return directory_; }
  uint64_t limit_bytes() const { return limit_bytes_; }
  std::string path(const std::string& name, std::string_view ending) const;

  // The entry, open for reading, and used just now; nothing if there is none. Whether it is whole,
  // loading it will say.
  FileDescriptor find(const CacheKey& key) const;

  // Waits for whoever makes this entry; look again whether it is there.
  Result<LockFile> lock(const CacheKey& key) const;
  Result<std::optional<LockFile>> try_lock(const CacheKey& key) const;

  // Below the directory, so that what is made in it can be renamed.
  Result<TemporaryDirectory> working_directory() const;

  // Renames `file` to the entry, and removes the least recently used ones above the limit. False if
  // it is larger than all entries together may be.
  Result<bool> publish(const CacheKey& key, const std::string& file) const;

  // Why release code cannot be made; nothing if that is not known, or was long ago.
  std::optional<std::string> failure(const CacheKey& key) const;
  void note_failure(const CacheKey& key, const std::string& why) const;

  struct Entry {
    std::string file_name;
    std::optional<CacheKey> key;  // nothing: of another version
    uint64_t bytes = 0;
    std::chrono::system_clock::time_point last_used;
  };
  // The least recently used first.
  std::vector<Entry> entries() const;

  // Removes everything but what running compilations hold. Returns the entries that were there.
  std::vector<Entry> clear() const;

 private:
  Cache(std::string directory, uint64_t limit_bytes)
      : directory_(std::move(directory)), limit_bytes_(limit_bytes) {}
  void evict() const;

  const std::string directory_;  // absolute, without links
  const uint64_t limit_bytes_;
};

}  // namespace wherry::cli
