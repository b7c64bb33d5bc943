// Reading zip archives from memory. Nothing is ever unpacked to a disk, so that no path in an
// archive matters; sizes in an archive's own records are not believed.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace wherry::pack {

inline constexpr unsigned kMaxZipEntries = 10'000;

// True if the bytes start like a zip archive.
bool looks_like_zip(Bytes bytes);

// The contents of the one entry whose name ends in `.wasm`. Errors name what is there instead: none
// or more than one (kInvalid), encrypted (kUnsupported), cut short or damaged (kInvalid), larger
// than `limit_bytes` when unpacked or more than kMaxZipEntries entries (kLimit).
Result<ByteVector> only_wasm_in_zip(Bytes zip, uint64_t limit_bytes);

}  // namespace wherry::pack
