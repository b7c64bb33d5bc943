#include "base/cpu.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace wherry {

std::string_view name_of(CpuLevel level) {
  switch (level) {
    case CpuLevel::kV2: return "x86-64-v2";
    case CpuLevel::kV3: return "x86-64-v3";
    case CpuLevel::kV4: return "x86-64-v4";
  }
  return "x86-64-v4";
}

std::optional<CpuLevel> parse_cpu_level(std::string_view text) {
  for (CpuLevel level : {CpuLevel::kV2, CpuLevel::kV3, CpuLevel::kV4}) {
    if (text == name_of(level) || text == name_of(level).substr(7)) return level;
  }
  return std::nullopt;
}

std::optional<CpuLevel> host_cpu_level() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return CpuLevel::kV4;
  }
  // AVX2, BMI and FMA came together in every CPU that has all of level 3 (LZCNT and MOVBE too).
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
      __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma")) {
    return CpuLevel::kV3;
  }
  if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt")) return CpuLevel::kV2;
  return std::nullopt;
}

unsigned usable_cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<unsigned>(CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace wherry
