// JSON to the arguments of an exported function, and its results to JSON.
//
// In three steps, so that what the caller did wrong is told from what the guest does wrong:
// read_arguments() looks at the JSON text only, ArgumentPlacer puts texts into the guest's memory,
// where the guest's allocator says, and read_results() takes them from there. All that the guest
// says (pointers, lengths) is checked against its memory and the limit on results.
//
//   i32, u32         whole numbers in their range
//   i64, u64         likewise; beyond ±2^53, where JSON's readers lose digits, given and taken as
//                    strings of digits; whole JSON numbers are taken as well
//   f32, f64         numbers; "NaN", "Infinity" and "-Infinity" as strings
//   bool             true, false; of a guest, every i32 but 0 is true
//   string           UTF-8
//   bytes            a base64 string
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "function/signature.h"
#include "runtime/value.h"

namespace wherry::function {

// The memory of an instance, as far as it is needed here.
class ExportMemory {
 public:
  virtual ~ExportMemory() = default;

  // The bytes there, until the guest runs again; null if they are not all in memory.
  virtual uint8_t* at(uint32_t pointer, uint64_t length) = 0;
  // All of memory.
  virtual uint64_t size() const = 0;
};

// An argument that is not in the guest's memory yet: the bits of its number, or its bytes.
using Argument = std::variant<uint64_t, std::string>;

// `parameters` is a JSON array, of arguments by position, or a JSON object, by name; parameters
// without names are called "0", "1" and so on by their position. Errors are the caller's fault.
Result<std::vector<Argument>> read_arguments(std::string_view parameters, const Lowering& lowering);

// Makes WebAssembly's values of arguments. The caller has the guest allocate what this asks for, as
// long as it does:
//
//   while (auto bytes = placer.wanted_bytes()) TRY(placer.place(allocate(*bytes), memory));
class ArgumentPlacer {
 public:
  // `lowering` outlives it.
  ArgumentPlacer(std::vector<Argument> arguments, const Lowering& lowering);

  // Nothing: all arguments have their place.
  std::optional<uint32_t> wanted_bytes() const;
  // What the allocator returned, unchecked. Errors are the guest's fault.
  Status place(uint32_t pointer, ExportMemory& memory);

  // Once all have their place.
  std::vector<runtime::Value> take_values() { return std::move(values_); }
  // Only if the lowering gives its result through a pointer.
  uint32_t result_pointer() const { return result_pointer_; }

 private:
  void add_numbers();
  bool is_c_string(size_t index) const;

  const Lowering& lowering_;
  std::vector<Argument> arguments_;
  size_t next_ = 0;
  bool wants_result_place_;
  std::vector<runtime::Value> values_;
  uint32_t result_pointer_ = 0;
};

// A JSON object: `{"result": 1}`, `{"result": [1, 2]}` of several, `{"result": null}` of none.
// Errors are the guest's fault; kLimit if it would be longer than `limit_bytes`.
Result<std::string> read_results(std::span<const runtime::Value> results, uint32_t result_pointer,
                                 const Lowering& lowering, ExportMemory& memory,
                                 uint64_t limit_bytes);

}  // namespace wherry::function
