#include "cli/report.h"

#include <unistd.h>

#include "base/files.h"
#include "cli/exit_codes.h"

namespace wherry::cli {

namespace {

// The rest of the first line that starts with `start`, or an empty view.
std::string_view line_after(std::string_view text, std::string_view start) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.starts_with(start)) return line.substr(start.size());
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return {};
}

}  // namespace

int report(const Error& error) {
  print_err(to_text(error));
  return exit_code_of(error.kind);
}

std::string to_text(const Error& error) {
  std::string text = fmt::format("error: {}\n", error.message);
  if (!error.hint.empty()) text += fmt::format("try: {}\n", error.hint);
  return text;
}

Error error_from_text(ErrorKind kind, std::string_view text) {
  Error error{kind, std::string(line_after(text, "error: ")),
              std::string(line_after(text, "try: "))};
  if (error.message.empty()) {
    size_t end = text.find_last_not_of(" \n");
    error.message = end == text.npos ? "" : text.substr(0, end + 1);
  }
  return error;
}

void print_out(std::string_view text) {
  (void)write_all(STDOUT_FILENO, as_bytes(text), "standard output").ok();
}

void print_err(std::string_view text) {
  (void)write_all(STDERR_FILENO, as_bytes(text), "standard error").ok();
}

}  // namespace wherry::cli
