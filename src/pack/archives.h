// Archives to memory, the same bytes for the same entries, whatever the machine's locale and time
// zone: in the order given, of one time, of user 0.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace wherry::pack {

struct Entry {
  std::string path;  // UTF-8, with `/`
  ByteVector contents;
  bool is_executable = false;
};

// Up to 4 GiB and 65,534 entries: more is kLimit.
Result<ByteVector> write_zip(const std::vector<Entry>& entries);
// The directories that the paths need come first.
Result<ByteVector> write_tar(const std::vector<Entry>& entries);
Result<ByteVector> gzip(Bytes bytes);

}  // namespace wherry::pack
