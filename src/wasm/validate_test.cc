#include "wasm/validate.h"

#include "wasm/test_modules.h"

namespace wherry::wasm::test {
namespace {

// The function of function_module() is (param i32) (result i32), with these instructions.
void accepts(const ByteVector& code) { expect_ok(function_module(code)); }
void refuses(const ByteVector& code, std::string_view words) {
  expect_invalid(function_module(code), words);
}

TEST(Validate, AcceptsFunctionsOfEveryKindOfInstruction) {
  accepts({0x20, 0x00, 0x0b});
  accepts({0x20, 0x00, 0x10, 0x00, 0x0b});                    // call
  accepts({0x20, 0x00, 0x41, 0x00, 0x11, 0x00, 0x00, 0x0b});  // call_indirect
  accepts({0x20, 0x00, 0x41, 0x01, 0x41, 0x02, 0x1b, 0x0b});  // select
  accepts({0x20, 0x00, 0x28, 0x02, 0x04, 0x0b});              // i32.load
  accepts({0x23, 0x00, 0x24, 0x00, 0x3f, 0x00, 0x0b});        // global.get/set, memory.size
  accepts({0x41, 0x00, 0x25, 0x00, 0xd1, 0x0b});              // table.get, ref.is_null
  accepts({0xd2, 0x00, 0xd1, 0x0b});                          // ref.func
  accepts({0x41, 0x00, 0x41, 0x00, 0x41, 0x00, 0xfc, 0x08, 0x00, 0x00, 0x41, 0x01, 0x0b});
  accepts({0x20, 0x00, 0xfd, 0x0f, 0xfd, 0x15, 0x0f, 0x0b});  // splat, extract_lane 15
}

TEST(Validate, AcceptsBlocksLoopsAndBranches) {
  accepts({0x02, 0x7f, 0x20, 0x00, 0x0c, 0x00, 0x0b, 0x0b});              // block, br
  accepts({0x20, 0x00, 0x03, 0x00, 0x20, 0x00, 0x0d, 0x00, 0x0b, 0x0b});  // loop of a type
  accepts({0x20, 0x00, 0x04, 0x7f, 0x41, 0x01, 0x05, 0x41, 0x02, 0x0b, 0x0b});
  accepts({0x41, 0x07, 0x20, 0x00, 0x0e, 0x01, 0x00, 0x00, 0x0b});  // br_table
}

TEST(Validate, LetsUnreachableCodeHaveAnyOperands) {
  accepts({0x00, 0x6a, 0x0b});
  accepts({0x00, 0x1b, 0x0b});
  accepts({0x00, 0x0b});
  refuses({0x00, 0x42, 0x00, 0x6a, 0x0b}, "type mismatch");
}

TEST(Validate, SaysWhichInstructionWhereAndWhatItExpected) {
  const Status status = check(function_module({0x42, 0x00, 0x20, 0x00, 0x6a, 0x0b}));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message,
            "type mismatch at offset 0x3a: i32.add expects i32, found i64 in function 0");
}

TEST(Validate, RefusesWrongOperandCounts) {
  refuses({0x0b}, "type mismatch");  // no result
  refuses({0x6a, 0x0b}, "type mismatch");
  refuses({0x20, 0x00, 0x20, 0x00, 0x0b}, "type mismatch");  // two results
  refuses({0x1a, 0x0b}, "type mismatch");
  refuses({0x41, 0x00, 0x20, 0x00, 0x04, 0x7f, 0x41, 0x00, 0x0b, 0x0b}, "type mismatch");
  refuses({0x20, 0x00, 0x02, 0x40, 0x1a, 0x0b, 0x0b}, "type mismatch");  // not the block's operand
}

TEST(Validate, RefusesIndicesThatDoNotExist) {
  refuses({0x20, 0x01, 0x0b}, "unknown local 1 at offset");
  refuses({0x23, 0x01, 0x0b}, "unknown global 1 at offset");
  refuses({0x10, 0x07, 0x0b}, "unknown function 7 at offset");
  refuses({0x0c, 0x01, 0x0b}, "unknown label 1 at offset");
  refuses({0x41, 0x00, 0x11, 0x07, 0x00, 0x0b}, "unknown type 7 at offset");
  refuses({0x41, 0x00, 0x11, 0x00, 0x07, 0x0b}, "unknown table 7 at offset");
  refuses({0xfc, 0x09, 0x01, 0x0b}, "unknown data segment 1 at offset");
  refuses({0xfc, 0x0d, 0x00, 0x0b}, "unknown elem segment 0 at offset");
  refuses({0x02, 0x07, 0x0b, 0x0b}, "unknown type 7 at offset");
  refuses({0x20, 0x00, 0x0e, 0x00, 0x05, 0x0b}, "unknown label 5 at offset");
}

TEST(Validate, CountsLocalsBehindTheParameters) {
  const ByteVector locals = {0x02, 0x02, 0x7e, 0x01, 0x7d};  // i64 i64 f32 behind the i32
  expect_ok(function_module({0x20, 0x02, 0xa7, 0x0b}, locals));
  expect_ok(function_module({0x20, 0x03, 0xa8, 0x0b}, locals));
  expect_invalid(function_module({0x20, 0x04, 0x0b}, locals), "unknown local 4");
}

TEST(Validate, ChecksAlignmentsLanesAndMutability) {
  refuses({0x20, 0x00, 0x28, 0x03, 0x00, 0x0b},
          "alignment must not be larger than natural at offset");
  refuses({0x20, 0x00, 0x28, 0x80, 0x01, 0x00, 0x0b}, "malformed memop flags 0x80");
  expect_invalid(function_module({0x20, 0x00, 0x28, 0x20, 0x00, 0x0b}),
                 "malformed memop flags 0x20", Features::v2());
  refuses({0x20, 0x00, 0xfd, 0x0f, 0xfd, 0x15, 0x10, 0x0b}, "invalid lane index 16");
  expect_invalid(module_of({section(1, {0x01, 0x60, 0x00, 0x00}), section(3, {0x01, 0x00}),
                            section(6, {0x01, 0x7f, 0x00, 0x41, 0x00, 0x0b}),
                            section(10, {0x01, 0x06, 0x00, 0x41, 0x00, 0x24, 0x00, 0x0b})}),
                 "immutable global at offset");
}

TEST(Validate, RefusesMalformedInstructions) {
  refuses({0xff, 0x0b}, "illegal opcode ff at offset");
  refuses({0xfd, 0x80, 0x04, 0x0b}, "illegal opcode fd 200 at offset");
  refuses({0x3f, 0x01, 0x0b}, "unknown memory 1 at offset");
  expect_invalid(function_module({0x3f, 0x01, 0x0b}), "zero byte expected at offset",
                 Features::v2());
  refuses({0x20, 0x00}, "unexpected end of section or function");
  refuses({0x20, 0x00, 0x0b, 0x01}, "section size mismatch at offset");
  refuses({0x20, 0x00, 0x05, 0x0b}, "END opcode expected at offset");
  refuses({0x02, 0x50, 0x0b, 0x0b}, "malformed value type 0x50");
  refuses({0x02, 0x80, 0x7f, 0x0b, 0x0b}, "malformed block type -128");
}

TEST(Validate, NamesTheFeatureAnInstructionNeeds) {
  const Status status = check(function_module({0x12, 0x00, 0x0b}), Features::v2());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(status.error().message,
            "return_call at offset 0x36 needs the tail-call feature, which is off");
  EXPECT_EQ(status.error().hint, "turn it on with --enable tail-call");
  for (const ByteVector& code : std::initializer_list<ByteVector>{{0x08, 0x00},
                                                                  {0x14, 0x00},
                                                                  {0xfb, 0x00},
                                                                  {0xfd, 0x80, 0x02},
                                                                  {0xfe, 0x03},
                                                                  {0xfc, 0x13}}) {
    expect_error(function_module(code + ByteVector{0x0b}), ErrorKind::kUnsupported, "",
                 Features::v2());
  }
  expect_error(function_module({0xfb, 0x00, 0x00, 0x0b}), ErrorKind::kUnsupported,
               "struct.new at offset 0x36 needs the gc feature, which this version of wherry does "
               "not support");
}

TEST(Validate, TypesExceptionsOfBeforeAndSince3_0) {
  // A tag (i32), and () -> i32 with these instructions.
  const auto with_tag = [](const ByteVector& code) {
    return module_of({section(1, {0x02, 0x60, 0x01, 0x7f, 0x00, 0x60, 0x00, 0x01, 0x7f}),
                      section(3, {0x01, 0x01}), section(13, {0x01, 0x00, 0x00}),
                      section(10, ByteVector{0x01} + sized(ByteVector{0x00} + code))});
  };
  expect_ok(with_tag({0x41, 0x07, 0x08, 0x00, 0x0b}));
  expect_invalid(with_tag({0x08, 0x00, 0x0b}), "type mismatch");
  expect_invalid(with_tag({0x41, 0x07, 0x08, 0x01, 0x0b}), "unknown tag 1");
  // try_table (catch 0 0) in a block of i32: the label is counted from outside.
  expect_ok(
      with_tag({0x02, 0x7f, 0x1f, 0x40, 0x01, 0x00, 0x00, 0x00, 0x0b, 0x41, 0x01, 0x0b, 0x0b}));
  expect_invalid(
      with_tag({0x02, 0x40, 0x1f, 0x40, 0x01, 0x00, 0x00, 0x00, 0x0b, 0x0b, 0x41, 0x01, 0x0b}),
      "type mismatch at offset");
  // try, catch 0, rethrow from inside and from outside of the catch.
  expect_ok(with_tag({0x06, 0x7f, 0x41, 0x01, 0x07, 0x00, 0x09, 0x00, 0x0b, 0x0b}));
  expect_invalid(with_tag({0x06, 0x7f, 0x09, 0x00, 0x07, 0x00, 0x0b, 0x0b}),
                 "invalid rethrow label at offset");
  expect_invalid(with_tag({0x06, 0x7f, 0x41, 0x01, 0x19, 0x41, 0x01, 0x19, 0x41, 0x01, 0x0b, 0x0b}),
                 "END opcode expected");
  // try, delegate to the function, and to nowhere.
  expect_ok(with_tag({0x06, 0x7f, 0x41, 0x01, 0x18, 0x00, 0x0b}));
  expect_invalid(with_tag({0x06, 0x7f, 0x41, 0x01, 0x18, 0x01, 0x0b}), "unknown label 1");
}

TEST(Validate, KnowsWhichLocalsAreInitialized) {
  // (ref func) is local 0 of () -> (), function 0 is exported.
  const auto with_local = [](const ByteVector& code) {
    return module_of(
        {section(1, {0x01, 0x60, 0x00, 0x00}), section(3, {0x01, 0x00}),
         section(7, ByteVector{0x01} + text("f") + ByteVector{0x00, 0x00}),
         section(10, ByteVector{0x01} + sized(ByteVector{0x01, 0x01, 0x64, 0x70} + code))});
  };
  expect_ok(with_local({0xd2, 0x00, 0x21, 0x00, 0x20, 0x00, 0x1a, 0x0b}));
  expect_invalid(with_local({0x20, 0x00, 0x1a, 0x0b}), "uninitialized local 0");
  expect_invalid(with_local({0x02, 0x40, 0xd2, 0x00, 0x21, 0x00, 0x0b, 0x20, 0x00, 0x1a, 0x0b}),
                 "uninitialized local 0");
}

TEST(Validate, AsksForADataCountBeforeCodeThatNamesSegments) {
  expect_invalid(module_of({section(1, {0x01, 0x60, 0x00, 0x00}), section(3, {0x01, 0x00}),
                            section(10, {0x01, 0x05, 0x00, 0xfc, 0x09, 0x00, 0x0b}),
                            section(11, {0x01, 0x01, 0x00})}),
                 "data count section required at offset");
}

TEST(Validate, AsksForADeclarationOfFunctionsInRefFunc) {
  const ByteVector type = section(1, {0x01, 0x60, 0x00, 0x00});
  const ByteVector code = section(10, {0x01, 0x05, 0x00, 0xd2, 0x00, 0x1a, 0x0b});
  expect_invalid(module_of({type, section(3, {0x01, 0x00}), code}),
                 "undeclared function reference at offset");
  expect_ok(module_of(
      {type, section(3, {0x01, 0x00}), section(9, {0x01, 0x03, 0x00, 0x01, 0x00}), code}));
}

TEST(Validate, ChecksMemoriesAndTables) {
  expect_invalid(module_of({section(5, {0x01, 0x01, 0x02, 0x01})}),
                 "size minimum must not be greater than maximum at offset 0xb: 2 > 1");
  expect_invalid(module_of({section(5, ByteVector{0x01, 0x00} + leb(65537))}),
                 "memory size must be at most 65536 pages (4GiB) at offset 0xb");
  expect_error(module_of({section(5, {0x02, 0x00, 0x01, 0x00, 0x01})}), ErrorKind::kUnsupported,
               "multiple memories at offset 0xd: a module with 2 needs the multi-memory feature",
               Features::v2());
  expect_invalid(module_of({section(4, {0x01, 0x70, 0x01, 0x02, 0x01})}),
                 "size minimum must not be greater than maximum");
}

TEST(Validate, ChecksExportsStartAndSegments) {
  const ByteVector type = section(1, {0x01, 0x60, 0x01, 0x7f, 0x00});
  const ByteVector function = section(3, {0x01, 0x00});
  const ByteVector code = section(10, {0x01, 0x02, 0x00, 0x0b});
  const ByteVector twice =
      ByteVector{0x02} + text("a") + ByteVector{0, 0} + text("a") + ByteVector{0, 0};
  expect_invalid(module_of({type, function, section(7, twice), code}),
                 "duplicate export name \"a\" at offset 0x1a");
  expect_invalid(module_of({type, function, section(8, {0x00}), code}),
                 "start function at offset 0x15 must be () -> (), but function 0 is (i32) -> ()");
  expect_invalid(module_of({section(8, {0x00})}), "unknown function 0");
  expect_invalid(module_of({section(3, {0x01, 0x05}), code}), "unknown type 5 at offset 0xb");
  expect_invalid(module_of({section(9, {0x01, 0x00, 0x41, 0x00, 0x0b, 0x00})}), "unknown table 0");
  expect_invalid(module_of({section(11, {0x01, 0x00, 0x41, 0x00, 0x0b, 0x00})}),
                 "unknown memory 0");
  expect_invalid(module_of({section(4, {0x01, 0x6f, 0x00, 0x01}),
                            section(9, {0x01, 0x00, 0x41, 0x00, 0x0b, 0x00})}),
                 "type mismatch");
}

TEST(Validate, BoundsTheOperandStackAndTheNesting) {
  // A function of a thousand results, called a thousand and one times.
  const ByteVector type = ByteVector{0x01, 0x60, 0x00} + leb(1000) + ByteVector(1000, 0x7f);
  ByteVector calls = {0x00};
  for (int i = 0; i < 1001; i++) calls = calls + ByteVector{0x10, 0x00};
  expect_error(module_of({section(1, type), section(3, {0x01, 0x00}),
                          section(10, ByteVector{0x01} + sized(calls))}),
               ErrorKind::kLimit, "too many operands: 1001000");
  ByteVector blocks;
  for (int i = 0; i < 100'001; i++) blocks.insert(blocks.end(), {0x02, 0x40});
  expect_error(function_module(blocks), ErrorKind::kLimit, "too many nested blocks");
}

TEST(Validate, AcceptsHalfABillionLocalsWithoutMakingThem) {
  // Ten thousand functions of fifty thousand locals each in a few bytes.
  const ByteVector body = sized(ByteVector{0x01} + leb(50'000) + ByteVector{0x7f, 0x0b});
  ByteVector functions = leb(10'000), bodies = leb(10'000);
  for (int i = 0; i < 10'000; i++) {
    functions.push_back(0x00);
    bodies.insert(bodies.end(), body.begin(), body.end());
  }
  expect_ok(module_of(
      {section(1, {0x01, 0x60, 0x00, 0x00}), section(3, functions), section(10, bodies)}));
}

}  // namespace
}  // namespace wherry::wasm::test
