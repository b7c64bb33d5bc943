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
thread_local uint64_t last_cpu = 0;

uint64_t nanoseconds_of(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(time.tv_usec) * 1000;
}

}  // namespace

int thread_id() {
  if (id == 0) id = static_cast<int>(::syscall(SYS_gettid));
  return id;
}

uint64_t count_page_faults() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  last_count = static_cast<uint64_t>(usage.ru_minflt) + static_cast<uint64_t>(usage.ru_majflt);
  last_cpu = nanoseconds_of(usage.ru_utime) + nanoseconds_of(usage.ru_stime);
  return last_count;
}

uint64_t last_page_faults() { return last_count; }

uint64_t count_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  last_cpu =
      static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
  return last_cpu;
}

uint64_t last_cpu_ns() { return last_cpu; }

}  // namespace wherry::runtime
