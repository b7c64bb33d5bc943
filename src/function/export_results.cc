// Results of a guest to JSON.
#include <cmath>
#include <cstdlib>

#include "base/base64.h"
#include "base/json.h"
#include "function/export_values.h"

namespace wherry::function {

namespace {

constexpr int64_t kExactInDouble = 1ll << 53;

// The shortest text that reads back as the same number.
std::string text_of(double number) {
  if (std::isnan(number)) return "\"NaN\"";
  if (std::isinf(number)) return number < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  std::string text = fmt::format("{}", number);
  // -0 would be read as the integer 0.
  if (text == "-0") text += ".0";
  return text;
}

// JSON's readers make a double of the text first. Where that leads to another f32, the digits of
// the number as a double do not.
std::string text_of(float number) {
  if (!std::isfinite(number) || number == 0) return text_of(static_cast<double>(number));
  std::string text = fmt::format("{}", number);
  if (static_cast<float>(std::strtod(text.c_str(), nullptr)) == number) return text;
  return text_of(static_cast<double>(number));
}

template <typename T>
std::string text_of_whole(T number) {
  const bool is_exact = std::cmp_less_equal(number, kExactInDouble) &&
                        std::cmp_greater_equal(number, -kExactInDouble);
  return is_exact ? fmt::format("{}", number) : fmt::format("\"{}\"", number);
}

class ResultReader {
 public:
  ResultReader(std::span<const runtime::Value> values, const Lowering& lowering,
               ExportMemory& memory, uint64_t limit_bytes)
      : values_(values), lowering_(lowering), memory_(memory), limit_bytes_(limit_bytes) {}

  Result<std::string> read(uint32_t result_pointer) {
    std::vector<runtime::Value> from_memory;
    if (lowering_.gives_through_pointer) {
      const uint8_t* data = memory_.at(result_pointer, 2 * sizeof(uint32_t));
      if (data == nullptr) return outside(result_pointer, 2 * sizeof(uint32_t));
      for (size_t i : {0, 4}) {
        from_memory.push_back(runtime::Value::i32(load_le<uint32_t>(data + i)));
      }
      values_ = from_memory;
    }
    const size_t count = lowering_.results.size();
    std::string text = "{\"result\":";
    if (count == 0) text += "null";
    if (count > 1) text += '[';
    for (size_t i = 0; i < count; i++) {
      if (i > 0) text += ',';
      text += TRY(value(lowering_.results[i]));
      if (text.size() > limit_bytes_) return too_long(text.size());
    }
    if (count > 1) text += ']';
    text += '}';
    if (text.size() > limit_bytes_) return too_long(text.size());
    return text;
  }

 private:
  runtime::Value next() { return values_[next_++]; }

  Result<std::string> value(SignatureType type) {
    switch (type) {
      case SignatureType::kI32: return fmt::format("{}", static_cast<int32_t>(next().as_i32()));
      case SignatureType::kU32: return fmt::format("{}", next().as_i32());
      case SignatureType::kI64: return text_of_whole(static_cast<int64_t>(next().as_i64()));
      case SignatureType::kU64: return text_of_whole(next().as_i64());
      case SignatureType::kF32: return text_of(next().as_f32());
      case SignatureType::kF64: return text_of(next().as_f64());
      case SignatureType::kBool: return std::string(next().as_i32() == 0 ? "false" : "true");
      case SignatureType::kString: return string();
      case SignatureType::kBytes: return '"' + encode_base64(TRY(bytes())) + '"';
    }
    return make_error(ErrorKind::kInternal, "no such type");
  }

  Result<std::string> string() {
    Bytes bytes;
    if (lowering_.gives_c_strings) {
      const uint32_t pointer = next().as_i32();
      if (pointer == 0) return std::string("null");
      bytes = TRY(c_string(pointer));
    } else {
      bytes = TRY(this->bytes());
    }
    if (!is_utf8(bytes)) {
      return make_error(ErrorKind::kGuest,
                        "the function's result of type string is not UTF-8; use bytes for what is "
                        "no text");
    }
    return write_json(std::string(as_text(bytes)));
  }

  Result<Bytes> bytes() {
    const uint32_t pointer = next().as_i32();
    const uint32_t length = next().as_i32();
    if (length == 0) return Bytes();
    if (length > limit_bytes_) return too_long(length);
    const uint8_t* data = memory_.at(pointer, length);
    if (data == nullptr) return outside(pointer, length);
    return Bytes(data, length);
  }

  Result<Bytes> c_string(uint32_t pointer) {
    const uint64_t size = memory_.size();
    if (pointer >= size) return outside(pointer, 1);
    const uint64_t most = std::min(size - pointer, limit_bytes_ + 1);
    const uint8_t* data = memory_.at(pointer, most);
    if (data == nullptr) return outside(pointer, most);
    if (const void* end = std::memchr(data, 0, most)) {
      return Bytes(data, static_cast<const uint8_t*>(end));
    }
    if (most > limit_bytes_) return too_long(most);
    return make_error(ErrorKind::kGuest,
                      "the function's result at {:#x} is not ended by a zero byte", pointer);
  }

  Error outside(uint32_t pointer, uint64_t bytes) const {
    return make_error(ErrorKind::kGuest,
                      "the function's result of {} bytes at {:#x} is not in its memory of {} bytes",
                      bytes, pointer, memory_.size());
  }

  Error too_long(uint64_t bytes) const {
    return make_error(ErrorKind::kLimit,
                      "the function's result has {} bytes or more, and its limit is {}", bytes,
                      limit_bytes_);
  }

  std::span<const runtime::Value> values_;
  const Lowering& lowering_;
  ExportMemory& memory_;
  const uint64_t limit_bytes_;
  size_t next_ = 0;
};

}  // namespace

Result<std::string> read_results(std::span<const runtime::Value> results, uint32_t result_pointer,
                                 const Lowering& lowering, ExportMemory& memory,
                                 uint64_t limit_bytes) {
  return ResultReader(results, lowering, memory, limit_bytes).read(result_pointer);
}

}  // namespace wherry::function
