// JSON to arguments, and arguments into the guest's memory.
#include <charconv>
#include <cmath>
#include <limits>

#include "base/base64.h"
#include "base/json.h"
#include "base/nearest.h"
#include "function/export_values.h"

namespace wherry::function {

namespace {

using nlohmann::json;

constexpr double kExactInDouble = 9007199254740992;  // 2^53

// Pointer and length. Allocators that are not asked for an alignment may give any address.
constexpr uint32_t kResultAlignment = 4;
constexpr uint32_t kResultPlaceBytes = 2 * sizeof(uint32_t) + kResultAlignment - 1;

// What fits memory with a zero behind it.
constexpr size_t kMostTextBytes = UINT32_MAX - 1;

std::string describe(const json& value) {
  if (value.is_array()) return "an array";
  if (value.is_object()) return "an object";
  if (value.is_string()) return quoted_text(value.get_ref<const std::string&>());
  return write_json(value);
}

std::string name_of_parameter(const Lowering& lowering, size_t index) {
  const std::string& name = lowering.parameters[index].name;
  return name.empty() ? fmt::format("{}", index) : name;
}

Error wrong(std::string_view name, std::string_view wanted, const json& value) {
  return make_error(ErrorKind::kInvalid, "parameter {} must be {}, not {}", quoted_text(name),
                    wanted, describe(value));
}

// A whole number; nothing if it is none, or not in T.
template <typename T>
std::optional<T> whole_number(const json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
  }
  if (value.is_number_integer()) {
    const auto number = value.get<int64_t>();
    return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
  }
  if (!value.is_number_float()) return {};
  const auto number = value.get<double>();  // such as 1.0 or 1e3; beyond 2^53 who knows what it was
  if (std::trunc(number) != number || std::abs(number) > kExactInDouble) return {};
  const auto whole = static_cast<int64_t>(number);
  return std::in_range<T>(whole) ? std::optional(static_cast<T>(whole)) : std::nullopt;
}

template <typename T>
Result<uint64_t> bits_of_whole(std::string_view name, SignatureType type, const json& value) {
  std::optional<T> number = whole_number<T>(value);
  if (sizeof(T) == 8 && value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    T digits = 0;
    auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), digits);
    if (error == std::errc() && stop == text.data() + text.size()) number = digits;
  }
  if (number) return static_cast<uint64_t>(static_cast<std::make_unsigned_t<T>>(*number));
  return wrong(
      name,
      fmt::format("{} {}: a whole number from {} to {}{}",
                  type == SignatureType::kI32 || type == SignatureType::kI64 ? "an" : "a",
                  name_of(type), std::numeric_limits<T>::min(), std::numeric_limits<T>::max(),
                  sizeof(T) == 8 ? ", as a string if it is beyond 2^53" : ""),
      value);
}

Result<double> float_of(std::string_view name, SignatureType type, const json& value) {
  if (value.is_number()) {
    const auto number = value.get<double>();
    if (type == SignatureType::kF64 || std::isfinite(static_cast<float>(number))) return number;
    return wrong(name, "a number within the range of f32", value);
  }
  if (value == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (value == "Infinity") return std::numeric_limits<double>::infinity();
  if (value == "-Infinity") return -std::numeric_limits<double>::infinity();
  return wrong(name, "a number, \"NaN\", \"Infinity\" or \"-Infinity\"", value);
}

Error too_long(std::string_view name, size_t bytes) {
  return make_error(ErrorKind::kLimit, "parameter {} has {} bytes, more than any memory",
                    quoted_text(name), bytes);
}

Result<std::string> text_of(std::string_view name, const json& value, bool is_c_string) {
  if (!value.is_string()) return wrong(name, "a string", value);
  const auto& text = value.get_ref<const std::string&>();
  if (is_c_string && text.find('\0') != text.npos) {
    return wrong(name, "a string without a zero character, as the function takes C's strings",
                 value);
  }
  if (text.size() > kMostTextBytes) return too_long(name, text.size());
  return text;
}

Result<std::string> bytes_of(std::string_view name, const json& value) {
  if (!value.is_string()) return wrong(name, "a base64 string", value);
  const auto& text = value.get_ref<const std::string&>();
  ByteVector bytes =
      TRY(decode_base64(text, kMostTextBytes).context("parameter {}", quoted_text(name)));
  return std::string(as_text(bytes));
}

Result<Argument> argument_of(std::string_view name, SignatureType type, const json& value,
                             bool is_c_string) {
  switch (type) {
    case SignatureType::kI32: return Argument(TRY(bits_of_whole<int32_t>(name, type, value)));
    case SignatureType::kU32: return Argument(TRY(bits_of_whole<uint32_t>(name, type, value)));
    case SignatureType::kI64: return Argument(TRY(bits_of_whole<int64_t>(name, type, value)));
    case SignatureType::kU64: return Argument(TRY(bits_of_whole<uint64_t>(name, type, value)));
    case SignatureType::kF32: {
      const auto number = static_cast<float>(TRY(float_of(name, type, value)));
      return Argument(uint64_t{std::bit_cast<uint32_t>(number)});
    }
    case SignatureType::kF64:
      return Argument(std::bit_cast<uint64_t>(TRY(float_of(name, type, value))));
    case SignatureType::kBool:
      if (!value.is_boolean()) return wrong(name, "true or false", value);
      return Argument(uint64_t{value.get<bool>()});
    case SignatureType::kString: return Argument(TRY(text_of(name, value, is_c_string)));
    case SignatureType::kBytes: return Argument(TRY(bytes_of(name, value)));
  }
  return make_error(ErrorKind::kInternal, "no such type");
}

// `a: i32, b: string`, for messages.
std::string list_of_parameters(const Lowering& lowering) {
  std::string list;
  for (size_t i = 0; i < lowering.parameters.size(); i++) {
    if (i > 0) list += ", ";
    list +=
        fmt::format("{}: {}", name_of_parameter(lowering, i), name_of(lowering.parameters[i].type));
  }
  return list;
}

Result<std::vector<const json*>> by_position(const json& array, const Lowering& lowering) {
  const size_t count = lowering.parameters.size();
  if (array.size() != count) {
    return make_error(ErrorKind::kInvalid, "{} takes {} parameter{}{}, and was given {}",
                      quoted_text(lowering.function), count, count == 1 ? "" : "s",
                      count == 0 ? "" : fmt::format(" ({})", list_of_parameters(lowering)),
                      array.size());
  }
  std::vector<const json*> values;
  for (const json& value : array) values.push_back(&value);
  return values;
}

Result<std::vector<const json*>> by_name(const json& object, const Lowering& lowering) {
  std::vector<std::string> names;
  for (size_t i = 0; i < lowering.parameters.size(); i++) {
    names.push_back(name_of_parameter(lowering, i));
  }
  for (const auto& [name, value] : object.items()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    auto nearest = nearest_of(name, std::vector<std::string_view>(names.begin(), names.end()));
    std::string rest = names.empty() ? ", it takes none"
                       : nearest     ? fmt::format("; did you mean \"{}\"?", *nearest)
                                     : fmt::format(", it takes {}", list_of_parameters(lowering));
    return make_error(ErrorKind::kInvalid, "{} has no parameter {}{}",
                      quoted_text(lowering.function), quoted_text(name), rest);
  }
  std::vector<const json*> values;
  for (size_t i = 0; i < names.size(); i++) {
    auto found = object.find(names[i]);
    if (found == object.end()) {
      return make_error(ErrorKind::kInvalid, "parameter {} is missing: {} takes {}",
                        quoted_text(names[i]), quoted_text(lowering.function),
                        list_of_parameters(lowering));
    }
    values.push_back(&*found);
  }
  return values;
}

}  // namespace

Result<std::vector<Argument>> read_arguments(std::string_view parameters,
                                             const Lowering& lowering) {
  const json given = TRY(parse_json(parameters));
  if (!given.is_array() && !given.is_object()) {
    return make_error(ErrorKind::kInvalid,
                      "parameters must be a JSON object, by name, or an array, by position; not {}",
                      describe(given));
  }
  std::vector<const json*> values =
      TRY(given.is_array() ? by_position(given, lowering) : by_name(given, lowering));
  std::vector<Argument> arguments;
  for (size_t i = 0; i < values.size(); i++) {
    arguments.push_back(TRY(argument_of(name_of_parameter(lowering, i), lowering.parameters[i].type,
                                        *values[i], lowering.takes_c_strings)));
  }
  return arguments;
}

ArgumentPlacer::ArgumentPlacer(std::vector<Argument> arguments, const Lowering& lowering)
    : lowering_(lowering),
      arguments_(std::move(arguments)),
      wants_result_place_(lowering.gives_through_pointer) {
  if (!wants_result_place_) add_numbers();
}

bool ArgumentPlacer::is_c_string(size_t index) const {
  return lowering_.takes_c_strings && lowering_.parameters[index].type == SignatureType::kString;
}

std::optional<uint32_t> ArgumentPlacer::wanted_bytes() const {
  if (wants_result_place_) return kResultPlaceBytes;
  if (next_ == arguments_.size()) return {};
  const auto& text = std::get<std::string>(arguments_[next_]);
  // Allocators may give no address for no bytes.
  return static_cast<uint32_t>(std::max<size_t>(1, text.size() + (is_c_string(next_) ? 1 : 0)));
}

Status ArgumentPlacer::place(uint32_t pointer, ExportMemory& memory) {
  const uint32_t bytes = *wanted_bytes();
  if (pointer == 0) {
    return make_error(ErrorKind::kGuest, "the function's allocator has no {} bytes", bytes);
  }
  uint8_t* data = memory.at(pointer, bytes);
  if (data == nullptr) {
    return make_error(ErrorKind::kGuest,
                      "the function's allocator gave {} bytes at {:#x}, which are not in memory",
                      bytes, pointer);
  }
  if (wants_result_place_) {
    wants_result_place_ = false;
    std::memset(data, 0, bytes);
    result_pointer_ = static_cast<uint32_t>(align_up(pointer, kResultAlignment));
    values_.push_back(runtime::Value::i32(result_pointer_));
  } else {
    const auto& text = std::get<std::string>(arguments_[next_]);
    std::memcpy(data, text.data(), text.size());
    if (is_c_string(next_)) data[text.size()] = 0;
    values_.push_back(runtime::Value::i32(pointer));
    const auto size = static_cast<uint32_t>(text.size());
    if (!is_c_string(next_)) values_.push_back(runtime::Value::i32(size));
    next_++;
  }
  add_numbers();
  return ok_status();
}

// Up to the next text.
void ArgumentPlacer::add_numbers() {
  for (; next_ < arguments_.size(); next_++) {
    const auto* bits = std::get_if<uint64_t>(&arguments_[next_]);
    if (bits == nullptr) return;
    values_.push_back({value_type_of(lowering_.parameters[next_].type), *bits});
  }
}

}  // namespace wherry::function
