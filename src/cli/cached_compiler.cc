#include "cli/cached_compiler.h"

#include "cli/report.h"

namespace wherry::cli {

namespace {

constexpr std::chrono::milliseconds kAskAgain{100};

// flock() cannot wait for two things.
Result<LockFile> wait_for_lock(const Cache& cache, const CacheKey& key,
                               const Cancellation* cancellation) {
  if (cancellation == nullptr) return cache.lock(key);
  for (;;) {
    auto lock = TRY(cache.try_lock(key));
    if (lock) return std::move(*lock);
    if (cancellation->wait_for(kAskAgain)) {
      return make_error(ErrorKind::kIo, "waiting for another compiler was interrupted");
    }
  }
}

}  // namespace

struct CachedCompiler::Attempt {
  const std::string& directory;
  const CompilerLimits& limits;
  const Cancellation* cancellation;

  std::string output() const { return directory + "/module.wherry"; }
};

const Cache* CachedCompiler::cache() {
  std::call_once(opened_, [this] {
    if (settings_.cache_bytes == 0) return;  // not wanted
    if (settings_.cache_directory.empty()) {
      nothing_is_kept(make_error(ErrorKind::kNotFound, "there is no HOME for it")
                          .with_hint("set WHERRY_CACHE_DIR"));
      return;
    }
    auto cache = Cache::open(settings_.cache_directory, settings_.cache_bytes);
    if (cache.ok())
      cache_ = std::move(*cache);
    else
      nothing_is_kept(cache.error());
  });
  return cache_.get();
}

void CachedCompiler::nothing_is_kept(const Error& why) {
  if (has_said_so_.exchange(true)) return;
  std::string text = fmt::format("note: compiled modules are not kept: {}\n", why.message);
  if (!why.hint.empty()) text += fmt::format("try: {}\n", why.hint);
  print_err(text);
}

bool CachedCompiler::find(const CacheKey& key, const Accept& accept) {
  const Cache* cache = this->cache();
  if (cache == nullptr) return false;
  FileDescriptor entry = cache->find(key);
  return entry.is_open() && accept(entry.number()).ok();
}

Status CachedCompiler::make(const Work& work, const Accept& accept, const CompilerLimits& limits,
                            const Cancellation* cancellation) {
  if (const Cache* cache = this->cache()) {
    auto lock = wait_for_lock(*cache, work.key, cancellation);
    if (lock.ok() && find(work.key, accept)) return ok_status();
    Status made = lock.ok() ? ok_status() : Status(lock.error());
    if (lock.ok()) {
      InterruptsHeld held;
      auto directory = cache->working_directory();
      made = directory.ok()
                 ? make_entry(*cache, work, accept, {directory->path(), limits, cancellation})
                 : Status(directory.error());
    }
    // A full disk, say, is no reason not to run the module; one that cannot be compiled is.
    bool was_cancelled = cancellation != nullptr && cancellation->is_cancelled();
    if (made.ok() || made.error().kind != ErrorKind::kIo || was_cancelled) return made;
    nothing_is_kept(made.error());
  }
  InterruptsHeld held;
  TemporaryDirectory directory = TRY(TemporaryDirectory::create());
  return compile(work, accept, {directory.path(), limits, cancellation});
}

Status CachedCompiler::make_entry(const Cache& cache, const Work& work, const Accept& accept,
                                  const Attempt& attempt) {
  // Accepted before it is published: only what works gets a name in the cache.
  TRY(compile(work, accept, attempt));
  auto published = cache.publish(work.key, attempt.output());
  if (!published.ok()) {
    nothing_is_kept(published.error());
  } else if (!*published) {
    nothing_is_kept(make_error(ErrorKind::kLimit, "{} is larger than the {} bytes of the cache",
                               work.name, cache.limit_bytes())
                        .with_hint("set WHERRY_CACHE_SIZE to more MiB"));
  }
  return ok_status();
}

Status CachedCompiler::compile(const Work& work, const Accept& accept, const Attempt& attempt) {
  CompileJob job{attempt.directory + "/module.wasm", attempt.output(), work.name, work.key.cpu,
                 work.key.options};
  TRY(write_new_file(job.input, work.module));
  TRY(run_compiler(settings_.compiler, job, attempt.limits, attempt.cancellation));
  FileDescriptor file = TRY(open_for_reading(job.output));
  return accept(file.number());
}

}  // namespace wherry::cli
