// What the release profile makes of loops and addresses does what the dev profile, which leaves
// them alone, does: results, memory and traps, at the ends of memory and of 32 bits as well.
#include "fixture.h"

namespace wherry::test {
namespace {

std::shared_ptr<const runtime::CompiledModule> loops(contract::Profile profile) {
  compile::CompileOptions options = engine_options();
  options.profile = profile;
  auto artifact = compile::compile(read_file(WHERRY_LOOPS_GUEST, 1 << 20).value(), options).value();
  FileDescriptor file(::memfd_create("artifact", MFD_CLOEXEC));
  EXPECT_TRUE(write_all(file.number(), artifact, "artifact").ok());
  return runtime::CompiledModule::load(file.number(), "loops.wherry").value();
}

struct Side {
  World world;
  runtime::Instance* instance;

  explicit Side(contract::Profile profile)
      : instance(world.store().instantiate(loops(profile), world).value().instance) {}

  // The results' bits, or the trap; with the hash of memory if there was none (after a trap, stores
  // may be missing).
  std::string outcome(const std::string& name, const std::array<uint32_t, 3>& arguments) {
    std::vector<runtime::Value> values;
    for (uint32_t argument : arguments) values.push_back(runtime::Value::i32(argument));
    world.call(instance, "prepare", values);
    runtime::CallResult result = world.call(instance, name, values);
    if (auto* trap = std::get_if<runtime::Trap>(&result)) return trap->message();
    std::string text;
    for (const runtime::Value& value : std::get<std::vector<runtime::Value>>(result)) {
      text += fmt::format("{:x} ", value.bits);
    }
    return text + fmt::format("memory {:x}", world.result(instance, "hash", values));
  }
};

class Loops : public ::testing::Test {
 protected:
  void compare(const std::string& name, const std::array<uint32_t, 3>& arguments) {
    std::string expected = dev_.outcome(name, arguments);
    EXPECT_EQ(release_.outcome(name, arguments), expected)
        << name << " "
        << fmt::format("{:#x} {:#x} {:#x}", arguments[0], arguments[1], arguments[2]);
    (expected.starts_with("out of") ? traps_ : answers_)++;
  }
  Side dev_{contract::Profile::kDev}, release_{contract::Profile::kRelease};
  size_t traps_ = 0, answers_ = 0;
};

constexpr uint32_t kSize = 131072;

TEST_F(Loops, DoWhatTheyDidBeforeTheyWereRolledUp) {
  for (const char* name : {"store_by_three", "sum_by_four", "through_memory", "differences",
                           "not_alike", "loads_first", "float_sum"}) {
    for (uint32_t base :
         {0u, 4u, 1000u, kSize - 400, kSize - 96, kSize - 8, 0xfffffff0u, 0xffff0000u}) {
      for (uint32_t rounds : {1u, 2u, 3u, 4u, 5u, 16u, 33u}) {
        // Distances that the step of each divides, and some that it does not: those go on until
        // they leave the memory.
        for (uint32_t unit : {24u, 4u, 2u, 12u, 1u}) {
          compare(name, {base, 0, rounds * unit});
          compare(name, {base, 0xfffffff8u, rounds * unit - 8});
          compare(name, {base, rounds * unit, 0});
        }
      }
    }
  }
  EXPECT_GT(traps_, 1000u);
  EXPECT_GT(answers_, 1000u);
}

TEST_F(Loops, CarryWhatTheyStoreToTheNextRound) {
  for (const char* name :
       {"prefix", "prefix_back", "prefix_sum", "longest", "one_way", "overlapping", "disturbed",
        "undisturbed", "two_rounds", "recurrence", "other_type"}) {
    for (uint32_t base : {0u, 4u, 8u, 64u, 1000u, kSize - 500, kSize - 96, kSize - 8, kSize - 4,
                          kSize - 2, kSize, 0x7ffffffcu, 0xfffffff0u, 0xfffffffcu, 0xffff0000u}) {
      for (uint32_t rounds : {1u, 2u, 3u, 4u, 5u, 16u, 17u, 33u, 100'000u}) {
        compare(name, {base, 0, rounds});
        compare(name, {base, 0xfffffffeu, rounds - 2});
      }
    }
  }
  EXPECT_GT(traps_, 1000u);
  EXPECT_GT(answers_, 1000u);
}

TEST_F(Loops, KeepAddressesNearEachOtherExact) {
  for (const char* name : {"near", "before", "before_and_after", "far_before", "near_offset"}) {
    for (uint32_t middle : {0u, 65400u, 65536u, kSize - 70000, kSize - 60000, kSize - 30000, kSize,
                            0x7fffffffu, 0xffff0000u, 0xffffffffu - 60000, 0xffffffffu}) {
      for (uint32_t around = 0; around < 80; around++) compare(name, {middle + around - 40, 7, 9});
    }
  }
  EXPECT_GT(traps_, 1000u);
  EXPECT_GT(answers_, 500u);
}

}  // namespace
}  // namespace wherry::test
