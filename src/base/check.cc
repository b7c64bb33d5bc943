#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace wherry {

void check_failed(const char* file, int line, const char* condition, const std::string& values) {
  std::fprintf(stderr, "wherry: bug: %s:%d: check failed: %s %s\n", file, line, condition,
               values.c_str());
  std::abort();
}

}  // namespace wherry
