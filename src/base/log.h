// Structured log: one line an event, `event key=value key="two words"`. Rooms never print: they are
// given a Log. The sink adds the time if it wants one, and decides where lines go.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wherry {

// How urgent an event is. A log of one level has those of all levels before it, too.
enum class LogLevel : uint8_t { kError, kWarn, kInfo, kDebug };

const char* name_of(LogLevel level);  // "error", "warn", "info", "debug"
std::optional<LogLevel> log_level_of_name(std::string_view name);

// How lines are written: `event key=value`, or one JSON object each.
enum class LogFormat : uint8_t { kText, kJson };

const char* name_of(LogFormat format);  // "text", "json"
std::optional<LogFormat> log_format_of_name(std::string_view name);

struct LogField {
  std::string_view key;
  std::string value;
};

// ` key=value`, quoted where needed: control characters never reach the line, so that an event
// stays one line whatever a peer sends.
void append_log_field(std::string& line, std::string_view key, std::string_view value);

// Safe from many threads if the sink is.
class Log {
 public:
  using Sink = std::function<void(std::string_view line)>;  // without a newline
  using EventSink =
      std::function<void(LogLevel level, std::string_view name, std::span<const LogField> fields)>;

  Log() = default;  // drops everything
  explicit Log(Sink sink) : sink_(std::move(sink)) {}
  // For sinks that write lines of another form.
  static Log of_events(EventSink sink);

  void event(std::string_view name, std::initializer_list<LogField> fields = {}) const {
    event(LogLevel::kInfo, name, fields);
  }
  void event(LogLevel level, std::string_view name,
             std::initializer_list<LogField> fields = {}) const;

 private:
  Sink sink_;
  EventSink event_sink_;
};

}  // namespace wherry
