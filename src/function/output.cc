#include "function/output.h"

#include <algorithm>

namespace wherry::function {

namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\v\f") == std::string_view::npos;
}

}  // namespace

std::string to_utf8(std::string_view text) {
  if (is_utf8(as_bytes(text))) return std::string(text);
  std::string out;
  while (!text.empty()) {
    size_t length = 1;
    while (length <= std::min<size_t>(4, text.size()) &&
           !is_utf8(as_bytes(text.substr(0, length)))) {
      length++;
    }
    if (length > std::min<size_t>(4, text.size())) {
      out += "\xef\xbf\xbd";
      length = 1;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string OutputCapture::write(bool is_stderr, Bytes bytes) {
  if (over_limit_ || bytes.size() > limits_.output_bytes - written_bytes_) {
    over_limit_ = true;
    return fmt::format("wrote more than the limit of {} bytes", limits_.output_bytes);
  }
  written_bytes_ += bytes.size();
  std::string_view text = as_text(bytes);
  Line& line = lines_[is_stderr];
  while (!text.empty()) {
    size_t newline = text.find('\n');
    std::string_view piece = text.substr(0, newline);
    size_t room = limits_.result_bytes - line.text.size();
    line.started = true;
    line.cut |= piece.size() > room;
    line.text.append(piece.substr(0, room));
    if (newline == std::string_view::npos) break;
    end_line(is_stderr);
    text.remove_prefix(newline + 1);
  }
  return {};
}

void OutputCapture::renew() {
  for (Line& line : lines_) {
    line.text.clear();
    line.cut = line.started = false;
  }
  candidate_.reset();
  candidate_position_ = 0;
  log_.clear();
  log_bytes_ = written_bytes_ = 0;
  log_truncated_ = over_limit_ = false;
}

void OutputCapture::finish() {
  for (bool is_stderr : {false, true}) {
    if (lines_[is_stderr].started) end_line(is_stderr);
  }
}

void OutputCapture::end_line(bool is_stderr) {
  Candidate line{std::move(lines_[is_stderr].text), lines_[is_stderr].cut};
  lines_[is_stderr] = {};
  if (is_stderr || is_blank(line.text)) {
    add_log(log_.size(), is_stderr, line);
    return;
  }
  log_last_line();
  candidate_ = std::move(line);
  candidate_position_ = log_.size();
}

void OutputCapture::log_last_line() {
  if (!candidate_) return;
  add_log(candidate_position_, false, *candidate_);
  candidate_.reset();
}

void OutputCapture::add_log(size_t position, bool is_stderr, const Candidate& line) {
  std::string_view text = line.text;
  uint64_t room = limits_.log_bytes - log_bytes_;
  log_truncated_ |= line.cut || text.size() >= room || log_.size() >= limits_.log_lines;
  if (room == 0 || log_.size() >= limits_.log_lines) return;
  text = text.substr(0, room - 1);  // with its newline, what is kept fits
  log_bytes_ += text.size() + 1;
  log_.insert(log_.begin() + static_cast<ptrdiff_t>(position), {is_stderr, to_utf8(text)});
}

}  // namespace wherry::function
