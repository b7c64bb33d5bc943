#include "modules.h"

#include "base/check.h"
#include "wasm/opcodes.h"

namespace wherry::test {

using wasm::Immediates;
using wasm::Opcode;

namespace {

std::optional<Opcode> find(std::string_view name) {
  for (uint8_t prefix : {0x00, 0xfc, 0xfd, 0xfe}) {
    for (uint32_t code = 0; code < 288; code++) {
      auto op = wasm::find_opcode(prefix, code);
      if (op && wasm::text_of(*op) == name) return op;
    }
  }
  return std::nullopt;
}

wasm::ValueType type_of(char letter) {
  switch (letter) {
    case 'a':  // addresses
    case 'i': return wasm::kI32;
    case 'I': return wasm::kI64;
    case 'f': return wasm::kF32;
    case 'F': return wasm::kF64;
    default: return wasm::kV128;
  }
}

// Offset 16, no alignment; lane 1; a shuffle that takes lanes of both sides in turn.
ByteVector plain_immediates(Opcode op) {
  switch (wasm::immediates_of(op)) {
    case Immediates::kMemArg: return {0, 16};
    case Immediates::kMemArgLane: return {0, 16, 1};
    case Immediates::kLane: return {1};
    case Immediates::kMemory: return {0};
    case Immediates::kI32:
    case Immediates::kI64: return {1};
    case Immediates::kF32: return ByteVector(4, 1);
    case Immediates::kF64: return ByteVector(8, 1);
    case Immediates::kV128: return ByteVector(16, 1);
    case Immediates::kShuffle: return {0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31};
    default: return {};
  }
}

ByteVector encoding(Opcode op) {
  const wasm::OpcodeInfo& info = wasm::info_of(op);
  if (info.prefix == 0) return {static_cast<uint8_t>(info.code)};
  return ByteVector{info.prefix} + leb(info.code);
}

// The function's parameters, then the instruction.
ByteVector applied(Opcode op) {
  ByteVector code;
  for (uint8_t i = 0; i < signature_of(op).params.size(); i++) code = code + ByteVector{0x20, i};
  return code + encoding(op) + plain_immediates(op);
}

uint8_t encode(wasm::ValueType type) {
  switch (type.kind) {
    case wasm::ValueType::Kind::kI32: return 0x7f;
    case wasm::ValueType::Kind::kI64: return 0x7e;
    case wasm::ValueType::Kind::kF32: return 0x7d;
    case wasm::ValueType::Kind::kF64: return 0x7c;
    case wasm::ValueType::Kind::kV128: return 0x7b;
    case wasm::ValueType::Kind::kRef: return type.heap == wasm::kHeapFunc ? 0x70 : 0x6f;
  }
  return 0;
}

}  // namespace

ByteVector operator+(ByteVector left, const ByteVector& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

ByteVector leb(uint64_t value) {
  ByteVector out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
  return out;
}

ByteVector text(std::string_view name) {
  Bytes bytes = as_bytes(name);
  return leb(name.size()) + ByteVector(bytes.begin(), bytes.end());
}

ByteVector section(uint8_t id, const ByteVector& content) {
  return ByteVector{id} + leb(content.size()) + content;
}

ByteVector module_of(std::initializer_list<ByteVector> sections) {
  ByteVector out = {0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
  for (const ByteVector& item : sections) out = out + item;
  return out;
}

ByteVector list(std::initializer_list<ByteVector> items) {
  ByteVector out = leb(items.size());
  for (const ByteVector& item : items) out = out + item;
  return out;
}

ByteVector function_type(const wasm::FuncType& type) {
  ByteVector out = ByteVector{0x60} + leb(type.params.size());
  for (wasm::ValueType param : type.params) out.push_back(encode(param));
  out = out + leb(type.results.size());
  for (wasm::ValueType result : type.results) out.push_back(encode(result));
  return out;
}

ByteVector body(const ByteVector& code) {
  ByteVector content = ByteVector{0x00} + code + ByteVector{0x0b};
  return leb(content.size()) + content;
}

ByteVector opcode(std::string_view name) {
  auto op = find(name);
  WHERRY_CHECK(op.has_value(), name);
  return encoding(*op);
}

wasm::FuncType signature_of(Opcode op) {
  wasm::FuncType type;
  auto* side = &type.params;
  for (char letter : wasm::info_of(op).signature) {
    if (letter == ':') {
      side = &type.results;
    } else {
      side->push_back(type_of(letter));
    }
  }
  return type;
}

ByteVector instructions_module(const std::vector<Opcode>& instructions) {
  auto each = [&](auto make) {
    ByteVector out = leb(instructions.size());
    for (size_t i = 0; i < instructions.size(); i++) out = out + make(i, instructions[i]);
    return out;
  };
  return module_of({
      section(1, each([](size_t, Opcode op) { return function_type(signature_of(op)); })),
      section(3, each([](size_t i, Opcode) { return leb(i); })),
      section(5, {0x01, 0x00, 0x01}),
      section(7, each([](size_t i, Opcode op) {
                return text(wasm::text_of(op)) + ByteVector{0x00} + leb(i);
              })),
      section(10, each([](size_t, Opcode op) { return body(applied(op)); })),
  });
}

ByteVector instruction_module(std::string_view name) {
  auto op = find(name);
  if (!op || wasm::info_of(*op).signature == "*") return {};
  return module_of({
      section(1, list({function_type(signature_of(*op))})),
      section(3, {0x01, 0x00}),
      section(5, {0x01, 0x00, 0x01}),
      section(7, list({text("f") + ByteVector{0x00, 0x00}})),
      section(10, list({body(applied(*op))})),
  });
}

}  // namespace wherry::test
