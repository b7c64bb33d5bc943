// Release code for modules that were started on dev code, made when nobody else wants the
// processor.
//
// However many modules ask for it, one process of a user compiles in the background: who holds the
// lock `background` of the cache directory. `run` and `invoke` do not live to see it; they leave
// the module in the directory, and start a worker: a process without terminal that compiles what
// lies there, when it is its turn, and ends. Another worker is at it (lock `worker`)? Then that one
// takes the new module, too. A server makes the code of its functions itself, when it is its turn.
#pragma once

#include "cli/cached_compiler.h"

namespace wherry::cli {

// Has a worker make the entry for `release`. Forks: only while the program has one thread.
// Failures, like too many modules waiting, are for the next start to try again.
void make_release_code_for_next_start(const Cache& cache, const Settings& settings,
                                      const CacheKey& release, Bytes module);

// Waits for its turn, then makes the entry, or has it accepted when it is there.
Status make_release_code(CachedCompiler& compiler, const CachedCompiler::Work& work,
                         const CachedCompiler::Accept& accept, const Cancellation& cancellation);

}  // namespace wherry::cli
