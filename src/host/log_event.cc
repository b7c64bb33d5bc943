#include "host/log_event.h"

#include <ctime>

#include "base/clock.h"
#include "base/json.h"

namespace wherry::host {

namespace {

// `2026-11-25T22:26:30.125Z`.
std::string time_text(uint64_t realtime_ns) {
  std::string text = utc_text(static_cast<std::time_t>(realtime_ns / 1'000'000'000));
  text.pop_back();
  return text + fmt::format(".{:03}Z", realtime_ns / 1'000'000 % 1000);
}

std::string text_line(const LogEvent& event) {
  std::string line =
      fmt::format("{} {} {}", time_text(event.realtime_ns), name_of(event.level), event.name);
  if (!event.function.empty()) append_log_field(line, "function", event.function);
  if (!event.activation.empty()) append_log_field(line, "activation", event.activation);
  for (const auto& [key, value] : event.fields) append_log_field(line, key, value);
  return line;
}

std::string json_line(const LogEvent& event) {
  nlohmann::ordered_json line = {{"time", time_text(event.realtime_ns)},
                                 {"level", name_of(event.level)},
                                 {"event", event.name}};
  if (!event.function.empty()) line["function"] = event.function;
  if (!event.activation.empty()) line["activation"] = event.activation;
  for (const auto& [key, value] : event.fields) line[key] = value;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string line_of(const LogEvent& event, LogFormat format) {
  return format == LogFormat::kJson ? json_line(event) : text_line(event);
}

}  // namespace wherry::host
