// Signatures of exported functions, and how they fit what WebAssembly makes of them.
//
//   greet(name: string, times: i32) -> string
//   divide(a: i64, b: i64) -> (i64, i64)
//   add(i32, i32) -> i32          parameters without names
//   add                           types are the module's own
//
// WebAssembly knows numbers only. What languages make of texts and byte strings differs; the
// export's own type tells which way it is:
//
//   a parameter   (pointer i32, length i32), or for strings one i32: NUL-terminated, as C has them
//   a result      two i32 results, or an i32 parameter before all others that points to where
//                 {pointer, length} are to be put (what C and Rust make of a returned struct), or
//                 for strings one i32 result: NUL-terminated
//
// Pure functions, without a module or memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/types.h"

namespace wherry::function {

enum class SignatureType : uint8_t { kI32, kU32, kI64, kU64, kF32, kF64, kBool, kString, kBytes };

const char* name_of(SignatureType type);
// WebAssembly's type of a number, or of each of the two that are in the place of others.
wasm::ValueType value_type_of(SignatureType type);
// Strings and bytes, which lie in the guest's memory.
constexpr bool is_in_memory(SignatureType type) { return type >= SignatureType::kString; }

struct SignatureParameter {
  std::string name;  // may be empty
  SignatureType type = SignatureType::kI32;
};

struct Signature {
  std::string function;
  // Nothing: as the export's type says.
  std::optional<std::vector<SignatureParameter>> parameters;
  std::optional<std::vector<SignatureType>> results;
};

// Errors name the column at which the text stops to make sense.
Result<Signature> parse_signature(std::string_view text);

// `greet(name: string) -> string`.
std::string to_text(const Signature& signature);

// How values are passed: what a signature and the export's type agree on.
struct Lowering {
  std::string function;
  std::vector<SignatureParameter> parameters;
  std::vector<SignatureType> results;
  bool takes_c_strings = false;        // else pointer and length
  bool gives_c_strings = false;        // else pointer and length
  bool gives_through_pointer = false;  // the first WebAssembly parameter; one result, in memory

  bool needs_memory() const;     // of the guest's, to read or to write
  bool needs_allocator() const;  // arguments or the place of the result are put there
};

// The type that an export of this lowering has.
wasm::FuncType type_of(const Lowering& lowering);

// kInvalid if they do not fit, with all types that would; kUnsupported for types without a value in
// JSON (v128, references).
Result<Lowering> lower(const Signature& signature, const wasm::FuncType& type);

}  // namespace wherry::function
