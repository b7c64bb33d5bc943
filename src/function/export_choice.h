// Which exports of a module the export ABI uses: the function that is called, and the allocator
// that makes room for texts in its memory. Pure functions of a module's exports.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wasm/types.h"

namespace wherry::function {

struct ExportedFunction {
  std::string_view name;
  wasm::FuncType type;
};

// Whether compilers and bindings put it there for their own sake: allocators, `_initialize`, all
// that begins with `__`.
bool is_of_the_runtime(std::string_view name);

// The function of this name (kNotFound without it). Without a name the only one that is no part of
// the runtime: kUnsupported if there is none, kInvalid if there are several.
Result<ExportedFunction> choose_function(std::span<const ExportedFunction> exports,
                                         std::string_view name);

struct Allocator {
  std::string_view name;    // of the export
  bool is_realloc = false;  // called with (0, 0, alignment, size) instead of (size)
};

// The first of wherry_alloc, cabi_realloc, malloc and __wherry_alloc that is there with its type.
Result<Allocator> choose_allocator(std::span<const ExportedFunction> exports);

}  // namespace wherry::function
