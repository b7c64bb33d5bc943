#include "bench/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

namespace wherry::bench {

namespace {

std::string text_of_file(const char* path) {
  auto bytes = read_file(path, 4 << 20);
  return bytes.ok() ? std::string(as_text(*bytes)) : std::string();
}

// What follows `key` and a colon, in /proc/cpuinfo's way; of the first core.
std::string value_of(const std::string& text, std::string_view key) {
  size_t at = text.find(key);
  if (at == text.npos || (at = text.find(':', at)) == text.npos) return "";
  at = text.find_first_not_of(": \t", at);
  return at == text.npos ? "" : text.substr(at, text.find('\n', at) - at);
}

}  // namespace

Machine machine_now() {
  Machine machine;
  const std::string cores = text_of_file("/proc/cpuinfo");
  machine.cpu = value_of(cores, "model name");
  machine.is_virtual =
      (" " + value_of(cores, "flags") + " ").find(" hypervisor ") != std::string::npos;
  machine.cores = static_cast<unsigned>(std::max(0l, ::sysconf(_SC_NPROCESSORS_ONLN)));
  machine.memory_bytes = static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                         static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  utsname system{};
  if (::uname(&system) == 0) machine.kernel = fmt::format("{} {}", system.sysname, system.release);
  machine.governor = text_of_file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  while (machine.governor.ends_with('\n')) machine.governor.pop_back();
  double loads[1];
  if (::getloadavg(loads, 1) == 1) machine.load_before = loads[0];
  return machine;
}

ProcessorTime processor_time() {
  std::istringstream line(text_of_file("/proc/stat"));
  std::string name;
  line >> name;
  ProcessorTime time;
  uint64_t ticks = 0;
  // user nice system idle iowait irq softirq steal; what follows is part of user and nice.
  for (int i = 0; i < 8 && line >> ticks; i++) {
    time.all += ticks;
    if (i == 7) time.stolen = ticks;
  }
  return time;
}

double stolen_between(const ProcessorTime& before, const ProcessorTime& after) {
  if (after.all <= before.all) return 0;
  return static_cast<double>(after.stolen - before.stolen) /
         static_cast<double>(after.all - before.all);
}

}  // namespace wherry::bench
