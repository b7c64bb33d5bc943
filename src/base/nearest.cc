#include "base/nearest.h"

#include <algorithm>
#include <vector>

namespace wherry {

namespace {

constexpr size_t kLongestWord = 64;

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  // Rows of the table of distances between beginnings of `a` and of `b`: the current one, and the
  // two before it.
  std::vector<size_t> row(b.size() + 1), above(b.size() + 1), over(b.size() + 1);
  for (size_t j = 0; j <= b.size(); j++) row[j] = j;
  for (size_t i = 1; i <= a.size(); i++) {
    over.swap(above);
    above.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); j++) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], over[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::optional<std::string_view> nearest_of(std::string_view word,
                                           std::span<const std::string_view> candidates) {
  if (word.size() > kLongestWord) return {};
  std::optional<std::string_view> nearest;
  size_t smallest = 0;
  for (std::string_view candidate : candidates) {
    if (candidate.size() > kLongestWord) continue;
    const size_t length = std::max(word.size(), candidate.size());
    const size_t distance = edit_distance(word, candidate);
    if (distance > (length + 2) / 3 || distance >= length) continue;
    if (nearest && distance >= smallest) continue;
    nearest = candidate;
    smallest = distance;
  }
  return nearest;
}

}  // namespace wherry
