// Hand-built modules for the room's tests: sections and bodies with their sizes filled in.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "wasm/decode.h"
#include "wasm/validate.h"

namespace wherry::wasm::test {

inline ByteVector operator+(ByteVector left, const ByteVector& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline ByteVector leb(uint64_t value) {
  ByteVector out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
  return out;
}

inline ByteVector text(std::string_view name) {
  const Bytes bytes = as_bytes(name);
  return leb(name.size()) + ByteVector(bytes.begin(), bytes.end());
}

inline ByteVector sized(const ByteVector& content) { return leb(content.size()) + content; }

inline ByteVector section(uint8_t id, const ByteVector& content) {
  return ByteVector{id} + sized(content);
}

inline ByteVector module_of(std::initializer_list<ByteVector> sections) {
  ByteVector out = {0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
  for (const ByteVector& item : sections) out = out + item;
  return out;
}

// A module with one memory, one table of funcref, one global (mut i32), a data count of 1 and one
// exported function `(param i32) (result i32)` with these locals and instructions (`end` included).
inline ByteVector function_module(const ByteVector& code, const ByteVector& locals = {0x00}) {
  return module_of({
      section(1, {0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f}),
      section(3, {0x01, 0x00}),
      section(4, {0x01, 0x70, 0x00, 0x02}),
      section(5, {0x01, 0x00, 0x01}),
      section(6, {0x01, 0x7f, 0x01, 0x41, 0x00, 0x0b}),
      section(7, ByteVector{0x01} + text("f") + ByteVector{0x00, 0x00}),
      section(12, {0x01}),
      section(10, ByteVector{0x01} + sized(locals + code)),
      section(11, {0x01, 0x01, 0x01, 0x2a}),
  });
}

inline Status check(const ByteVector& bytes, Features features = Features::standard()) {
  const Module module = TRY(decode(bytes, features));
  return validate(module);
}

inline void expect_ok(const ByteVector& bytes, Features features = Features::standard()) {
  const Status status = check(bytes, features);
  EXPECT_TRUE(status.ok()) << status.error().message;
}

// The message must begin with `words`; what follows is checked where it matters.
inline void expect_error(const ByteVector& bytes, ErrorKind kind, std::string_view words,
                         Features features = Features::standard()) {
  const Status status = check(bytes, features);
  ASSERT_FALSE(status.ok()) << "expected: " << words;
  EXPECT_TRUE(status.error().message.starts_with(words)) << status.error().message;
  EXPECT_EQ(name_of(status.error().kind), name_of(kind)) << status.error().message;
}

inline void expect_invalid(const ByteVector& bytes, std::string_view words,
                           Features features = Features::standard()) {
  expect_error(bytes, ErrorKind::kInvalid, words, features);
}

// What needs `feature` is refused by its name without it, and accepted with it.
inline void expect_needs(const ByteVector& bytes, Feature feature, std::string_view words) {
  expect_error(bytes, ErrorKind::kUnsupported, words, Features::v3().without(feature));
  const Status refused = check(bytes, Features::v3().without(feature));
  EXPECT_NE(refused.error().message.find(name_of(feature)), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(refused.error().hint, fmt::format("turn it on with --enable {}", name_of(feature)));
  expect_ok(bytes, Features::v3().with(feature));
}

}  // namespace wherry::wasm::test
