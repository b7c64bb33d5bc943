#include "function/export_values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/json.h"

namespace wherry::function {
namespace {

using runtime::Value;

// A guest that has 64 KiB and hands them out from 1024 on.
class FakeMemory : public ExportMemory {
 public:
  uint32_t allocate(uint32_t bytes) {
    asked.push_back(bytes);
    if (answer) return *answer;
    const uint32_t pointer = next;
    next += bytes;
    return pointer;
  }
  uint8_t* at(uint32_t pointer, uint64_t length) override {
    if (pointer > bytes.size() || length > bytes.size() - pointer) return nullptr;
    return bytes.data() + pointer;
  }
  uint64_t size() const override { return bytes.size(); }

  std::string text_at(uint32_t pointer, uint32_t length) const {
    return {reinterpret_cast<const char*>(bytes.data()) + pointer, length};
  }
  void put(uint32_t pointer, std::string_view text) {
    std::copy(text.begin(), text.end(), bytes.begin() + pointer);
  }

  std::vector<uint8_t> bytes = std::vector<uint8_t>(65536, 0xaa);
  std::vector<uint32_t> asked;
  std::optional<uint32_t> answer;
  uint32_t next = 1025;
};

Lowering lowering_of(std::string_view text, const Lowering& change = {}) {
  const Signature signature = *parse_signature(text);
  Lowering lowering = change;
  lowering.function = signature.function;
  lowering.parameters = *signature.parameters;
  lowering.results = signature.results.value_or(std::vector<SignatureType>());
  return lowering;
}

// The bits of the only argument, or the error.
std::string argument(std::string_view type, const std::string& json) {
  auto arguments = read_arguments("[" + json + "]", lowering_of("f(a: " + std::string(type) + ")"));
  if (!arguments.ok()) {
    EXPECT_EQ(arguments.error().kind, ErrorKind::kInvalid);
    return arguments.error().message;
  }
  if (auto* text = std::get_if<std::string>(&arguments->at(0))) return *text;
  return fmt::format("{:#x}", std::get<uint64_t>(arguments->at(0)));
}

TEST(ExportArguments, AreWholeNumbersInTheirRange) {
  EXPECT_EQ(argument("i32", "-2147483648"), "0x80000000");
  EXPECT_EQ(argument("i32", "2147483647"), "0x7fffffff");
  EXPECT_EQ(argument("i32", "-1.0"), "0xffffffff");
  EXPECT_EQ(argument("i32", "1e3"), "0x3e8");
  EXPECT_EQ(argument("i32", "-0.0"), "0x0");
  EXPECT_EQ(argument("u32", "4294967295"), "0xffffffff");
  EXPECT_EQ(argument("i32", "2147483648"),
            "parameter \"a\" must be an i32: a whole number from -2147483648 to 2147483647, not "
            "2147483648");
  EXPECT_EQ(argument("u32", "-1"),
            "parameter \"a\" must be a u32: a whole number from 0 to 4294967295, not -1");
  for (const char* json : {"1.5", "1e10", "-2147483649", "18446744073709551615", "\"1\"", "true",
                           "null", "[1]", "{}"}) {
    EXPECT_TRUE(argument("i32", json).starts_with("parameter \"a\" must be an i32")) << json;
  }
}

TEST(ExportArguments, AreDigitsInStringsBeyondTheRangeOfDoubles) {
  EXPECT_EQ(argument("i64", "-9223372036854775808"), "0x8000000000000000");
  EXPECT_EQ(argument("i64", "\"-9223372036854775808\""), "0x8000000000000000");
  EXPECT_EQ(argument("i64", "\"9223372036854775807\""), "0x7fffffffffffffff");
  EXPECT_EQ(argument("i64", "9007199254740993"), "0x20000000000001");
  EXPECT_EQ(argument("i64", "\"7\""), "0x7");
  EXPECT_EQ(argument("u64", "18446744073709551615"), "0xffffffffffffffff");
  EXPECT_EQ(argument("u64", "\"18446744073709551615\""), "0xffffffffffffffff");
  EXPECT_EQ(argument("u64", "9007199254740992.0"), "0x20000000000000");
  EXPECT_EQ(argument("i64", "9223372036854775808"),
            "parameter \"a\" must be an i64: a whole number from -9223372036854775808 to "
            "9223372036854775807, as a string if it is beyond 2^53, not 9223372036854775808");
  for (const char* json : {"1e17", "\"9223372036854775808\"", "\"\"", "\" 1\"", "\"1 \"", "\"0x1\"",
                           "\"+1\"", "\"1.0\"", "0.5"}) {
    EXPECT_TRUE(argument("i64", json).starts_with("parameter \"a\" must be an i64")) << json;
  }
  EXPECT_TRUE(argument("u64", "\"-1\"").starts_with("parameter \"a\" must be a u64"));
  EXPECT_TRUE(argument("u64", "\"18446744073709551616\"").starts_with("parameter \"a\" must be"));
}

TEST(ExportArguments, AreFloatingPointNumbers) {
  EXPECT_EQ(argument("f32", "0.1"), fmt::format("{:#x}", std::bit_cast<uint32_t>(0.1f)));
  EXPECT_EQ(argument("f64", "0.1"), fmt::format("{:#x}", std::bit_cast<uint64_t>(0.1)));
  EXPECT_EQ(argument("f64", "-0.0"), "0x8000000000000000");
  EXPECT_EQ(argument("f64", "3"), fmt::format("{:#x}", std::bit_cast<uint64_t>(3.0)));
  EXPECT_EQ(argument("f64", "5e-324"), "0x1");
  EXPECT_EQ(argument("f32", "\"Infinity\""), "0x7f800000");
  EXPECT_EQ(argument("f64", "\"-Infinity\""), "0xfff0000000000000");
  EXPECT_EQ(argument("f32", "\"NaN\""), "0x7fc00000");
  EXPECT_EQ(argument("f32", "3.5e38"),
            "parameter \"a\" must be a number within the range of f32, not 3.5e+38");
  EXPECT_EQ(
      argument("f64", "\"nan\""),
      "parameter \"a\" must be a number, \"NaN\", \"Infinity\" or \"-Infinity\", not \"nan\"");
}

TEST(ExportArguments, AreBooleansTextsAndBytes) {
  EXPECT_EQ(argument("bool", "true"), "0x1");
  EXPECT_EQ(argument("bool", "false"), "0x0");
  EXPECT_EQ(argument("bool", "1"), "parameter \"a\" must be true or false, not 1");
  EXPECT_EQ(argument("string", "\"h\\u00e9\\u0000\""), std::string("h\xc3\xa9\0", 4));
  EXPECT_EQ(argument("string", "\"\""), "");
  EXPECT_EQ(argument("string", "3"), "parameter \"a\" must be a string, not 3");
  EXPECT_EQ(argument("bytes", "\"AAH/\""), std::string("\0\1\xff", 3));
  EXPECT_EQ(argument("bytes", "[1]"), "parameter \"a\" must be a base64 string, not an array");
  EXPECT_TRUE(argument("bytes", "\"A\"").starts_with("parameter \"a\": "))
      << argument("bytes", "\"A\"");
}

TEST(ExportArguments, MustNotEndEarlyAsCStrings) {
  const Lowering lowering = lowering_of("f(a: string)", {.takes_c_strings = true});
  EXPECT_TRUE(read_arguments(R"(["ab"])", lowering).ok());
  EXPECT_EQ(read_arguments(R"(["a\u0000b"])", lowering).error().message,
            "parameter \"a\" must be a string without a zero character, as the function takes C's "
            "strings, not \"a\\u0000b\"");
}

std::string given(const std::string& json, std::string_view signature) {
  auto arguments = read_arguments(json, lowering_of(signature));
  if (!arguments.ok()) return arguments.error().message;
  std::string text;
  for (const Argument& each : *arguments) text += fmt::format("{} ", std::get<uint64_t>(each));
  return text;
}

TEST(ExportArguments, AreGivenByPositionOrByName) {
  EXPECT_EQ(given("[1, 2]", "f(a: u32, b: u32)"), "1 2 ");
  EXPECT_EQ(given(R"({"b": 2, "a": 1})", "f(a: u32, b: u32)"), "1 2 ");
  EXPECT_EQ(given(R"({"1": 2, "0": 1})", "f(u32, u32)"), "1 2 ");
  EXPECT_EQ(given("{}", "f()"), "");
  EXPECT_EQ(given("[]", "f()"), "");
}

TEST(ExportArguments, MustBeAllThereAndNoMore) {
  EXPECT_EQ(given("[1]", "f(a: u32, b: i64)"),
            "\"f\" takes 2 parameters (a: u32, b: i64), and was given 1");
  EXPECT_EQ(given("[1, 2]", "f(u32)"), "\"f\" takes 1 parameter (0: u32), and was given 2");
  EXPECT_EQ(given("[1]", "f()"), "\"f\" takes 0 parameters, and was given 1");
  EXPECT_EQ(given(R"({"a": 1})", "f(a: u32, b: i64)"),
            "parameter \"b\" is missing: \"f\" takes a: u32, b: i64");
  EXPECT_EQ(given(R"({"lenght": 1})", "f(length: u32)"),
            "\"f\" has no parameter \"lenght\"; did you mean \"length\"?");
  EXPECT_EQ(given(R"({"length": 1, "colour": 2})", "f(length: u32)"),
            "\"f\" has no parameter \"colour\", it takes length: u32");
  EXPECT_EQ(given(R"({"x": 1})", "f()"), "\"f\" has no parameter \"x\", it takes none");
  EXPECT_EQ(given("3", "f(u32)"),
            "parameters must be a JSON object, by name, or an array, by position; not 3");
  EXPECT_EQ(given("null", "f()"),
            "parameters must be a JSON object, by name, or an array, by position; not null");
  EXPECT_TRUE(given("[1", "f(u32)").starts_with("not JSON"));
}

struct Placed {
  std::vector<Value> values;
  uint32_t result_pointer = 0;
};

Result<Placed> place(const std::string& json, const Lowering& lowering, FakeMemory& memory) {
  ArgumentPlacer placer(TRY(read_arguments(json, lowering)), lowering);
  while (auto bytes = placer.wanted_bytes()) TRY(placer.place(memory.allocate(*bytes), memory));
  return Placed{placer.take_values(), placer.result_pointer()};
}

TEST(PlacedArguments, HaveNumbersInPlace) {
  FakeMemory memory;
  const Lowering lowering = lowering_of("f(i32, i64, f32, f64, bool)");
  auto placed = place(R"([-1, "-1", 1.5, -2.5, true])", lowering, memory);
  ASSERT_TRUE(placed.ok());
  ASSERT_EQ(placed->values.size(), 5u);
  EXPECT_EQ(placed->values[0].as_i32(), 0xffffffffu);
  EXPECT_EQ(placed->values[1].as_i64(), UINT64_MAX);
  EXPECT_EQ(placed->values[2].as_f32(), 1.5f);
  EXPECT_EQ(placed->values[3].as_f64(), -2.5);
  EXPECT_EQ(placed->values[4].as_i32(), 1u);
  const wasm::ValueType types[] = {wasm::kI32, wasm::kI64, wasm::kF32, wasm::kF64, wasm::kI32};
  for (size_t i = 0; i < 5; i++) EXPECT_EQ(placed->values[i].type, types[i]) << i;
  EXPECT_TRUE(memory.asked.empty());
}

TEST(PlacedArguments, HaveTextsInMemory) {
  FakeMemory memory;
  const Lowering lowering = lowering_of("f(string, bytes, string)");
  auto placed = place(R"(["hello", "AAE=", ""])", lowering, memory);
  ASSERT_TRUE(placed.ok());
  ASSERT_EQ(placed->values.size(), 6u);
  EXPECT_EQ(placed->values[1].as_i32(), 5u);
  EXPECT_EQ(memory.text_at(placed->values[0].as_i32(), 5), "hello");
  EXPECT_EQ(placed->values[3].as_i32(), 2u);
  EXPECT_EQ(memory.text_at(placed->values[2].as_i32(), 2), std::string("\0\1", 2));
  EXPECT_NE(placed->values[4].as_i32(), 0u);
  EXPECT_EQ(placed->values[5].as_i32(), 0u);
  EXPECT_EQ(memory.asked, (std::vector<uint32_t>{5, 2, 1}));
}

TEST(PlacedArguments, EndCStringsWithZero) {
  FakeMemory memory;
  const Lowering lowering = lowering_of("f(string, bytes)", {.takes_c_strings = true});
  auto placed = place(R"(["hello", "AAE="])", lowering, memory);
  ASSERT_TRUE(placed.ok());
  ASSERT_EQ(placed->values.size(), 3u);
  EXPECT_EQ(memory.text_at(placed->values[0].as_i32(), 6), std::string("hello\0", 6));
  EXPECT_EQ(placed->values[2].as_i32(), 2u);
  EXPECT_EQ(memory.asked, (std::vector<uint32_t>{6, 2}));
}

TEST(PlacedArguments, BeginWithAnAlignedPlaceForTheResult) {
  FakeMemory memory;
  const Lowering lowering = lowering_of("f(u32) -> string", {.gives_through_pointer = true});
  auto placed = place("[7]", lowering, memory);
  ASSERT_TRUE(placed.ok());
  ASSERT_EQ(placed->values.size(), 2u);
  EXPECT_EQ(placed->result_pointer % 4, 0u);
  EXPECT_GE(placed->result_pointer, 1025u);
  EXPECT_LE(placed->result_pointer + 8, memory.next);
  EXPECT_EQ(placed->values[0].as_i32(), placed->result_pointer);
  EXPECT_EQ(placed->values[1].as_i32(), 7u);
  // What a guest that writes nothing there leaves is an empty text.
  EXPECT_EQ(*read_results({}, placed->result_pointer, lowering, memory, 100), R"({"result":""})");
}

TEST(PlacedArguments, NeedAnAllocatorThatWorks) {
  FakeMemory memory;
  const Lowering lowering = lowering_of("f(string)");
  auto error_of = [&](uint32_t answer) {
    memory.answer = answer;
    auto placed = place(R"(["hello"])", lowering, memory);
    if (placed.ok()) return std::string("no error");
    EXPECT_EQ(placed.error().kind, ErrorKind::kGuest);
    return placed.error().message;
  };
  EXPECT_EQ(error_of(0), "the function's allocator has no 5 bytes");
  EXPECT_EQ(error_of(65532),
            "the function's allocator gave 5 bytes at 0xfffc, which are not in memory");
  EXPECT_EQ(error_of(UINT32_MAX),
            "the function's allocator gave 5 bytes at 0xffffffff, which are not in memory");
  EXPECT_EQ(error_of(65531), "no error");
}

std::string result(std::string_view results, const std::vector<Value>& values, FakeMemory& memory,
                   const Lowering& change = {}, uint64_t limit_bytes = 1000) {
  const Lowering lowering = lowering_of("f() -> " + std::string(results), change);
  auto text = read_results(values, 0, lowering, memory, limit_bytes);
  return text.ok() ? *text : text.error().message;
}
std::string result(std::string_view results, const std::vector<Value>& values) {
  FakeMemory memory;
  return result(results, values, memory);
}

TEST(ExportResults, AreOneJsonObject) {
  EXPECT_EQ(result("i32", {Value::i32(7)}), R"({"result":7})");
  EXPECT_EQ(result("(i32, bool)", {Value::i32(7), Value::i32(0)}), R"({"result":[7,false]})");
  EXPECT_EQ(result("()", {}), R"({"result":null})");
}

TEST(ExportResults, HaveNumbersAsTheirTypesSay) {
  EXPECT_EQ(result("i32", {Value::i32(0xffffffff)}), R"({"result":-1})");
  EXPECT_EQ(result("u32", {Value::i32(0xffffffff)}), R"({"result":4294967295})");
  EXPECT_EQ(result("i64", {Value::i64(1ull << 53)}), R"({"result":9007199254740992})");
  EXPECT_EQ(result("i64", {Value::i64((1ull << 53) + 1)}), R"({"result":"9007199254740993"})");
  EXPECT_EQ(result("i64", {Value::i64(-(1ull << 53))}), R"({"result":-9007199254740992})");
  EXPECT_EQ(result("i64", {Value::i64(1ull << 63)}), R"({"result":"-9223372036854775808"})");
  EXPECT_EQ(result("u64", {Value::i64(UINT64_MAX)}), R"({"result":"18446744073709551615"})");
  EXPECT_EQ(result("bool", {Value::i32(2)}), R"({"result":true})");
}

TEST(ExportResults, HaveTheShortestDigitsOfFloatingPointNumbers) {
  EXPECT_EQ(result("f32", {Value::f32(0.1f)}), R"({"result":0.1})");
  EXPECT_EQ(result("f64", {Value::f64(0.1)}), R"({"result":0.1})");
  EXPECT_EQ(result("f64", {Value::f64(3.0)}), R"({"result":3})");
  EXPECT_EQ(result("f64", {Value::f64(-0.0)}), R"({"result":-0.0})");
  EXPECT_EQ(result("f32", {Value::f32(-0.0f)}), R"({"result":-0.0})");
  EXPECT_EQ(result("f64", {Value::f64(1e300)}), R"({"result":1e+300})");
  EXPECT_EQ(result("f32", {Value::f32(std::numeric_limits<float>::quiet_NaN())}),
            R"({"result":"NaN"})");
  EXPECT_EQ(result("f32", {Value::f32(std::numeric_limits<float>::infinity())}),
            R"({"result":"Infinity"})");
  EXPECT_EQ(result("f64", {Value::f64(-std::numeric_limits<double>::infinity())}),
            R"({"result":"-Infinity"})");
}

TEST(ExportResults, OfFloatingPointReadBackAsTheSameBits) {
  uint64_t bits = 88172645463325252;
  FakeMemory memory;
  for (int i = 0; i < 20'000; i++) {
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
    const auto wide = std::bit_cast<double>(bits);
    const auto narrow = std::bit_cast<float>(static_cast<uint32_t>(bits >> 20));
    if (std::isnan(wide) || std::isnan(narrow)) continue;
    const std::string text = result("(f32, f64)", {Value::f32(narrow), Value::f64(wide)}, memory);
    const std::string array = nlohmann::json::parse(text)["result"].dump();
    auto back = read_arguments(array, lowering_of("f(f32, f64)"));
    ASSERT_TRUE(back.ok()) << text;
    EXPECT_EQ(std::get<uint64_t>(back->at(0)), std::bit_cast<uint32_t>(narrow)) << text;
    EXPECT_EQ(std::get<uint64_t>(back->at(1)), bits) << text;
  }
}

TEST(ExportResults, AreReadFromMemory) {
  FakeMemory memory;
  memory.put(2000, "h\xc3\xa9\"\n");
  EXPECT_EQ(result("string", {Value::i32(2000), Value::i32(5)}, memory), R"({"result":"hé\"\n"})");
  EXPECT_EQ(result("bytes", {Value::i32(2000), Value::i32(3)}, memory), R"({"result":"aMOp"})");
  EXPECT_EQ(result("(u32, string)", {Value::i32(1), Value::i32(2000), Value::i32(1)}, memory),
            R"({"result":[1,"h"]})");
  EXPECT_EQ(result("string", {Value::i32(0), Value::i32(0)}, memory), R"({"result":""})");
  EXPECT_EQ(result("bytes", {Value::i32(0xffffffff), Value::i32(0)}, memory), R"({"result":""})");
}

TEST(ExportResults, AreCStrings) {
  FakeMemory memory;
  memory.put(2000, std::string_view("text\0", 5));
  const Lowering c{.gives_c_strings = true};
  EXPECT_EQ(result("string", {Value::i32(2000)}, memory, c), R"({"result":"text"})");
  EXPECT_EQ(result("string", {Value::i32(2004)}, memory, c), R"({"result":""})");
  EXPECT_EQ(result("string", {Value::i32(0)}, memory, c), R"({"result":null})");
  memory.bytes.assign(65536, 'x');
  EXPECT_EQ(result("string", {Value::i32(65530)}, memory, c),
            "the function's result at 0xfffa is not ended by a zero byte");
  EXPECT_EQ(result("string", {Value::i32(2000)}, memory, c, 20),
            "the function's result has 21 bytes or more, and its limit is 20");
  EXPECT_EQ(result("string", {Value::i32(65536)}, memory, c),
            "the function's result of 1 bytes at 0x10000 is not in its memory of 65536 bytes");
}

TEST(ExportResults, AreFoundThroughThePointer) {
  FakeMemory memory;
  memory.put(2000, "text");
  store_le<uint32_t>(memory.bytes.data() + 3000, 2000);
  store_le<uint32_t>(memory.bytes.data() + 3004, 4);
  const Lowering lowering = lowering_of("f() -> string", {.gives_through_pointer = true});
  EXPECT_EQ(*read_results({}, 3000, lowering, memory, 100), R"({"result":"text"})");
}

TEST(ExportResults, MustLieInMemoryAndWithinTheLimit) {
  FakeMemory memory;
  EXPECT_EQ(result("bytes", {Value::i32(65000), Value::i32(537)}, memory),
            "the function's result of 537 bytes at 0xfde8 is not in its memory of 65536 bytes");
  EXPECT_EQ(result("bytes", {Value::i32(0xffffffff), Value::i32(2)}, memory),
            "the function's result of 2 bytes at 0xffffffff is not in its memory of 65536 bytes");
  EXPECT_EQ(result("bytes", {Value::i32(8), Value::i32(0xffffffff)}, memory),
            "the function's result has 4294967295 bytes or more, and its limit is 1000");
  // 990 bytes are 1320 digits.
  EXPECT_EQ(result("bytes", {Value::i32(8), Value::i32(990)}, memory),
            "the function's result has 1332 bytes or more, and its limit is 1000");
  const Lowering lowering = lowering_of("f() -> bytes");
  const Value values[] = {Value::i32(8), Value::i32(1001)};
  EXPECT_EQ(read_results(values, 0, lowering, memory, 1000).error().kind, ErrorKind::kLimit);
}

TEST(ExportResults, OfTypeStringMustBeUtf8) {
  FakeMemory memory;
  memory.put(2000, "a\xff");
  EXPECT_EQ(result("string", {Value::i32(2000), Value::i32(2)}, memory),
            "the function's result of type string is not UTF-8; use bytes for what is no text");
  EXPECT_EQ(result("bytes", {Value::i32(2000), Value::i32(2)}, memory), R"({"result":"Yf8="})");
}

}  // namespace
}  // namespace wherry::function
