// decode(): the binary format (Core 3.0, chapter 5) into a Module. Pure; safe from any thread.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "wasm/module.h"

namespace wherry::wasm {

// Decodes a whole module. `bytes` must outlive the result. The first error wins; it carries the
// byte offset (`at offset 0x2f`) and says what was expected. Malformed modules are kInvalid,
// modules that need a feature that is off kUnsupported, modules past wasm/limits.h kLimit.
// Instruction bytes of function bodies are not looked at: validate() decodes and checks them.
Result<Module> decode(Bytes bytes, Features features = Features::standard());

// True if the bytes start like a WebAssembly binary (any version or layer).
bool looks_like_wasm(Bytes bytes);

}  // namespace wherry::wasm
