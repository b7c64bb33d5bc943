// WHERRY_CHECK: for conditions whose failure puts memory safety at stake. Always on; prints the
// condition, the place and the values, then aborts the process. Not for bad input: that is a
// Result.
#pragma once

#include <fmt/core.h>

#include <string>

namespace wherry {

[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const std::string& values);

template <typename... Args>
std::string check_values(const Args&... args) {
  std::string out;
  ((out += fmt::format("{} ", args)), ...);
  return out;
}

}  // namespace wherry

// The file without its folder: programs are the same wherever they are built.
#define WHERRY_CHECK(condition, ...)                               \
  do {                                                             \
    if (!(condition)) [[unlikely]]                                 \
      ::wherry::check_failed(__FILE_NAME__, __LINE__, #condition,  \
                             ::wherry::check_values(__VA_ARGS__)); \
  } while (0)
