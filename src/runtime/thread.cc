#include "runtime/thread.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

namespace wherry::runtime {
namespace {

// A child of fork() is another thread of execution with a copy of these; nothing forks and goes on.
thread_local int id = 0;
thread_local uint64_t last_count = 0;

}  // namespace

int thread_id() {
  if (id == 0) id = static_cast<int>(::syscall(SYS_gettid));
  return id;
}

uint64_t count_page_faults() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  last_count = static_cast<uint64_t>(usage.ru_minflt) + static_cast<uint64_t>(usage.ru_majflt);
  return last_count;
}

uint64_t last_page_faults() { return last_count; }

uint64_t count_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace wherry::runtime
