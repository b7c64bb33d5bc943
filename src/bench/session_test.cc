// With engines that are shell scripts: right, wrong, crashing, hanging, missing.
#include "bench/session.h"

#include <signal.h>
#include <unistd.h>

#include "bench/test_files.h"

namespace wherry::bench {
namespace {

using State = Run::State;

class Watcher : public SessionWatcher {
 public:
  void doing(const std::string& what, std::optional<double>) override {
    said.push_back(what);
    if (!interrupt_at.empty() && what.find(interrupt_at) != what.npos) ::kill(::getpid(), SIGINT);
  }
  void finished(const WorkloadResult& result) override { names.push_back(result.workload.name); }
  std::vector<std::string> said, names;
  std::string interrupt_at;
};

class BenchSession : public testing::Test {
 protected:
  BenchSession() {
    options_.scratch = files_.path() + "/scratch";
    options_.assets = files_.path();
    options_.directories = {"/bin", "/usr/bin"};
    options_.timeout = std::chrono::milliseconds(5000);
    options_.rounds = 3;
    workload_.name = "w";
    workload_.module = files_.write("w.wasm", "the module");
    workload_.arguments = {"one", "two words"};
  }
  // An engine that runs `body` with the program's arguments.
  Engine& add(const std::string& name, const std::string& body) {
    FoundEngine found;
    found.engine.name = name;
    found.engine.kind = "just in time";
    found.engine.run = {files_.script(name, body), "{arguments}"};
    found.version = "1";
    engines_.push_back(std::move(found));
    return engines_.back().engine;
  }
  void make_native(Engine& engine) {
    engine.languages = {"c"};
    engine.kind = "native";
    workload_.source = files_.write("w.c", "source");
  }
  WorkloadResult run() {
    auto results = Session(options_, engines_, compilers_, watcher_, interrupts_).run({workload_});
    EXPECT_TRUE(results.ok()) << results.error().message;
    return std::move(results->at(0));
  }

  TestFiles files_;
  SessionOptions options_;
  Workload workload_;
  std::vector<FoundEngine> engines_, compilers_;
  Watcher watcher_;
  Interrupts interrupts_ = Interrupts::hold().value();
};

TEST_F(BenchSession, WhatGoesWrongInOneEngineLeavesTheOthersAlone) {
  options_.timeout = std::chrono::milliseconds(500);
  add("right", "echo 42");
  add("also-right", "echo 42");
  add("wrong", "echo 43");
  add("crashing", "echo 42; kill -SEGV $$");
  add("hanging", "echo 42; sleep 100");
  add("failing", "echo 42; echo no memory >&2; exit 9");
  add("missing", "echo 42");
  engines_.back().version.clear();
  engines_.back().missing = "missing is not installed";
  engines_.back().engine.get = "apt install it";
  add("refusing", "echo 42").prepare = {{"/bin/sh", "-c", "echo bad module >&2; exit 1"}};
  const WorkloadResult result = run();
  EXPECT_EQ(result.agreed, "most engines");
  EXPECT_EQ(result.output_bytes, 3u);
  ASSERT_EQ(result.runs.size(), 8u);
  for (const char* name : {"right", "also-right"}) {
    EXPECT_EQ(result.run_of(name)->state, State::kOk);
    EXPECT_EQ(result.run_of(name)->samples.size(), 3u);
  }
  const auto expect = [&result](const char* name, State state, const std::string& why) {
    const auto* run = result.run_of(name);
    EXPECT_EQ(run->state, state) << name << ": " << name_of(run->state);
    EXPECT_EQ(run->why, why);
    EXPECT_TRUE(run->samples.empty());
  };
  expect("wrong", State::kWrongOutput, R"(printed "43\n" (3 bytes) instead of "42\n" (3 bytes))");
  expect("crashing", State::kCrashed, "killed by signal 11 (Segmentation fault)");
  expect("hanging", State::kTimedOut, "gave up after 0.5 s");
  expect("failing", State::kFailed, "exit code 9: no memory");
  expect("missing", State::kMissing, "missing is not installed (apt install it)");
  expect("refusing", State::kRefused,
         "/bin/sh -c 'echo bad module >&2; exit 1': exit code 1: bad module");
  EXPECT_EQ(result.baseline, "right");
}

TEST_F(BenchSession, NativeCodeIsRightAndTheBaseline) {
  add("first", "echo wrong");
  add("second", "echo wrong");
  make_native(add("native", "echo right"));
  add("third", "echo right");
  const WorkloadResult result = run();
  EXPECT_EQ(result.agreed, "native");
  EXPECT_EQ(result.baseline, "native");
  EXPECT_EQ(result.run_of("first")->state, State::kWrongOutput);
  EXPECT_EQ(result.run_of("third")->state, State::kOk);
  const auto ratio = result.ratio_of(*result.run_of("third"));
  ASSERT_TRUE(ratio);
  EXPECT_EQ(result.relative_time_of(*result.run_of("third")), ratio->value);
  EXPECT_FALSE(result.ratio_of(*result.run_of("first")));
  EXPECT_FALSE(result.relative_time_of(*result.run_of("first")));
}

TEST_F(BenchSession, WhenTwoDisagreeNobodyIsBelieved) {
  add("a", "echo 1");
  add("b", "echo 2");
  const WorkloadResult result = run();
  EXPECT_EQ(result.run_of("a")->state, State::kWrongOutput);
  EXPECT_EQ(result.run_of("b")->state, State::kWrongOutput);
  EXPECT_TRUE(result.baseline.empty());
  EXPECT_TRUE(result.agreed.empty());
}

TEST_F(BenchSession, AnOutputThatChangesIsWrong) {
  add("steady", "echo 1");
  add("changing", "echo x >> count; if [ $(wc -l < count) -gt 2 ]; then echo 2; else echo 1; fi");
  const WorkloadResult result = run();
  EXPECT_EQ(result.run_of("steady")->samples.size(), 3u);
  const auto* changing = result.run_of("changing");
  EXPECT_EQ(changing->state, State::kWrongOutput);
  EXPECT_EQ(changing->why, R"(printed "1\n" once and "2\n" another time)");
  EXPECT_FALSE(changing->is_good());
}

TEST_F(BenchSession, EnginesGetArgumentsInputAndFiles) {
  workload_.input = files_.write("stdin", "the input");
  add("e", R"(echo "$# $1 $2"; cat; cat module.wasm arguments.json input)");
  const WorkloadResult result = run();
  ASSERT_TRUE(result.run_of("e")->is_good()) << result.run_of("e")->why;
  EXPECT_EQ(files_.text_of("scratch/runs/w/e/output"),
            "2 one two words\nthe inputthe module[\"module.wasm\",\"one\",\"two words\"]the input");
}

TEST_F(BenchSession, AllTakeTurnsAndEachIsFirstOnce) {
  for (const char* name : {"a", "b", "c"})
    add(name, std::string("echo ") + name + " >> ../../order");
  run();
  EXPECT_EQ(files_.text_of("scratch/runs/order"),
            "a\nb\nc\n"
            "a\nb\nc\n"
            "b\nc\na\n"
            "c\na\nb\n");
}

TEST_F(BenchSession, AnInterruptKeepsWhatWasMeasured) {
  add("a", "echo 1");
  add("b", "echo 1");
  watcher_.interrupt_at = "round 3 of 3, a";
  Workload second = workload_;
  second.name = "second";
  auto results =
      Session(options_, engines_, compilers_, watcher_, interrupts_).run({workload_, second});
  ASSERT_TRUE(results.ok());
  ASSERT_EQ(results->size(), 1u);
  EXPECT_EQ(results->at(0).run_of("a")->samples.size(), 2u);
  EXPECT_TRUE(results->at(0).run_of("a")->is_good());
}

TEST_F(BenchSession, OwnTimesAreRead) {
  workload_.own_time = std::pair("took ", " s");
  add("e", "echo 1; echo 'took 0.25 s' >&2");
  const WorkloadResult result = run();
  ASSERT_TRUE(result.run_of("e")->own_s());
  EXPECT_EQ(result.run_of("e")->own_s()->at(0), 0.25);
}

TEST_F(BenchSession, ASourceIsCompiledAndACompilersErrorIsTold) {
  workload_.module.clear();
  workload_.source = files_.write("w.c", "source");
  FoundEngine compiler;
  compiler.engine.name = "cc";
  compiler.engine.languages = {"c"};
  compiler.engine.run = {files_.script("cc", "cp $1 $2"), "{source}", "{module}", "{flags}"};
  compiler.version = "1";
  compilers_ = {compiler};
  add("e", "cat module.wasm");
  const WorkloadResult good = run();
  EXPECT_TRUE(good.run_of("e")->is_good());
  EXPECT_EQ(good.module_bytes, 6u);
  EXPECT_EQ(good.compiler, "cc");
  EXPECT_EQ(good.compile.back(), "$SCRATCH/runs/w/module.wasm") << "no path that is gone by then";
  files_.script("cc", "echo line 1: no >&2; exit 1");
  const WorkloadResult bad = run();
  EXPECT_EQ(bad.problem, "cc: exit code 1: line 1: no");
  EXPECT_EQ(bad.run_of("e")->state, State::kNotRun);
  EXPECT_EQ(bad.run_of("e")->why, "there is no module");
}

TEST_F(BenchSession, VectorsAreNotGivenToWhoDoesNotTakeThem) {
  options_.vectors = true;
  add("a", "echo 1");
  add("b", "echo 1").takes_vectors = false;
  const WorkloadResult result = run();
  EXPECT_TRUE(result.run_of("a")->is_good());
  EXPECT_EQ(result.run_of("b")->state, State::kUnsupported);
}

TEST(Rounds, AreWhatTheBudgetAllowsWithinLimits) {
  EXPECT_EQ(rounds_for(60, 6), 10u);
  EXPECT_EQ(rounds_for(60, 0.1), kMaxRounds);
  EXPECT_EQ(rounds_for(60, 100), kMinRounds);
  EXPECT_EQ(rounds_for(60, 0), kMaxRounds);
}

TEST(OwnTime, IsTheLastNumberBetweenTheTexts) {
  EXPECT_EQ(own_time_of("10 numbers: 0.5 s\n20 numbers: 1.5 s\n", "numbers: ", " s"), 1.5);
  EXPECT_FALSE(own_time_of("numbers: 0.5 ms", "numbers: ", " s"));
  EXPECT_FALSE(own_time_of("numbers: nan s", "numbers: ", " s"));
  EXPECT_FALSE(own_time_of("numbers: -1 s", "numbers: ", " s"));
  EXPECT_FALSE(own_time_of("", "numbers: ", " s"));
}

}  // namespace
}  // namespace wherry::bench
