#include "function/signature.h"

#include <gtest/gtest.h>

#include "function/export_choice.h"

namespace wherry::function {
namespace {

using wasm::kF32;
using wasm::kF64;
using wasm::kI32;
using wasm::kI64;

std::string read_back(std::string_view text) {
  auto signature = parse_signature(text);
  return signature.ok() ? to_text(*signature) : "error: " + signature.error().message;
}

TEST(Signature, HasTypesOfParametersAndResults) {
  const Signature signature = *parse_signature("greet(name: string, times: u32) -> bytes");
  EXPECT_EQ(signature.function, "greet");
  ASSERT_EQ(signature.parameters->size(), 2u);
  EXPECT_EQ((*signature.parameters)[0].name, "name");
  EXPECT_EQ((*signature.parameters)[0].type, SignatureType::kString);
  EXPECT_EQ((*signature.parameters)[1].name, "times");
  EXPECT_EQ((*signature.parameters)[1].type, SignatureType::kU32);
  EXPECT_EQ(signature.results, std::vector{SignatureType::kBytes});
  EXPECT_EQ(parse_signature("f()")->results, std::nullopt);
  EXPECT_EQ(parse_signature("f()")->parameters->size(), 0u);
  EXPECT_EQ(parse_signature("f() -> ()")->results->size(), 0u);
  EXPECT_FALSE(parse_signature("f")->parameters.has_value());
}

TEST(Signature, IsReadHoweverItIsSpaced) {
  EXPECT_EQ(read_back("f(a:i32,b:u32)->i64"), "f(a: i32, b: u32) -> i64");
  EXPECT_EQ(read_back("  f ( a : f32 , f64 )  ->  ( bool , string )  "),
            "f(a: f32, f64) -> (bool, string)");
  EXPECT_EQ(read_back("f(i32: i64)"), "f(i32: i64)");
  EXPECT_EQ(read_back(" wasi:http/handler@1#run "), "wasi:http/handler@1#run");
  EXPECT_EQ(read_back("f()->()"), "f() -> ()");
  EXPECT_EQ(read_back("f()"), "f()");
}

TEST(Signature, SaysWhereItStopsToMakeSense) {
  EXPECT_EQ(read_back(""), "error: signature \"\": expected a function's name at column 1");
  EXPECT_EQ(read_back("(i32)"),
            "error: signature \"(i32)\": expected a function's name at column 1");
  EXPECT_EQ(read_back("f("), "error: signature \"f(\": expected a parameter at column 3");
  EXPECT_EQ(read_back("f(a: i32"), "error: signature \"f(a: i32\": expected \")\" at column 9");
  EXPECT_EQ(read_back("f(a: i32,)"),
            "error: signature \"f(a: i32,)\": expected a parameter at column 10");
  EXPECT_EQ(read_back("f(a i32)"), "error: signature \"f(a i32)\": expected \":\" at column 5");
  EXPECT_EQ(read_back("f(a:)"), "error: signature \"f(a:)\": expected a type at column 5");
  EXPECT_EQ(read_back("f() ->"), "error: signature \"f() ->\": expected a type at column 7");
  EXPECT_EQ(read_back("f() i32"), "error: signature \"f() i32\": expected the end at column 5");
  EXPECT_EQ(read_back("f() -> (i32"),
            "error: signature \"f() -> (i32\": expected \")\" at column 12");
}

TEST(Signature, NamesTheNearestType) {
  EXPECT_EQ(read_back("f(a: strng)"),
            "error: signature \"f(a: strng)\": no type \"strng\"; did you mean \"string\"?");
  EXPECT_EQ(read_back("f(strng)"),
            "error: signature \"f(strng)\": no type \"strng\"; did you mean \"string\"?");
  EXPECT_EQ(read_back("f() -> object"), "error: signature \"f() -> object\": no type \"object\"");
}

TEST(Signature, RefusesTwoParametersOfOneNameAndTooMany) {
  EXPECT_EQ(read_back("f(a: i32, a: i64)"),
            "error: signature \"f(a: i32, a: i64)\": two parameters are named \"a\"");
  std::string text = "f(i32";
  for (int i = 0; i < 300; i++) text += ",i32";
  EXPECT_EQ(parse_signature(text + ")").error().kind, ErrorKind::kLimit);
  EXPECT_EQ(parse_signature("f() -> " + text.substr(1) + ")").error().kind, ErrorKind::kLimit);
}

// How the signature is passed by an export of that type, in short.
std::string passing(std::string_view text, const wasm::FuncType& type) {
  auto lowering = lower(*parse_signature(text), type);
  if (!lowering.ok()) return "error: " + lowering.error().message;
  std::string out = std::to_string(lowering->parameters.size()) + " to " +
                    std::to_string(lowering->results.size());
  if (lowering->takes_c_strings) out += ", takes C strings";
  if (lowering->gives_c_strings) out += ", gives C strings";
  if (lowering->gives_through_pointer) out += ", gives through pointer";
  return out;
}

TEST(Lowering, PassesNumbersAsTheyAre) {
  const Signature signature =
      *parse_signature("f(i32, u32, i64, u64, f32, f64, bool) -> (u64, bool)");
  const wasm::FuncType type{{kI32, kI32, kI64, kI64, kF32, kF64, kI32}, {kI64, kI32}};
  auto lowering = lower(signature, type);
  ASSERT_TRUE(lowering.ok()) << lowering.error().message;
  EXPECT_EQ(type_of(*lowering), type);
  EXPECT_FALSE(lowering->needs_memory());
  EXPECT_FALSE(lowering->needs_allocator());
}

TEST(Lowering, FindsHowTextsArePassedByTheExportsType) {
  EXPECT_EQ(passing("f(string)", {{kI32, kI32}, {}}), "1 to 0");
  EXPECT_EQ(passing("f(string)", {{kI32}, {}}), "1 to 0, takes C strings");
  EXPECT_EQ(passing("f(string, i32, bytes)", {{kI32, kI32, kI32, kI32, kI32}, {}}), "3 to 0");
  EXPECT_EQ(passing("f(string, i32, bytes)", {{kI32, kI32, kI32, kI32}, {}}),
            "3 to 0, takes C strings");
  EXPECT_EQ(passing("f() -> string", {{}, {kI32, kI32}}), "0 to 1");
  EXPECT_EQ(passing("f() -> string", {{}, {kI32}}), "0 to 1, gives C strings");
  EXPECT_EQ(passing("f() -> string", {{kI32}, {}}), "0 to 1, gives through pointer");
  EXPECT_EQ(passing("f() -> bytes", {{kI32}, {}}), "0 to 1, gives through pointer");
  EXPECT_EQ(passing("f(string) -> string", {{kI32, kI32, kI32}, {}}),
            "1 to 1, gives through pointer");
  EXPECT_EQ(passing("f(string) -> string", {{kI32, kI32}, {kI32, kI32}}), "1 to 1");
  EXPECT_EQ(passing("f(string) -> string", {{kI32}, {kI32}}),
            "1 to 1, takes C strings, gives C strings");
  EXPECT_EQ(passing("f(string) -> string", {{kI32, kI32}, {kI32}}), "1 to 1, gives C strings");
  EXPECT_EQ(passing("f(string) -> string", {{kI32, kI32}, {}}),
            "1 to 1, takes C strings, gives through pointer");
  EXPECT_EQ(passing("f() -> (string, i64)", {{}, {kI32, kI32, kI64}}), "0 to 2");
  EXPECT_EQ(passing("f() -> (string, i64)", {{}, {kI32, kI64}}), "0 to 2, gives C strings");
}

TEST(Lowering, TakesTypesThatNobodySaidFromTheExport) {
  EXPECT_EQ(passing("f", {{kI32, kI64, kF32, kF64}, {kI32, kF64}}), "4 to 2");
  EXPECT_EQ(lower(*parse_signature("f"), {{kI64}, {kF32}})->parameters[0].type,
            SignatureType::kI64);
  EXPECT_EQ(lower(*parse_signature("f"), {{kI64}, {kF32}})->results[0], SignatureType::kF32);
  EXPECT_EQ(passing("f(a: u32)", {{kI32}, {kI32}}), "1 to 1");
}

TEST(Lowering, SaysWhatWasExpectedAndWhatIsThere) {
  EXPECT_EQ(
      passing("f(a: i32) -> i32", {{kI64}, {kI32}}),
      "error: f(a: i32) -> i32 must be an export of type (i32) -> (i32), and it is (i64) -> (i32)");
  EXPECT_EQ(passing("f() -> ()", {{}, {kI32}}),
            "error: f() -> () must be an export of type () -> (), and it is () -> (i32)");
  EXPECT_EQ(passing("f(string) -> bytes", {{}, {}}),
            "error: f(string) -> bytes must be an export of type (i32 i32) -> (i32 i32), "
            "(i32 i32 i32) -> (), (i32) -> (i32 i32) or (i32 i32) -> (), and it is () -> ()");
  EXPECT_EQ(
      passing("f() -> bytes", {{}, {kI32}}),
      "error: f() -> bytes must be an export of type () -> (i32 i32) or (i32) -> (), and it is "
      "() -> (i32)");
}

TEST(Lowering, RefusesTypesThatJsonHasNoValuesOf) {
  auto lowering = lower(*parse_signature("f"), {{wasm::kV128}, {}});
  EXPECT_EQ(lowering.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(lowering.error().message,
            "\"f\" is of type (v128) -> (), and JSON has no value of type v128");
  EXPECT_EQ(lower(*parse_signature("f"), {{}, {wasm::kFuncRef}}).error().kind,
            ErrorKind::kUnsupported);
}

TEST(Lowering, KnowsWhetherItNeedsMemoryAndAnAllocator) {
  auto lowering = lower(*parse_signature("f(string)"), {{kI32}, {}});
  EXPECT_TRUE(lowering->needs_allocator());
  EXPECT_TRUE(lowering->needs_memory());
  lowering = lower(*parse_signature("f() -> string"), {{}, {kI32}});
  EXPECT_FALSE(lowering->needs_allocator());
  EXPECT_TRUE(lowering->needs_memory());
  lowering = lower(*parse_signature("f() -> string"), {{kI32}, {}});
  EXPECT_TRUE(lowering->needs_allocator());
}

const wasm::FuncType kNone{};
const wasm::FuncType kAlloc{{kI32}, {kI32}};
const wasm::FuncType kRealloc{{kI32, kI32, kI32, kI32}, {kI32}};

TEST(ExportChoice, TakesTheOnlyFunctionThatIsNoPartOfTheRuntime) {
  const ExportedFunction exports[] = {{"malloc", kAlloc}, {"_initialize", kNone},
                                      {"add", kRealloc},  {"cabi_realloc", kNone},
                                      {"__heap", kNone},  {"free", kNone}};
  auto chosen = choose_function(exports, "");
  ASSERT_TRUE(chosen.ok()) << chosen.error().message;
  EXPECT_EQ(chosen->name, "add");
  EXPECT_EQ(chosen->type, kRealloc);
  EXPECT_EQ(choose_function(exports, "malloc")->name, "malloc");
}

TEST(ExportChoice, SaysWhichFunctionsThereAre) {
  const ExportedFunction exports[] = {{"add", kNone}, {"sub", kNone}, {"multiply", kNone}};
  EXPECT_EQ(choose_function(exports, "").error().message,
            "the module exports 3 functions, say which: \"add\", \"sub\" and \"multiply\"");
  EXPECT_EQ(choose_function(exports, "multipli").error().message,
            "the module exports no function \"multipli\"; did you mean \"multiply\"?");
  EXPECT_EQ(
      choose_function(exports, "divide").error().message,
      "the module exports no function \"divide\", it exports \"add\", \"sub\" and \"multiply\"");
  EXPECT_EQ(choose_function(exports, "divide").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(choose_function({}, "").error().message, "the module exports no function to call");
  std::vector<ExportedFunction> many(12, {"f", kNone});
  EXPECT_TRUE(choose_function(many, "").error().message.ends_with("\"f\" and 2 more"));
}

TEST(ExportChoice, TakesTheFirstAllocatorThatHasItsType) {
  std::vector<ExportedFunction> exports{{"__wherry_alloc", kAlloc}};
  EXPECT_EQ(choose_allocator(exports)->name, "__wherry_alloc");
  exports.push_back({"malloc", kAlloc});
  EXPECT_EQ(choose_allocator(exports)->name, "malloc");
  EXPECT_FALSE(choose_allocator(exports)->is_realloc);
  exports.push_back({"cabi_realloc", kRealloc});
  EXPECT_EQ(choose_allocator(exports)->name, "cabi_realloc");
  EXPECT_TRUE(choose_allocator(exports)->is_realloc);
  exports.push_back({"wherry_alloc", kNone});
  EXPECT_EQ(choose_allocator(exports)->name, "cabi_realloc");
  exports.back().type = kAlloc;
  EXPECT_EQ(choose_allocator(exports)->name, "wherry_alloc");
}

TEST(ExportChoice, SaysWhichAllocatorsItLookedFor) {
  const ExportedFunction exports[] = {{"malloc", {{kI64}, {kI64}}}};
  EXPECT_EQ(choose_allocator(exports).error().message,
            "the module exports no allocator, which strings and bytes need: wherry_alloc of type "
            "(i32) -> (i32), cabi_realloc of type (i32 i32 i32 i32) -> (i32), or malloc of type "
            "(i32) -> (i32); its malloc is (i64) -> (i64)");
  const ExportedFunction almost[] = {{"wherry_alloc", {{kI64}, {kI32}}}, {"malloc", {{kI32}, {}}}};
  EXPECT_TRUE(choose_allocator(almost).error().message.ends_with(
      "; its wherry_alloc is (i64) -> (i32); its malloc is (i32) -> ()"));
}

}  // namespace
}  // namespace wherry::function
