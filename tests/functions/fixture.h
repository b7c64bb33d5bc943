// Functions of the guests that the build made, and their invocations, step by step.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <map>
#include <string>
#include <thread>

#include "base/files.h"
#include "compile/compile.h"
#include "exchange.h"
#include "function/function.h"

namespace wherry::test {

using function::Abi;
using function::Event;
using function::Function;
using function::FunctionOptions;
using function::Invocation;
using function::Outcome;
using function::OutcomeKind;
using Progress = Invocation::Progress;
using FunctionPointer = std::shared_ptr<const Function>;

// Compiled once for all tests of the program.
inline std::shared_ptr<const runtime::CompiledModule> module_of_guest(const std::string& name) {
  static std::map<std::string, std::shared_ptr<const runtime::CompiledModule>> modules;
  auto& module = modules[name];
  if (module) return module;
  auto bytes = read_file(std::string(WHERRY_GUESTS) + "/" + name + ".wasm", 1 << 24).value();
  auto artifact = compile::compile(bytes, {.profile = contract::parse_profile("dev").value()});
  EXPECT_TRUE(artifact.ok()) << name;
  FileDescriptor file(::memfd_create("artifact", MFD_CLOEXEC));
  EXPECT_TRUE(write_all(file.number(), *artifact, "artifact").ok());
  module = runtime::CompiledModule::load(file.number(), name).value();
  return module;
}

inline runtime::Watchdog& watchdog() {
  static const auto watchdog = runtime::Watchdog::create().value();
  return *watchdog;
}

inline FunctionPointer function_of(const std::string& guest, FunctionOptions options = {}) {
  auto function = Function::create(module_of_guest(guest), watchdog(), std::move(options));
  if (function.ok()) return *function;
  ADD_FAILURE() << function.error().message;
  return nullptr;
}

inline http::Request get(std::string target, std::vector<http::Header> headers = {}) {
  return {"GET", std::move(target), std::move(headers), {}};
}
inline http::Request post(std::string target, std::string body) {
  return {"POST", std::move(target), {{"Content-Type", "application/x"}}, std::move(body)};
}

struct Answered {
  Outcome outcome;
  std::shared_ptr<TestExchange> exchange;
};

// A call that never waits.
inline Answered call(const FunctionPointer& function, http::Request request, Event event = {}) {
  Answered answered;
  answered.exchange = std::make_shared<TestExchange>(std::move(request));
  answered.outcome = function->invoke(event, answered.exchange);
  return answered;
}

// A call step by step.
struct Steps : Invocation::Owner {
  FunctionPointer function;
  std::shared_ptr<TestExchange> exchange;
  Event event;
  int resumed = 0;
  std::unique_ptr<Invocation> invocation;

  Steps(FunctionPointer of, std::shared_ptr<TestExchange> with, Event what = {})
      : function(std::move(of)),
        exchange(std::move(with)),
        event(std::move(what)),
        invocation(function->begin(event, exchange, *this)) {}

  std::function<void()> resumer() override {
    return [this] { resumed++; };
  }

  Progress run() { return invocation->run(); }
  // After what is due was done, on another thread.
  Progress go_on() {
    Progress progress = Progress::kWaiting;
    std::thread([&] {
      const int before = resumed;
      exchange->take_due()();
      if (resumed > before) progress = run();
    }).join();
    return progress;
  }
  Outcome outcome() { return std::move(invocation->outcome()); }
};

inline std::string log_of(const Outcome& outcome) {
  std::string log;
  for (const function::LogLine& line : outcome.log) {
    log += (line.is_stderr ? "E:" : "O:") + line.text + "|";
  }
  return log;
}

}  // namespace wherry::test
