// Links object files to one flat ELF file, with LLD as a library.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace wherry::compile {

// Objects go into the file in their order. `directory` holds the linker's files and exists.
Result<ByteVector> link(const std::vector<ByteVector>& objects, const std::string& directory);

}  // namespace wherry::compile
