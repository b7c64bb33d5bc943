// run_compiler() with shell scripts in the compiler's place.
#include "cli/compiler_process.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/files.h"
#include "cli/report.h"

namespace wherry::cli {
namespace {

class CompilerProcess : public testing::Test {
 protected:
  CompilerProcess() : directory_(TemporaryDirectory::create().value()) {
    job_ = {directory_.path() + "/in.wasm", directory_.path() + "/out.wherry", "hello.wasm",
            CpuLevel::kV3, contract::Profile::kDev};
  }

  Result<std::string> run(std::string script, CompilerLimits limits = {}) {
    std::string path = directory_.path() + "/compiler";
    script = "#!/bin/sh\n" + script;
    EXPECT_TRUE(write_file_atomically(path, as_bytes(script), 0755).ok());
    return run_compiler(path, job_, limits);
  }

  std::string output() {
    auto bytes = read_file(job_.output, 10'000);
    return bytes.ok() ? std::string(as_text(*bytes)) : bytes.error().message;
  }

  TemporaryDirectory directory_;
  CompileJob job_;
};

TEST_F(CompilerProcess, GivesTheArgumentsAndAlmostNoEnvironment) {
  ASSERT_TRUE(
      run("echo \"$1 $2 $4 $5 $6 $7 $8\" > $3; env | cut -d= -f1 | sort | tr '\\n' ' ' >> $3")
          .ok());
  EXPECT_EQ(output().substr(0, output().find('\n')),
            job_.input + " -o --cpu x86-64-v3 --profile dev ");
  EXPECT_EQ(output().find("HOME"), std::string::npos);
}

TEST_F(CompilerProcess, PassesTheCompilersErrorsOn) {
  auto failed =
      run("echo \"error: reading $1: unknown opcode at offset 0x2f\ntry: another\" >&2; exit 4");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(failed.error().message, "reading hello.wasm: unknown opcode at offset 0x2f");
  EXPECT_EQ(failed.error().hint, "another");
  EXPECT_EQ(run("exit 9").error().message,
            "hello.wasm: the compiler ended with exit code 9 and said nothing");
}

TEST_F(CompilerProcess, NamesTheFeaturesThatAreNotAsUsual) {
  job_.options.features =
      wasm::Features::standard().with(wasm::Feature::kThreads).without(wasm::Feature::kTailCall);
  ASSERT_TRUE(run("out=$3; shift 7; echo \"$*\" > $out").ok());
  EXPECT_EQ(output(), "--disable tail-call --enable threads\n");
}

TEST_F(CompilerProcess, GivesBackWhatTheCompilerSaysOfItsTimings) {
  job_.timings = true;
  EXPECT_EQ(run("echo $8 >&2").value(), "--timings\n");
}

TEST_F(CompilerProcess, SaysWhichSignalStoppedIt) {
  auto killed = run("kill -9 $$");
  EXPECT_EQ(killed.error().kind, ErrorKind::kLimit);
  EXPECT_EQ(killed.error().message,
            "hello.wasm: the compiler was stopped by signal 9 (memory limit?)");
  EXPECT_EQ(run("kill -6 $$").error().kind, ErrorKind::kInternal);
}

TEST_F(CompilerProcess, KeepsOnlySomeOfEndlessMessages) {
  auto failed = run("head -c 10000000 /dev/zero | tr '\\0' x >&2; exit 2", {.message_bytes = 100});
  EXPECT_EQ(failed.error().message.size(), 100u);
}

TEST_F(CompilerProcess, TakesTheNetworkDescriptorsAndPrivilegesAway) {
  FileDescriptor leaked(::dup(0));
  ASSERT_TRUE(run("grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status > $3\n"
                  "ls /proc/$$/fd | tr '\\n' ' ' >> $3; ulimit -c >> $3")
                  .ok());
  EXPECT_TRUE(output().starts_with("NoNewPrivs:\t1\nSeccomp:\t2\n")) << output();
  EXPECT_EQ(output().find(fmt::format(" {} ", leaked.number())), std::string::npos) << output();
  EXPECT_TRUE(output().ends_with("0\n")) << output();
}

TEST_F(CompilerProcess, MayWriteOnlyBesideItsOutput) {
  TemporaryDirectory elsewhere = TemporaryDirectory::create().value();
  ASSERT_TRUE(
      run("echo in > $3; (echo out > " + elsewhere.path() + "/file) 2>/dev/null; exit 0").ok());
  EXPECT_EQ(output(), "in\n");
  bool has_landlock = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) >= 1;
  bool was_written = ::access((elsewhere.path() + "/file").c_str(), F_OK) == 0;
  EXPECT_EQ(was_written, !has_landlock);
}

TEST_F(CompilerProcess, SaysWhereItLookedForTheCompiler) {
  auto missing = run_compiler("/nowhere/wherry-compile", job_);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(missing.error().message,
            "cannot start the compiler /nowhere/wherry-compile: No such file or directory");
}

TEST(Report, ReadsBackWhatItPrinted) {
  Error error{ErrorKind::kInvalid, "what: where, why", "what to type"};
  EXPECT_EQ(to_text(error), "error: what: where, why\ntry: what to type\n");
  Error back = error_from_text(ErrorKind::kInvalid, "noise\n" + to_text(error));
  EXPECT_EQ(back.message, error.message);
  EXPECT_EQ(back.hint, error.hint);
  EXPECT_EQ(error_from_text(ErrorKind::kIo, "plain text\n").message, "plain text");
}

}  // namespace
}  // namespace wherry::cli
