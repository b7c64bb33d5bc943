// For this room's tests: a host with nothing behind it.
#pragma once

#include "platform/service.h"

namespace wherry::host {

class NoLoader : public platform::ActionLoader {
 public:
  Result<platform::Action> load(Bytes, const std::string&) override {
    return make_error(ErrorKind::kUnsupported, "no compiler here");
  }
};

class NoStreams : public platform::LogStreams {
 public:
  void write_stdout(std::string_view) override {}
  void write_stderr(std::string_view) override {}
};

}  // namespace wherry::host
