#include "verify/matrix.h"

#include <algorithm>

#include "base/html.h"
#include "base/json.h"

namespace wherry::verify {

namespace {

using nlohmann::ordered_json;

const char* name_of(Cell::State state) {
  switch (state) {
    case Cell::State::kSame: return "same";
    case Cell::State::kDifferent: return "different";
    case Cell::State::kNotSent: return "not sent";
  }
  return "";
}

size_t count_of(const Row& row, Cell::State state) {
  return static_cast<size_t>(std::ranges::count(row.cells, state, &Cell::state));
}

constexpr char kHead[] = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>wherry verify</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff; }
table { border-collapse: collapse; }
th, td { border: 1px solid #ccc; padding: .25rem .5rem; text-align: left; }
thead th { vertical-align: bottom; background: #f4f4f4; }
thead span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
.same { background: #dff2df; } .different { background: #f8d2d2; } .not { background: #eee; color: #666; }
td.same, td.different, td.none { text-align: center; }
code { white-space: pre-wrap; overflow-wrap: anywhere; }
</style>
)";

std::string html_cell(const Cell& cell) {
  switch (cell.state) {
    case Cell::State::kSame: return "<td class=\"same\" title=\"same\">=</td>";
    case Cell::State::kDifferent:
      return fmt::format("<td class=\"different\" title=\"{}\">≠</td>",
                         escaped_html(cell.difference));
    case Cell::State::kNotSent:
      return fmt::format("<td class=\"none not\" title=\"{}\">–</td>",
                         escaped_html(cell.difference));
  }
  return "";
}

}  // namespace

bool Matrix::has_difference() const {
  return std::ranges::any_of(
      rows, [](const Row& row) { return count_of(row, Cell::State::kDifferent) > 0; });
}

std::string text_of(const Matrix& matrix) {
  std::string text = fmt::format("{}: {} events, compared with wherry serve\n\n", matrix.function,
                                 matrix.events.size());
  for (const Row& row : matrix.rows) {
    if (!row.is_run) {
      text += fmt::format("{:18} not run     {}\n", row.target, row.where);
      continue;
    }
    const size_t different = count_of(row, Cell::State::kDifferent);
    const size_t not_sent = count_of(row, Cell::State::kNotSent);
    const std::string result = different == 0 ? fmt::format("{} same", row.cells.size() - not_sent)
                                              : fmt::format("{} different", different);
    text += fmt::format("{:18} {:11} {}{}\n", row.target, result, row.where,
                        not_sent == 0 ? "" : fmt::format(" ({} not sent)", not_sent));
    for (size_t i = 0; i < row.cells.size(); i++) {
      if (row.cells[i].state != Cell::State::kDifferent) continue;
      text += fmt::format("  {}: {}\n", matrix.events[i], row.cells[i].difference);
    }
  }
  return text;
}

std::string json_of(const Matrix& matrix) {
  ordered_json rows = ordered_json::array();
  for (const Row& row : matrix.rows) {
    ordered_json cells = ordered_json::array();
    for (size_t i = 0; i < row.cells.size(); i++) {
      ordered_json cell = {{"event", matrix.events[i]}, {"result", name_of(row.cells[i].state)}};
      if (!row.cells[i].difference.empty()) cell["why"] = row.cells[i].difference;
      cells.push_back(std::move(cell));
    }
    rows.push_back({{"target", row.target},
                    {"run", row.is_run},
                    {"where", row.where},
                    {"events", std::move(cells)}});
  }
  const ordered_json all = {{"function", matrix.function},
                            {"same", !matrix.has_difference()},
                            {"targets", std::move(rows)}};
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string html_of(const Matrix& matrix) {
  std::string html = kHead;
  html += fmt::format(
      "<h1>{}</h1>\n<p>Each target's answers beside those of <code>wherry serve</code>: status and "
      "body, "
      "byte by byte.</p>\n<table>\n<thead><tr><th>Target</th><th>Run on</th>",
      escaped_html(matrix.function));
  for (const std::string& event : matrix.events)
    html += fmt::format("<th><span>{}</span></th>", escaped_html(event));
  html += "</tr></thead>\n<tbody>\n";
  for (const Row& row : matrix.rows) {
    html += fmt::format("<tr><th>{}</th><td>{}</td>", escaped_html(row.target),
                        row.is_run ? escaped_html(row.where) : "");
    for (const Cell& cell : row.cells) html += html_cell(cell);
    if (!row.is_run) {
      html += fmt::format("<td class=\"not\" colspan=\"{}\">not run here: {}</td>",
                          matrix.events.size(), escaped_html(row.where));
    }
    html += "</tr>\n";
  }
  html += "</tbody>\n</table>\n";
  if (matrix.has_difference()) html += "<h2>Differences</h2>\n<ul>\n";
  for (const Row& row : matrix.rows) {
    for (size_t i = 0; i < row.cells.size(); i++) {
      if (row.cells[i].state != Cell::State::kDifferent) continue;
      html += fmt::format("<li>{}, {}: <code>{}</code></li>\n", escaped_html(row.target),
                          escaped_html(matrix.events[i]), escaped_html(row.cells[i].difference));
    }
  }
  if (matrix.has_difference()) html += "</ul>\n";
  return html + "</html>\n";
}

}  // namespace wherry::verify
