// Static tables behave like all others: one module, with its table exported and not.
#include <set>

#include "fixture.h"

namespace wherry::test {
namespace {

struct Side {
  World world;
  runtime::Instance* instance = nullptr;

  Side(const char* path) {
    world.define("host.scattered", runtime::HostFunction{{{wasm::kF64}, {wasm::kF64}},
                                                         [](const runtime::HostCall& call) {
                                                           call.slots[0] ^= 1;
                                                           return runtime::HostOutcome::kContinue;
                                                         },
                                                         nullptr});
    instance = world.instantiate("tables", read_file(path, 1 << 20).value());
  }

  std::string outcome(const std::string& name, uint32_t index) {
    runtime::CallResult result = world.call(instance, name, {runtime::Value::i32(index)});
    if (auto* trap = std::get_if<runtime::Trap>(&result)) {
      return trap->message() + " in " + trap->frames.back().name;
    }
    std::string values;
    for (const runtime::Value& value : std::get<std::vector<runtime::Value>>(result)) {
      values += fmt::format("{:x} ", value.bits);
    }
    return values;
  }
};

TEST(StaticTables, BehaveLikeAllOthers) {
  Side is_static(WHERRY_STATIC_TABLE), is_dynamic(WHERRY_EXPORTED_TABLE);
  ASSERT_NE(is_static.instance, nullptr);
  ASSERT_NE(is_dynamic.instance, nullptr);
  ASSERT_TRUE(is_static.instance->module().artifact().tables()[0].is_static);
  ASSERT_FALSE(is_dynamic.instance->module().artifact().tables()[0].is_static);
  std::set<std::string> seen;
  for (const char* name : {"one_candidate", "two_candidates", "together", "scattered",
                           "no_candidate", "nothing", "size"}) {
    for (uint32_t index :
         {0u,  1u,  2u,  3u,  4u,  5u,  6u,  7u,          8u,          9u,
          10u, 11u, 12u, 13u, 14u, 15u, 16u, 17u,         18u,         19u,
          20u, 21u, 22u, 23u, 24u, 25u, 48u, 0x20000002u, 0x7fffffffu, 0xffffffffu}) {
      std::string expected = is_dynamic.outcome(name, index);
      EXPECT_EQ(is_static.outcome(name, index), expected) << name << " at " << index;
      seen.insert(expected);
    }
  }
  // 1 + 2 + 3 + 4 + 3 answers, the size, and three ways to trap in six functions (one has no
  // element of its type, so all the same ways).
  EXPECT_EQ(seen.size(), 14u + 18u) << ::testing::PrintToString(seen);
}

}  // namespace
}  // namespace wherry::test
