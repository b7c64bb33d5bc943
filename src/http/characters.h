// Which characters may stand where in HTTP (RFC 9110 section 5.6, RFC 9112).
#pragma once

#include <array>
#include <string_view>

namespace wherry::http {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum CharacterClass : unsigned char { kToken = 1, kValue = 2, kTarget = 4 };

constexpr std::array<unsigned char, 256> character_classes() {
  std::array<unsigned char, 256> classes{};
  for (unsigned c = 0; c < 256; c++) {
    bool is_alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool is_mark =
        c != 0 && c < 128 &&
        std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
    if (is_alphanumeric || is_mark) classes[c] |= kToken;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) classes[c] |= kValue;
    if (c > 0x20 && c != 0x7f && c != '#') classes[c] |= kTarget;
  }
  return classes;
}

inline constexpr std::array<unsigned char, 256> kCharacterClasses = character_classes();

inline bool is_token_character(char c) {
  return (kCharacterClasses[static_cast<unsigned char>(c)] & kToken) != 0;
}
// Of a header's value: no control characters but the tab. Bytes from 0x80 on are taken as they are.
inline bool is_value_character(char c) {
  return (kCharacterClasses[static_cast<unsigned char>(c)] & kValue) != 0;
}
inline bool are_value_characters(std::string_view text) {
  for (char c : text) {
    if (!is_value_character(c)) return false;
  }
  return true;
}
inline bool is_target_character(char c) {
  return (kCharacterClasses[static_cast<unsigned char>(c)] & kTarget) != 0;
}

// Without spaces and tabs at both ends.
constexpr std::string_view trim_spaces(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace wherry::http
