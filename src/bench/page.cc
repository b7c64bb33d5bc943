#include "bench/page.h"

#include "bench/files.h"
#include "bench/recommendation.h"
#include "bench/tables.h"

namespace wherry::bench {

namespace {

// For a place between tags.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

// Inside a script element nothing may look like its end, or like the beginning of a comment.
std::string for_script(std::string text) {
  for (size_t at = 0; (at = text.find('<', at)) != text.npos; at += 6)
    text.replace(at, 1, "\\u003c");
  return text;
}

void replace_mark(std::string& text, std::string_view mark, const std::string& with) {
  const size_t at = text.find(mark);
  if (at != text.npos) text.replace(at, mark.size(), with);
}

}  // namespace

std::string page_of(const Results& results) {
  nlohmann::ordered_json data = to_json(results);
  data["recommendation"] = recommend(results);
  std::string page(asset("page.html"));
  replace_mark(page, "@TITLE@", escaped(results.title));
  // Without scripts there is still the table.
  replace_mark(page, "@MARKDOWN@", escaped(markdown_of(results)));
  replace_mark(page, "@DATA@", for_script(write_ordered_json(data)));
  return page;
}

}  // namespace wherry::bench
