// Structured log: one line an event, `event key=value key="two words"`. Rooms never print: they are
// given a Log. The sink adds the time if it wants one, and decides where lines go.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace wherry {

struct LogField {
  std::string_view key;
  std::string value;
};

// Safe from many threads if the sink is.
class Log {
 public:
  using Sink = std::function<void(std::string_view line)>;  // without a newline

  Log() = default;  // drops everything
  explicit Log(Sink sink) : sink_(std::move(sink)) {}

  void event(std::string_view name, std::initializer_list<LogField> fields = {}) const;

 private:
  Sink sink_;
};

}  // namespace wherry
