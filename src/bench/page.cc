#include "bench/page.h"

#include <initializer_list>
#include <utility>

#include "base/html.h"
#include "bench/files.h"
#include "bench/recommendation.h"
#include "bench/tables.h"

namespace wherry::bench {

namespace {

// Inside a script element nothing may look like its end, or like the beginning of a comment.
std::string for_script(std::string text) {
  for (size_t at = 0; (at = text.find('<', at)) != text.npos; at += 6)
    text.replace(at, 1, "\\u003c");
  return text;
}

// The template with its marks replaced, which it has once each and in this order; what takes their
// place may look like a mark.
using Replacement = std::pair<std::string_view, std::string>;
std::string filled(std::string_view page, std::initializer_list<Replacement> replacements) {
  std::string out;
  for (const auto& [mark, text] : replacements) {
    const size_t at = page.find(mark);
    out += page.substr(0, at);
    out += text;
    page.remove_prefix(at + mark.size());
  }
  return out.append(page);
}

}  // namespace

std::string page_of(const Results& results, nlohmann::ordered_json data) {
  data["recommendation"] = recommend(results);
  // Without scripts there is still the table.
  return filled(asset("page.html"), {{"@TITLE@", escaped_html(results.title)},
                                     {"@MARKDOWN@", escaped_html(markdown_of(results))},
                                     {"@DATA@", for_script(write_ordered_json(data))}});
}

}  // namespace wherry::bench
