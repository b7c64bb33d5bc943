#include "host/event_log.h"

#include "base/result.h"

namespace wherry::host {

void EventLog::log(LogEvent event) const {
  event.realtime_ns = clock_.realtime_ns();
  if (writer_ != nullptr) writer_->write(event.level, line_of(event, options_.format));
  ring_.append(std::move(event));
}

Log EventLog::as_log() const {
  return Log::of_events(
      [this](LogLevel level, std::string_view name, std::span<const LogField> fields) {
        if (!is_logged(level)) return;
        LogEvent event;
        event.level = level;
        event.name = name;
        for (const LogField& field : fields) {
          if (field.key == "function") {
            event.function = field.value;
          } else {
            event.fields.emplace_back(field.key, field.value);
          }
        }
        log(std::move(event));
      });
}

std::function<std::string(uint64_t)> dropped_line_of(const Clock& clock, LogFormat format) {
  return [&clock, format](uint64_t count) {
    LogEvent event;
    event.realtime_ns = clock.realtime_ns();
    event.level = LogLevel::kWarn;
    event.name = "log_lines_dropped";
    event.fields.emplace_back("count", fmt::format("{}", count));
    return line_of(event, format);
  };
}

}  // namespace wherry::host
