// A program without its symbols and section headers: what is loaded of it, and nothing else.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace wherry::pack {

// Of an ELF file of 64 bits, little endian; kInvalid if it is none.
Result<ByteVector> without_symbols(Bytes program);

}  // namespace wherry::pack
