// Base64 as RFC 4648 section 4 defines it: the standard alphabet, padded. Decoding is strict: no
// white space, no missing padding, no stray bits, so that one byte string has one text.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace wherry {

std::string encode_base64(Bytes bytes);

// kInvalid names the offset of the first wrong character; kLimit if the bytes would be more than
// `limit_bytes`, which is known before anything is decoded.
Result<ByteVector> decode_base64(std::string_view text, uint64_t limit_bytes);

}  // namespace wherry
