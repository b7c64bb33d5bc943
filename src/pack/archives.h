// Archives to memory, the same bytes for the same entries: in the order given, of one time, of user
// 0 unless the mode says otherwise.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace wherry::pack {

struct Entry {
  std::string path;  // with `/`
  ByteVector contents;
  bool is_executable = false;
};

Result<ByteVector> write_zip(const std::vector<Entry>& entries);
// The directories that the paths need come first.
Result<ByteVector> write_tar(const std::vector<Entry>& entries);
Result<ByteVector> gzip(Bytes bytes);

}  // namespace wherry::pack
