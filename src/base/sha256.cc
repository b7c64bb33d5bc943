#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace wherry {

Sha256Digest sha256(Bytes bytes) {
  Sha256Digest digest;
  unsigned length = 0;
  int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  WHERRY_CHECK(done == 1 && length == digest.size(), done, length);
  return digest;
}

}  // namespace wherry
