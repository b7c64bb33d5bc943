#include "wasm/decode.h"

#include "wasm/test_modules.h"

namespace wherry::wasm::test {
namespace {

TEST(Decode, AcceptsTheEmptyModule) {
  const auto module = decode(module_of({}));
  ASSERT_TRUE(module.ok());
  EXPECT_TRUE(module->functions.empty());
  EXPECT_FALSE(module->data_count.has_value());
}

TEST(Decode, RecognizesABinaryByItsMagic) {
  EXPECT_TRUE(looks_like_wasm(module_of({})));
  EXPECT_FALSE(looks_like_wasm(ByteVector{0x00, 'a', 's'}));
  EXPECT_FALSE(looks_like_wasm(ByteVector{0x7f, 'E', 'L', 'F'}));
}

TEST(Decode, RefusesOtherHeaders) {
  expect_invalid({}, "unexpected end");
  expect_invalid({0x00, 'a', 's'}, "unexpected end");
  expect_invalid(
      {0x7f, 'E', 'L', 'F', 1, 0, 0, 0},
      "magic header not detected at offset 0x0: expected 00 61 73 6d, found 7f 45 4c 46");
  expect_invalid({0x00, 'a', 's', 'm', 2, 0, 0, 0},
                 "unknown binary version 0x2 at offset 0x4, expected version 1");
}

TEST(Decode, SaysWhatToDoWithAComponent) {
  const Status status = check({0x00, 'a', 's', 'm', 0x0d, 0x00, 0x01, 0x00});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(status.error().message.find("this is a component"), std::string::npos);
  EXPECT_NE(status.error().hint.find("core module"), std::string::npos);
}

TEST(Decode, ReadsEverySection) {
  const ByteVector bytes = module_of({
      section(0, text("hello") + ByteVector{1, 2, 3}),
      section(1, {0x02, 0x60, 0x00, 0x00, 0x60, 0x01, 0x7e, 0x02, 0x7f, 0x70}),
      section(2, ByteVector{0x04} + text("m") + text("f") + ByteVector{0x00, 0x01} + text("m") +
                     text("t") + ByteVector{0x01, 0x6f, 0x01, 0x01, 0x02} + text("m") + text("y") +
                     ByteVector{0x02, 0x00, 0x01} + text("m") + text("g") +
                     ByteVector{0x03, 0x7d, 0x01}),
      section(3, {0x01, 0x00}),
      section(4, {0x01, 0x70, 0x00, 0x0a}),
      section(6, {0x01, 0x70, 0x00, 0xd2, 0x01, 0x0b}),
      section(7, ByteVector{0x01} + text("out") + ByteVector{0x03, 0x01}),
      section(8, {0x01}),
      section(9, {0x01, 0x02, 0x01, 0x41, 0x02, 0x0b, 0x00, 0x02, 0x00, 0x01}),
      section(12, {0x01}),
      section(10, ByteVector{0x01} + sized({0x02, 0x03, 0x7f, 0x00, 0x7e, 0x01, 0x0b})),
      section(11, {0x01, 0x00, 0x41, 0x07, 0x0b, 0x02, 0xaa, 0xbb}),
  });
  const auto decoded = decode(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  const Module& module = *decoded;
  EXPECT_TRUE(validate(module).ok());

  EXPECT_EQ(name_of(module.types[1]), "(i64) -> (i32 funcref)");
  ASSERT_EQ(module.imports.size(), 4u);
  EXPECT_EQ(module.imports[1].name, "t");
  EXPECT_EQ(module.imported_functions, 1u);
  EXPECT_EQ(module.tables[0].type, (TableType{kExternRef, {1, 2}}));
  EXPECT_EQ(module.tables[1].type, (TableType{kFuncRef, {10, std::nullopt}}));
  EXPECT_TRUE(module.memories[0].imported);
  EXPECT_TRUE(module.globals[0].type.is_mutable);
  EXPECT_EQ(module.globals[1].init.code[0].op, Opcode::ref_func);
  EXPECT_EQ(module.exports[0].name, "out");
  EXPECT_EQ(module.start, 1u);
  EXPECT_EQ(module.elems[0].table, 1u);
  EXPECT_EQ(module.elems[0].elements[1].code[0].index, 1u);
  EXPECT_EQ(module.datas[0].offset.code[0].i32(), 7);
  EXPECT_EQ(to_hex(module.datas[0].bytes), "aabb");
  EXPECT_EQ(module.customs[0].name, "hello");

  const Function& function = module.functions[1];
  ASSERT_EQ(function.locals.size(), 1u);  // the empty run of i64 says nothing
  EXPECT_EQ(function.locals[0].count, 3u);
  EXPECT_EQ(to_hex(function.body), "010b");
  EXPECT_EQ(bytes[function.body_offset], 0x01);
  EXPECT_EQ(module.referenced_functions, (std::vector<bool>{true, true}));
}

TEST(Decode, ReadsAllEightFormsOfElementSegments) {
  const ByteVector offset = {0x41, 0x00, 0x0b};
  const ByteVector null_expr = {0x01, 0xd0, 0x70, 0x0b};
  const auto module = decode(module_of({
      section(4, {0x01, 0x70, 0x00, 0x01}),
      section(9, ByteVector{0x08} + ByteVector{0x00} + offset + ByteVector{0x00} +
                     ByteVector{0x01, 0x00, 0x00} + ByteVector{0x02, 0x00} + offset +
                     ByteVector{0x00, 0x00} + ByteVector{0x03, 0x00, 0x00} + ByteVector{0x04} +
                     offset + null_expr + ByteVector{0x05, 0x70} + null_expr +
                     ByteVector{0x06, 0x00} + offset + ByteVector{0x70} + null_expr +
                     ByteVector{0x07, 0x70} + null_expr),
  }));
  ASSERT_TRUE(module.ok()) << module.error().message;
  using Mode = ElemSegment::Mode;
  const Mode modes[] = {Mode::kActive, Mode::kPassive, Mode::kActive, Mode::kDeclarative};
  for (size_t i = 0; i < 8; i++) {
    EXPECT_EQ(module->elems[i].mode, modes[i % 4]) << i;
    EXPECT_EQ(module->elems[i].elements.size(), i / 4) << i;
  }
}

TEST(Decode, RefusesSectionsOutOfOrderRepeatedOrUnknown) {
  expect_invalid(module_of({section(3, {0x00}), section(1, {0x00})}),
                 "unexpected content after last section: the type section at offset 0xb");
  expect_invalid(module_of({section(1, {0x00}), section(1, {0x00})}),
                 "unexpected content after last section");
  expect_invalid(module_of({section(10, {0x00}), section(12, {0x00})}),
                 "unexpected content after last section: the data count section");
  expect_invalid(module_of({section(14, {0x00})}), "malformed section id 14 at offset 0x8");
  expect_invalid(module_of({section(6, {0x00}), section(13, {0x00})}),
                 "unexpected content after last section: the tag section");
}

TEST(Decode, ComparesSizesWithContents) {
  expect_invalid(module_of({{0x01, 0x05, 0x00}}),
                 "length out of bounds: the type section at offset 0x8 has 5 bytes, 1 are left");
  expect_invalid(module_of({section(1, {0x00, 0x00})}),
                 "section size mismatch at offset 0xb: the type section has 1 bytes too many");
  expect_invalid(module_of({section(1, {0x01})}), "unexpected end");
  expect_invalid(module_of({section(0, {})}), "unexpected end");
}

TEST(Decode, RejectsACountLargerThanTheBytesLeft) {
  for (uint8_t id : {1, 2, 3, 4, 5, 6, 7, 9, 10, 11}) {
    expect_invalid(module_of({section(id, {0x05, 0x00})}), "unexpected end");
  }
}

TEST(Decode, ComparesCountsBetweenSections) {
  const ByteVector type = section(1, {0x01, 0x60, 0x00, 0x00});
  expect_invalid(module_of({type, section(3, {0x01, 0x00})}),
                 "function and code section have inconsistent lengths: 1 functions, 0 bodies");
  expect_invalid(module_of({type, section(10, {0x01, 0x02, 0x00, 0x0b})}),
                 "function and code section have inconsistent lengths: 0 functions, 1 bodies");
  expect_invalid(module_of({section(12, {0x01})}),
                 "data count and data section have inconsistent lengths");
  expect_invalid(module_of({section(12, {0x00}), section(11, {0x01, 0x01, 0x00})}),
                 "data count and data section have inconsistent lengths");
}

TEST(Decode, RefusesMalformedTypes) {
  expect_invalid(module_of({section(1, {0x01, 0x40})}), "malformed type form 0x40 at offset 0xb");
  expect_invalid(module_of({section(1, {0x01, 0xe0, 0x7f})}), "integer representation too long");
  expect_error(module_of({section(1, {0x01, 0x5f, 0x00})}), ErrorKind::kUnsupported,
               "malformed type form 0x5f at offset 0xb needs the gc feature");
  expect_invalid(module_of({section(6, {0x01, 0x7f, 0x02, 0x41, 0x00, 0x0b})}),
                 "malformed mutability 0x02 at offset 0xc");
}

TEST(Decode, NamesTheFeatureBehindLimitsFlags) {
  expect_needs(module_of({section(5, {0x01, 0x03, 0x01, 0x01})}), Feature::kThreads,
               "malformed limits flags 0x03 at offset 0xb");
  expect_needs(module_of({section(5, {0x01, 0x04, 0x01})}), Feature::kMemory64,
               "malformed limits flags 0x04 at offset 0xb");
  expect_needs(module_of({section(5, {0x01, 0x08, 0x01, 0x00})}), Feature::kCustomPageSizes,
               "malformed limits flags 0x08 at offset 0xb");
  expect_invalid(module_of({section(5, {0x01, 0x10, 0x01})}), "malformed limits flags 0x10");
  expect_invalid(module_of({section(4, {0x01, 0x70, 0x02, 0x01})}), "malformed limits flags 0x02");
  expect_needs(module_of({section(4, {0x01, 0x40, 0x00, 0x70, 0x00, 0x00, 0xd0, 0x70, 0x0b})}),
               Feature::kFunctionReferences, "malformed reference type 0x40");
}

TEST(Decode, NamesTheFeatureBehindOtherForms) {
  const ByteVector type = section(1, {0x01, 0x60, 0x00, 0x00});
  expect_needs(module_of({type, section(13, {0x01, 0x00, 0x00})}), Feature::kExceptions,
               "malformed section id 13");
  expect_needs(module_of({section(1, {0x01, 0x4e, 0x01, 0x60, 0x00, 0x00})}),
               Feature::kFunctionReferences, "malformed type form 0x4e");
  expect_needs(module_of({section(5, {0x02, 0x00, 0x01, 0x00, 0x01})}), Feature::kMultiMemory,
               "multiple memories");
  expect_error(module_of({section(1, {0x01, 0x50, 0x01, 0x00, 0x60, 0x00, 0x00})}),
               ErrorKind::kUnsupported, "a supertype at offset 0xc needs the gc feature");
}

TEST(Decode, TypesAreEqualWhereTheirGroupsAre) {
  // 0: () -> (), 1: rec of 0's twin, 2..3: rec of two, 4..5: its twin, 6: (ref 4) -> ()
  const ByteVector bytes = module_of(
      {section(1, {0x05, 0x60, 0x00, 0x00,                                                  // 0
                   0x4e, 0x01, 0x60, 0x00, 0x00,                                            // 1
                   0x4e, 0x02, 0x60, 0x01, 0x64, 0x03, 0x00, 0x60, 0x01, 0x64, 0x00, 0x00,  // 2 3
                   0x4e, 0x02, 0x60, 0x01, 0x64, 0x05, 0x00, 0x60, 0x01, 0x64, 0x01, 0x00,  // 4 5
                   0x60, 0x01, 0x64, 0x04, 0x00})});                                        // 6
  const Result<Module> module = decode(bytes);
  ASSERT_TRUE(module.ok()) << module.error().message;
  EXPECT_EQ(module->context.canonical, (std::vector<TypeIndex>{0, 0, 2, 3, 2, 3, 6}));
  EXPECT_EQ(module->types[6].params[0], ref(2, false));
  EXPECT_EQ(module->types[4], module->types[2]);
}

TEST(Decode, ReadsTheCompactFormOfImports) {
  const ByteVector type = section(1, {0x01, 0x60, 0x00, 0x00});
  const ByteVector pairs = ByteVector{0x02} + text("m") + text("") + ByteVector{0x7f, 0x02} +
                           text("a") + ByteVector{0x00, 0x00} + text("b") +
                           ByteVector{0x03, 0x7f, 0x00};
  const ByteVector one_type = ByteVector{0x02} + text("m") + text("") +
                              ByteVector{0x7e, 0x00, 0x00, 0x02} + text("a") + text("b");
  expect_ok(module_of({type, section(2, pairs)}));
  expect_ok(module_of({type, section(2, one_type)}));
  const ByteVector bytes = module_of({type, section(2, one_type)});
  const Result<Module> module = decode(bytes);
  ASSERT_TRUE(module.ok());
  ASSERT_EQ(module->imports.size(), 2u);
  EXPECT_EQ(module->imports[1].module, "m");
  EXPECT_EQ(module->imports[1].name, "b");
  EXPECT_EQ(module->imports[1].index, 1u);
  EXPECT_EQ(module->imported_functions, 2u);
  ByteVector too_many = pairs;
  too_many[0] = 0x01;
  expect_invalid(module_of({type, section(2, too_many)}), "section size mismatch");
  expect_invalid(module_of({type, section(2, pairs)}), "malformed import kind 127", Features::v2());
}

TEST(Decode, RefusesMalformedImportsExportsAndSegments) {
  expect_invalid(module_of({section(2, ByteVector{0x01} + text("a") + text("b") + ByteVector{5})}),
                 "malformed import kind 5 at offset 0xf");
  expect_needs(
      module_of({section(1, {0x01, 0x60, 0x00, 0x00}),
                 section(2, ByteVector{0x01} + text("a") + text("b") + ByteVector{4, 0, 0})}),
      Feature::kExceptions, "malformed import kind 4");
  expect_invalid(module_of({section(7, ByteVector{0x01} + text("a") + ByteVector{5, 0})}),
                 "malformed export kind 5");
  expect_invalid(module_of({section(9, {0x01, 0x08, 0x00})}), "malformed elements segment kind 8");
  expect_invalid(module_of({section(9, {0x01, 0x01, 0x01, 0x00})}), "malformed element kind 0x01");
  expect_invalid(module_of({section(11, {0x01, 0x03, 0x00})}), "malformed data segment kind 3");
}

TEST(Decode, AcceptsOnlyConstantExpressionsOfOneValue) {
  const auto global = [](const ByteVector& init) {
    return module_of({section(6, ByteVector{0x01, 0x7f, 0x00} + init)});
  };
  expect_ok(global({0x41, 0x00, 0x0b}));
  expect_invalid(global({0x01, 0x0b}), "constant expression required at offset 0xd: nop");
  expect_invalid(global({0x41, 0x00, 0x41, 0x00, 0x0b}), "type mismatch at offset 0xd");
  expect_invalid(global({0x41, 0x00, 0x41, 0x00, 0x0b}), "type mismatch at offset 0xf",
                 Features::v2());
  expect_invalid(global({0x0b}), "type mismatch");
  expect_invalid(global({0x42, 0x00, 0x0b}),
                 "type mismatch at offset 0xd: a global's initial value");
  expect_needs(global({0x41, 0x00, 0x41, 0x00, 0x6a, 0x0b}), Feature::kExtendedConst,
               "constant expression required at offset 0x11: i32.add needs the extended-const");
  expect_invalid(global({0x41, 0x00, 0x6a, 0x0b}), "type mismatch at offset 0xf: i32.add expects");
  expect_invalid(global({0x42, 0x00, 0x41, 0x00, 0x6a, 0x0b}), "type mismatch");
}

TEST(Decode, KeepsToItsLimits) {
  const ByteVector many_locals = ByteVector{0x01} + leb(50'001) + ByteVector{0x7f};
  expect_error(function_module({0x0b}, many_locals), ErrorKind::kLimit, "too many locals: 50002");
  const ByteVector huge_locals = ByteVector{0x02} + leb(0xffffffff) + ByteVector{0x7f, 0x02, 0x7f};
  expect_error(function_module({0x0b}, huge_locals), ErrorKind::kLimit, "too many locals");
  const ByteVector params = ByteVector{0x01, 0x60} + leb(1001) + ByteVector(1001, 0x7f);
  expect_error(module_of({section(1, params + ByteVector{0x00})}), ErrorKind::kLimit,
               "too many parameters: 1001");
  ByteVector long_sum = {0x41, 0x00};
  for (int i = 0; i < 500; i++) long_sum = long_sum + ByteVector{0x41, 0x00, 0x6a};
  expect_error(module_of({section(6, ByteVector{0x01, 0x7f, 0x00} + long_sum + ByteVector{0x0b})}),
               ErrorKind::kLimit, "too many constant instructions: 1001");
  const ByteVector body(7'654'322, 0x01);
  expect_error(module_of({section(1, {0x01, 0x60, 0x00, 0x00}), section(3, {0x01, 0x00}),
                          section(10, ByteVector{0x01} + sized(body))}),
               ErrorKind::kLimit, "function too large: 7654322 bytes");
  expect_error(module_of({section(9, ByteVector{0x01, 0x01, 0x00} + leb(1'000'001) +
                                         ByteVector(1'000'001, 0x00))}),
               ErrorKind::kLimit, "too many elements");
}

}  // namespace
}  // namespace wherry::wasm::test
