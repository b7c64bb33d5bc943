// The x86-64 micro-architecture levels (psABI), which say what machine code a CPU can run.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wherry {

enum class CpuLevel : uint32_t { kV2 = 2, kV3 = 3, kV4 = 4 };

// "x86-64-v3": LLVM's and the psABI's name.
std::string_view name_of(CpuLevel level);

// From "v3" or "x86-64-v3".
std::optional<CpuLevel> parse_cpu_level(std::string_view text);

// What is compiled for where nothing else is said: AVX2 and FMA, every x86-64 server since 2015.
inline constexpr CpuLevel kPortableCpuLevel = CpuLevel::kV3;

// The highest level this CPU and operating system offer; nothing below v2.
std::optional<CpuLevel> host_cpu_level();

// How many processors this process may run on, at least 1; what a container was given, not what the
// machine has.
unsigned usable_cores();

}  // namespace wherry
