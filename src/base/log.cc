#include "base/log.h"

#include <fmt/core.h>

#include <algorithm>

namespace wherry {

namespace {

bool is_plain(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte != 0x7f && c != '"' && c != '\\' && c != '=';
}

// Quoted only where needed; control characters never reach the line, so an event stays one line
// whatever a peer sends.
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

void Log::event(std::string_view name, std::initializer_list<LogField> fields) const {
  if (!sink_) return;
  std::string line(name);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  sink_(line);
}

}  // namespace wherry
