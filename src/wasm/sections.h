// The sections of the binary format.
#pragma once

#include <cstdint>

namespace wherry::wasm {

// The section ids of Core 3.0, chapter 5.5.2.
enum class SectionId : uint8_t {
  kCustom = 0,
  kType = 1,
  kImport = 2,
  kFunction = 3,
  kTable = 4,
  kMemory = 5,
  kGlobal = 6,
  kExport = 7,
  kStart = 8,
  kElement = 9,
  kCode = 10,
  kData = 11,
  kDataCount = 12,
  kTag = 13,
};

// The order of the sections in a module: their ids', but that tags come before globals, and the
// data count before the code so that the code can be validated in one pass.
constexpr int rank_of(SectionId id) {
  switch (id) {
    case SectionId::kTag: return 2 * static_cast<int>(SectionId::kMemory) + 1;
    case SectionId::kDataCount: return 2 * static_cast<int>(SectionId::kElement) + 1;
    default: return 2 * static_cast<int>(id);
  }
}

}  // namespace wherry::wasm
