#include "base/quantity.h"

#include <fmt/core.h>

#include <charconv>
#include <span>

namespace wherry {

namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};

// From the largest to the one that is 1.
constexpr Unit kSizes[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}};
constexpr Unit kDurations[] = {{"h", 3'600'000}, {"min", 60'000}, {"s", 1000}, {"ms", 1}};

// At most `limit`.
std::optional<uint64_t> parse(std::string_view text, std::span<const Unit> units, uint64_t limit) {
  uint64_t number = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return {};
  text.remove_prefix(static_cast<size_t>(stop - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  for (const Unit& unit : units) {
    if (text != unit.name) continue;
    if (number > limit / unit.factor) return {};
    return number * unit.factor;
  }
  return {};
}

std::string text_of(uint64_t number, std::span<const Unit> units) {
  const Unit* unit = &units.back();
  for (const Unit& larger : units) {
    if (number == 0 || number % larger.factor != 0) continue;
    unit = &larger;
    break;
  }
  return fmt::format("{} {}", number / unit->factor, unit->name);
}

}  // namespace

std::optional<uint64_t> parse_size(std::string_view text) {
  return parse(text, kSizes, UINT64_MAX);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto ms = parse(text, kDurations, INT64_MAX);
  if (!ms) return {};
  return std::chrono::milliseconds(*ms);
}

std::string size_text(uint64_t bytes) { return text_of(bytes, kSizes); }

std::string duration_text(std::chrono::milliseconds duration) {
  return text_of(static_cast<uint64_t>(duration.count()), kDurations);
}

}  // namespace wherry
