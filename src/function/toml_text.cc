#include "function/toml_text.h"

#include "base/bytes.h"

namespace wherry::function {

namespace {

constexpr unsigned kMostPartsOfAKey = 64;

// Cuts a text into strings, comments and the rest, as TOML does. Where the text is no TOML the two
// may differ from there on, and there toml++ stops.
class TomlText {
 public:
  TomlText(std::string_view text, const std::string& path) : text_(text), path_(path) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // a byte order mark
  }

  Status check() {
    if (!is_utf8(as_bytes(text_))) {
      return make_error(ErrorKind::kInvalid, "{}: not UTF-8", path_);
    }
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        skip_to(text_.find('\n', at_));
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else if (static_cast<uint8_t>(c) >= 0x80) {
        return error_here("characters like this one belong in quotes");
      } else if (c == '.' && ++dots_ >= kMostPartsOfAKey) {
        return error_here(fmt::format("a key of more than {} parts", kMostPartsOfAKey));
      } else {
        if (c == '\n' || c == '=' || c == ',') dots_ = 0;
        at_++;
      }
    }
    return ok_status();
  }

 private:
  void skip_to(size_t position) { at_ = std::min(position, text_.size()); }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool is_long = text_.substr(at_).starts_with(three);
    at_ += is_long ? 3 : 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\' && quote == '"') {
        at_++;
      } else if (c == '\n' && !is_long) {
        return;
      } else if (c == quote && !is_long) {
        at_++;
        return;
      } else if (c == quote && text_.substr(at_).starts_with(three)) {
        at_ += 3;
        // The string itself may end with two more.
        for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] == quote; i++) at_++;
        return;
      }
      at_++;
    }
  }

  Error error_here(std::string_view what) const {
    size_t line = 1, column = 1;
    for (char c : text_.substr(0, at_)) {
      if (c == '\n') {
        line++;
        column = 1;
      } else if ((static_cast<uint8_t>(c) & 0xc0) != 0x80) {
        column++;
      }
    }
    return make_error(ErrorKind::kInvalid, "{}:{}:{}: {}", path_, line, column, what);
  }

  const std::string_view text_;
  const std::string& path_;
  size_t at_ = 0;
  unsigned dots_ = 0;  // of the key under way
};

}  // namespace

Status check_toml_text(std::string_view text, const std::string& path) {
  return TomlText(text, path).check();
}

}  // namespace wherry::function
