// "Did you mean …?": the word of a list that a misspelt one was probably meant to be.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace wherry {

// How many letters must be inserted, left out, replaced or swapped with their neighbour to make `b`
// of `a`. Takes time in proportion to both lengths multiplied.
size_t edit_distance(std::string_view a, std::string_view b);

// The candidate with the smallest distance, the first of several; nothing if more than a third of
// the letters would have to change, or if the word is longer than any sensible one.
std::optional<std::string_view> nearest_of(std::string_view word,
                                           std::span<const std::string_view> candidates);

}  // namespace wherry
