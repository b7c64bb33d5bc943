#include "function/signature.h"

#include <algorithm>

#include "base/json.h"
#include "base/nearest.h"

namespace wherry::function {

namespace {

constexpr std::string_view kTypeNames[] = {"i32", "u32",  "i64",    "u64",  "f32",
                                           "f64", "bool", "string", "bytes"};

// More than any function has; a signature comes from a manifest or a path.
constexpr size_t kMostParameters = 256;

std::optional<SignatureType> type_of_name(std::string_view name) {
  for (size_t i = 0; i < std::size(kTypeNames); i++) {
    if (name == kTypeNames[i]) return static_cast<SignatureType>(i);
  }
  return {};
}

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c == '.';
}

class SignatureParser {
 public:
  explicit SignatureParser(std::string_view text) : text_(text) {}

  Result<Signature> parse() {
    Signature signature;
    signature.function = TRY(function());
    skip_space();
    if (at_ == text_.size()) return signature;
    TRY(expect("("));
    signature.parameters = TRY(parameters());
    if (takes("->")) signature.results = TRY(results());
    skip_space();
    if (at_ != text_.size()) return error("the end");
    return signature;
  }

 private:
  // Exports may have any name; in a signature it ends at a parenthesis or at the end.
  Result<std::string> function() {
    skip_space();
    std::string_view name = text_.substr(at_, text_.find('(', at_) - at_);
    while (!name.empty() && is_space(name.back())) name.remove_suffix(1);
    if (name.empty()) return error("a function's name");
    at_ += name.size();
    return std::string(name);
  }

  Result<std::vector<SignatureParameter>> parameters() {
    std::vector<SignatureParameter> parameters;
    if (takes(")")) return parameters;
    do {
      SignatureParameter parameter = TRY(this->parameter());
      for (const SignatureParameter& other : parameters) {
        if (parameter.name.empty() || other.name != parameter.name) continue;
        return make_error(ErrorKind::kInvalid, "signature {}: two parameters are named {}",
                          quoted_text(text_), quoted_text(parameter.name));
      }
      parameters.push_back(std::move(parameter));
      if (parameters.size() > kMostParameters) return too_many();
    } while (takes(","));
    TRY(expect(")"));
    return parameters;
  }

  Result<SignatureParameter> parameter() {
    const size_t start = at_;
    std::string_view name = word();
    if (name.empty()) return error("a parameter");
    if (takes(":")) return SignatureParameter{std::string(name), TRY(type())};
    if (auto type = type_of_name(name)) return SignatureParameter{{}, *type};
    skip_space();
    if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != ')') return error("\":\"");
    at_ = start;
    return no_such_type(word());
  }

  Result<std::vector<SignatureType>> results() {
    std::vector<SignatureType> results;
    if (!takes("(")) return std::vector{TRY(type())};
    if (takes(")")) return results;
    do {
      results.push_back(TRY(type()));
      if (results.size() > kMostParameters) return too_many();
    } while (takes(","));
    TRY(expect(")"));
    return results;
  }

  Result<SignatureType> type() {
    std::string_view name = word();
    if (name.empty()) return error("a type");
    if (auto type = type_of_name(name)) return *type;
    return no_such_type(name);
  }

  Error no_such_type(std::string_view name) const {
    auto nearest = nearest_of(name, kTypeNames);
    return make_error(ErrorKind::kInvalid, "signature {}: no type {}{}", quoted_text(text_),
                      quoted_text(name),
                      nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "")
        .with_hint("types are i32, u32, i64, u64, f32, f64, bool, string and bytes");
  }

  Error too_many() const {
    return make_error(ErrorKind::kLimit, "signature {}: more than {} parameters or results",
                      quoted_text(text_), kMostParameters);
  }

  Error error(std::string_view wanted) const {
    return make_error(ErrorKind::kInvalid, "signature {}: expected {} at column {}",
                      quoted_text(text_), wanted, at_ + 1)
        .with_hint("a signature is like: greet(name: string, times: i32) -> string");
  }

  static bool is_space(char c) { return c == ' ' || c == '\t'; }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) at_++;
  }
  std::string_view word() {
    skip_space();
    const size_t start = at_;
    while (at_ < text_.size() && is_word_character(text_[at_])) at_++;
    return text_.substr(start, at_ - start);
  }
  bool takes(std::string_view token) {
    skip_space();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  Status expect(std::string_view token) {
    if (takes(token)) return ok_status();
    return error(fmt::format("\"{}\"", token));
  }

  const std::string_view text_;
  size_t at_ = 0;
};

void append(std::vector<wasm::ValueType>& types, SignatureType type, bool is_c_string) {
  types.push_back(value_type_of(type));
  const bool is_one = !is_in_memory(type) || (is_c_string && type == SignatureType::kString);
  if (!is_one) types.push_back(wasm::kI32);
}

// The type of a number in WebAssembly as JSON has it.
Result<SignatureType> own_type(wasm::ValueType type, const Signature& signature,
                               const wasm::FuncType& of) {
  if (type == wasm::kI32) return SignatureType::kI32;
  if (type == wasm::kI64) return SignatureType::kI64;
  if (type == wasm::kF32) return SignatureType::kF32;
  if (type == wasm::kF64) return SignatureType::kF64;
  return make_error(ErrorKind::kUnsupported, "{} is of type {}, and JSON has no value of type {}",
                    quoted_text(signature.function), wasm::name_of(of), wasm::name_of(type));
}

bool contains(const std::vector<SignatureParameter>& parameters, SignatureType type) {
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const SignatureParameter& parameter) { return parameter.type == type; });
}

bool contains(const std::vector<SignatureType>& types, SignatureType type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// Every way in which a signature may be passed, the usual ones first.
std::vector<Lowering> lowerings_of(const Lowering& plain) {
  std::vector<Lowering> inputs{plain};
  if (contains(plain.parameters, SignatureType::kString)) {
    inputs.push_back(plain);
    inputs.back().takes_c_strings = true;
  }
  std::vector<Lowering> all;
  for (const Lowering& input : inputs) {
    all.push_back(input);
    if (input.results.size() == 1 && is_in_memory(input.results[0])) {
      all.push_back(input);
      all.back().gives_through_pointer = true;
    }
    if (contains(input.results, SignatureType::kString)) {
      all.push_back(input);
      all.back().gives_c_strings = true;
    }
  }
  return all;
}

Error does_not_fit(const Signature& signature, const wasm::FuncType& type,
                   const std::vector<Lowering>& lowerings) {
  std::string wanted;
  for (size_t i = 0; i < lowerings.size(); i++) {
    if (i > 0) wanted += i + 1 == lowerings.size() ? " or " : ", ";
    wanted += wasm::name_of(type_of(lowerings[i]));
  }
  return make_error(ErrorKind::kInvalid, "{} must be an export of type {}, and it is {}",
                    to_text(signature), wanted, wasm::name_of(type));
}

}  // namespace

wasm::ValueType value_type_of(SignatureType type) {
  switch (type) {
    case SignatureType::kI64:
    case SignatureType::kU64: return wasm::kI64;
    case SignatureType::kF32: return wasm::kF32;
    case SignatureType::kF64: return wasm::kF64;
    default: return wasm::kI32;
  }
}

const char* name_of(SignatureType type) { return kTypeNames[static_cast<size_t>(type)].data(); }

Result<Signature> parse_signature(std::string_view text) { return SignatureParser(text).parse(); }

std::string to_text(const Signature& signature) {
  std::string text = signature.function;
  if (!signature.parameters) return text;
  text += '(';
  for (const SignatureParameter& parameter : *signature.parameters) {
    if (text.back() != '(') text += ", ";
    if (!parameter.name.empty()) text += parameter.name + ": ";
    text += name_of(parameter.type);
  }
  text += ')';
  if (!signature.results) return text;
  if (signature.results->size() == 1) return text + " -> " + name_of((*signature.results)[0]);
  text += " -> (";
  for (SignatureType result : *signature.results) {
    if (text.back() != '(') text += ", ";
    text += name_of(result);
  }
  return text + ')';
}

bool Lowering::needs_memory() const {
  return needs_allocator() || std::any_of(results.begin(), results.end(), is_in_memory);
}

bool Lowering::needs_allocator() const {
  return gives_through_pointer || contains(parameters, SignatureType::kString) ||
         contains(parameters, SignatureType::kBytes);
}

wasm::FuncType type_of(const Lowering& lowering) {
  wasm::FuncType type;
  if (lowering.gives_through_pointer) type.params.push_back(wasm::kI32);
  for (const SignatureParameter& parameter : lowering.parameters) {
    append(type.params, parameter.type, lowering.takes_c_strings);
  }
  if (lowering.gives_through_pointer) return type;
  for (SignatureType result : lowering.results) {
    append(type.results, result, lowering.gives_c_strings);
  }
  return type;
}

Result<Lowering> lower(const Signature& signature, const wasm::FuncType& type) {
  Lowering plain;
  plain.function = signature.function;
  if (signature.parameters) {
    plain.parameters = *signature.parameters;
  } else {
    for (wasm::ValueType param : type.params) {
      plain.parameters.push_back({{}, TRY(own_type(param, signature, type))});
    }
  }
  if (signature.results) {
    plain.results = *signature.results;
  } else {
    for (wasm::ValueType result : type.results) {
      plain.results.push_back(TRY(own_type(result, signature, type)));
    }
  }
  std::vector<Lowering> lowerings = lowerings_of(plain);
  for (Lowering& lowering : lowerings) {
    const wasm::FuncType fitting = type_of(lowering);
    if (fitting.params == type.params && fitting.results == type.results) return lowering;
  }
  return does_not_fit(signature, type, lowerings);
}

}  // namespace wherry::function
