// Sizes and times as people write them: `64 MiB`, `500 ms`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wherry {

// A whole number and a unit: B, KiB, MiB, GiB; nothing if it is not that or more than 64 bits hold.
std::optional<uint64_t> parse_size(std::string_view text);

// A whole number and a unit: ms, s, min, h.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// What the functions above read, in the largest unit that gives a whole number: `1536 KiB`.
std::string size_text(uint64_t bytes);
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace wherry
