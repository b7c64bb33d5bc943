// Compiles modules through the cache: what is there is taken, and what is not is made by one
// process at a time, for the others to take. Without a usable cache it still compiles, and says
// once on standard error why nothing is kept.
//
// Safe from many threads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "cli/cache.h"
#include "cli/cache_key.h"
#include "cli/compiler_process.h"
#include "cli/settings.h"

namespace wherry::cli {

class CachedCompiler {
 public:
  struct Work {
    Bytes module;
    std::string name;  // for messages
    CacheKey key;
  };

  // Takes a compiled file that may be damaged; an error has it made anew.
  using Accept = std::function<Status(int fd)>;

  explicit CachedCompiler(const Settings& settings) : settings_(settings) {}

  const Settings& settings() const { return settings_; }

  // Null if it cannot be used.
  const Cache* cache();

  // True if the entry is there and was accepted.
  bool find(const CacheKey& key, const Accept& accept);

  // The same, but where there is none it is made, or waited for. `cancellation` may be null.
  Status make(const Work& work, const Accept& accept, const CompilerLimits& limits = {},
              const Cancellation* cancellation = nullptr);

 private:
  struct Attempt;
  Status compile(const Work& work, const Accept& accept, const Attempt& attempt);
  Status make_entry(const Cache& cache, const Work& work, const Accept& accept,
                    const Attempt& attempt);
  void nothing_is_kept(const Error& why);

  const Settings settings_;
  std::once_flag opened_;
  std::unique_ptr<Cache> cache_;
  std::atomic<bool> has_said_so_ = false;
};

}  // namespace wherry::cli
