// The one-shot functions of OpenSSL 3 go through its provider machinery (megabytes when linked
// statically, and start-up work); the low-level ones are a few kilobytes and do the same.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <openssl/sha.h>

namespace wherry {

Sha256Digest sha256(Bytes bytes) {
  Sha256Digest digest;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

}  // namespace wherry
