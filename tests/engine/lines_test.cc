// Backtraces of a guest with DWARF: functions, files and lines, and what has been inlined.
#include <random>

#include "artifact/artifact.h"
#include "base/byte_cursor.h"
#include "fixture.h"
#include "runtime/watchdog.h"
#include "wasm/decode.h"

namespace wherry::test {
namespace {

using contract::TrapCode;
using runtime::Value;

ByteVector guest() { return read_file(WHERRY_LINES_GUEST, 1 << 24).value(); }

bool optimizes() { return engine_options().profile != contract::Profile::kDev; }

struct Section {
  uint8_t id = 0;
  ByteVector content;
};

std::vector<Section> sections_of(Bytes module) {
  std::vector<Section> sections;
  ByteCursor cursor(module, 8);
  while (!cursor.at_end()) {
    const auto id = cursor.read<uint8_t>();
    const Bytes content = cursor.take(cursor.uleb());
    sections.push_back({id, ByteVector(content.begin(), content.end())});
  }
  EXPECT_FALSE(cursor.is_bad());
  return sections;
}

bool is_debug(const Section& section) {
  return section.id == 0 && as_text(section.content).substr(1).starts_with(".debug_");
}

ByteVector join(const std::vector<Section>& sections) {
  ByteVector module = module_of({});
  for (const Section& each : sections) module = module + section(each.id, each.content);
  return module;
}

ByteVector without_debug(Bytes module) {
  std::vector<Section> sections = sections_of(module);
  EXPECT_GT(std::erase_if(sections, is_debug), 3u);
  return join(sections);
}

ByteVector text_of(const ByteVector& module) {
  auto code = compiled(module);
  if (!code) return {};
  const Bytes text = code->artifact().text();
  return ByteVector(text.begin(), text.end());
}

runtime::HostFunction refusing() {
  return {wasm::FuncType{},
          [](const runtime::HostCall& call) { return call.trap(TrapCode::kHost, "no"); }, nullptr};
}

class Lines : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.define("host.refuse", refusing());
    instance_ = world_.instantiate("guest", guest());
    ASSERT_NE(instance_, nullptr);
  }

  runtime::Trap trap(std::string_view name, std::vector<uint32_t> arguments = {}) {
    std::vector<Value> values;
    for (uint32_t argument : arguments) values.push_back(Value::i32(argument));
    return world_.trap(instance_, name, values);
  }

  World world_;
  runtime::Instance* instance_ = nullptr;
};

TEST_F(Lines, SayWhereATrapIsAndWhatWasInlined) {
  EXPECT_EQ(trap("divide", {1, 0}).backtrace(),
            "  at quotient (lines.c:9:75, inlined)\n"
            "  at mean (lines.c:12:10, inlined)\n"
            "  at divide (lines.c:14:69)\n");
}

TEST_F(Lines, KnowWhatWeInlinedOurselves) {
  EXPECT_EQ(trap("read", {0x7ffffff0}).backtrace(), optimizes()
                                                        ? "  at read_at (lines.c:18:10, inlined)\n"
                                                          "  at read_memory (lines.c:22:10)\n"
                                                        : "  at read_at (lines.c:18:10)\n"
                                                          "  at read_memory (lines.c:22:10)\n");
}

TEST_F(Lines, TellTrapsOfAFunctionApart) {
  EXPECT_EQ(trap("ratios", {0}).backtrace(), "  at ratios (lines.c:26:14)\n");
  EXPECT_EQ(trap("ratios", {1}).backtrace(), "  at ratios (lines.c:27:14)\n");
}

TEST_F(Lines, SayNoLineWhereTheModuleKnowsNone) {
  EXPECT_EQ(trap("traps", {1}).backtrace(), "  at traps (lines.c)\n");
}

TEST_F(Lines, AreThereForCallsThroughTablesAndToTheHost) {
  EXPECT_EQ(trap("indirect", {0}).backtrace(),
            "  at quotient (lines.c:9:75, inlined)\n"
            "  at mean (lines.c:12:10, inlined)\n"
            "  at divide (lines.c:14:69)\n"
            "  at indirect (lines.c:54:59)\n");
  EXPECT_EQ(trap("refuse").backtrace(), "  at refuse (lines.c:44:3)\n");
}

TEST_F(Lines, AreThereForEveryFrameOfARecursion) {
  runtime::Trap deep = trap("recurse", {0});
  EXPECT_EQ(deep.code, TrapCode::kStackExhausted);
  ASSERT_GE(deep.frames.size(), 64u);
  EXPECT_GT(deep.omitted, 1000u);
  // The innermost may be about to begin.
  for (size_t i = 1; i < deep.frames.size(); i++) {
    EXPECT_EQ(deep.frames[i].name, "recurse");
    EXPECT_EQ(deep.frames[i].file, "lines.c");
    EXPECT_EQ(deep.frames[i].line, 37u);
  }
  EXPECT_EQ(deep.frames[0].file, "lines.c");
}

TEST_F(Lines, AreThereForAnInterruptedLoop) {
  auto watchdog = runtime::Watchdog::create().value();
  // Late enough that the guest loops by then: one that is stopped on its way in has no frame.
  auto guard = watchdog->watch(world_.store(),
                               std::chrono::steady_clock::now() + std::chrono::milliseconds(50));
  const runtime::Trap stopped = trap("loop");
  EXPECT_EQ(stopped.code, TrapCode::kInterrupted);
  ASSERT_EQ(stopped.frames.size(), 1u);
  EXPECT_EQ(stopped.frames[0].name, "loop");
  EXPECT_EQ(stopped.frames[0].file, "lines.c");
  EXPECT_GE(stopped.frames[0].line, 48u);
  EXPECT_LE(stopped.frames[0].line, 49u);
}

TEST_F(Lines, DoNotChangeTheCode) {
  for (const char* path : {WHERRY_LINES_GUEST, WHERRY_LINES_GUEST_CPP, WHERRY_LINES_GUEST_RUST}) {
    const ByteVector module = read_file(path, 1 << 26).value();
    EXPECT_EQ(text_of(module), text_of(without_debug(module))) << path;
  }
}

TEST_F(Lines, AreNotThereWithoutDwarf) {
  instance_ = world_.instantiate("bare", without_debug(guest()));
  EXPECT_NE(trap("refuse").backtrace().find("  at refuse (function "), std::string::npos);
}

TEST_F(Lines, AreLeftOutWhereTheyAreDamaged) {
  ByteVector artifact = compile::compile(guest(), engine_options()).value();
  auto header = load_le<artifact::Header>(artifact.data() + artifact::kHeaderOffset);
  ASSERT_GT(header.lines_bytes, 100u);
  artifact[header.lines_offset + header.lines_bytes / 2] ^= 1;
  FileDescriptor file(::memfd_create("artifact", MFD_CLOEXEC));
  ASSERT_TRUE(write_all(file.number(), artifact, "artifact").ok());
  auto code = runtime::CompiledModule::load(file.number(), "test.wherry").value();
  instance_ = world_.store().instantiate(code, world_).value().instance;
  EXPECT_NE(trap("refuse").backtrace().find("  at refuse (function "), std::string::npos);
}

// Whatever is wrong with it, DWARF costs lines, and neither the compilation nor the code.
TEST_F(Lines, MayBeBrokenInAnyWay) {
  const std::vector<Section> sections = sections_of(guest());
  std::vector<size_t> debug;
  for (size_t i = 0; i < sections.size(); i++) {
    if (is_debug(sections[i])) debug.push_back(i);
  }
  const ByteVector text = text_of(without_debug(guest()));
  std::mt19937 random(1);
  for (int round = 0; round < 150; round++) {
    std::vector<Section> damaged = sections;
    ByteVector& content = damaged[debug[random() % debug.size()]].content;
    const size_t name_bytes = 1u + content[0];
    if (round % 3 == 0) {
      content.resize(name_bytes + random() % (content.size() - name_bytes));
    } else {
      for (int flips = 0; flips < 1 + round % 20; flips++) {
        content[name_bytes + random() % (content.size() - name_bytes)] ^=
            static_cast<uint8_t>(1 << random() % 8);
      }
    }
    const ByteVector module = join(damaged);
    ASSERT_EQ(text_of(module), text) << round;
    instance_ = world_.instantiate("damaged", module);
    ASSERT_NE(instance_, nullptr);
    EXPECT_FALSE(trap("divide", {1, 0}).backtrace().empty());
  }
}

}  // namespace
}  // namespace wherry::test
