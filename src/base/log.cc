#include "base/log.h"

#include <fmt/core.h>

#include <algorithm>

namespace wherry {

namespace {

bool is_plain(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte != 0x7f && c != '"' && c != '\\' && c != '=';
}

// Quoted only where needed.
void append_value(std::string& line, std::string_view value) {
  if (!value.empty() && std::all_of(value.begin(), value.end(), is_plain)) {
    line += value;
    return;
  }
  line += '"';
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (c == '\n') {
      line += "\\n";
    } else if (byte < ' ' || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  line += '"';
}

}  // namespace

const char* name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kError: return "error";
    case LogLevel::kWarn: return "warn";
    case LogLevel::kInfo: return "info";
    case LogLevel::kDebug: return "debug";
  }
  return "?";
}

std::optional<LogLevel> log_level_of_name(std::string_view name) {
  for (auto level : {LogLevel::kError, LogLevel::kWarn, LogLevel::kInfo, LogLevel::kDebug}) {
    if (name == name_of(level)) return level;
  }
  return {};
}

const char* name_of(LogFormat format) { return format == LogFormat::kJson ? "json" : "text"; }

std::optional<LogFormat> log_format_of_name(std::string_view name) {
  for (auto format : {LogFormat::kText, LogFormat::kJson}) {
    if (name == name_of(format)) return format;
  }
  return {};
}

void append_log_field(std::string& line, std::string_view key, std::string_view value) {
  line += ' ';
  line += key;
  line += '=';
  append_value(line, value);
}

Log Log::of_events(EventSink sink) {
  Log log;
  log.event_sink_ = std::move(sink);
  return log;
}

void Log::event(LogLevel level, std::string_view name,
                std::initializer_list<LogField> fields) const {
  if (event_sink_) event_sink_(level, name, {fields.begin(), fields.size()});
  if (!sink_) return;
  std::string line(name);
  for (const LogField& field : fields) append_log_field(line, field.key, field.value);
  sink_(line);
}

}  // namespace wherry
