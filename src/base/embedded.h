// Files that are part of a program: the build makes the table (cmake/EmbedFiles.cmake).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace wherry {

struct EmbeddedFile {
  const char* name;
  const uint8_t* begin;
  const uint8_t* end;

  Bytes bytes() const { return Bytes(begin, static_cast<size_t>(end - begin)); }
  std::string_view text() const { return as_text(bytes()); }
};

}  // namespace wherry
