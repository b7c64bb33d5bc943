#include "cli/top_view.h"

#include <algorithm>

#include <vector>

#include "base/result.h"

namespace wherry::cli {

namespace {

using host::FunctionFigures;
using host::MetricsFigures;

constexpr std::string_view kBold = "\x1b[1m", kRed = "\x1b[31m", kPlain = "\x1b[0m";
constexpr unsigned kShortestName = 8;

struct Row {
  std::string name;
  double requests_per_second = 0;
  double p50_ns = 0;
  double p99_ns = 0;
  double error_share = 0;  // of invocations and rejected requests
  uint64_t running = 0;
  uint64_t queued = 0;
  double cpu_percent = 0;  // of one core
  uint64_t memory_bytes = 0;
};

std::string rate_text(double per_second) {
  if (per_second == 0) return "0";
  if (per_second < 9.95) return fmt::format("{:.1f}", per_second);
  if (per_second < 99'999.5) return fmt::format("{:.0f}", per_second);
  return fmt::format("{:.0f}k", per_second / 1000);
}

std::string duration_text(double ns) {
  if (ns == 0) return "-";
  if (ns < 999'500) return fmt::format("{:.0f} µs", ns / 1e3);
  if (ns < 9'995'000) return fmt::format("{:.2f} ms", ns / 1e6);
  if (ns < 999'500'000) return fmt::format("{:.0f} ms", ns / 1e6);
  return fmt::format("{:.2f} s", ns / 1e9);
}

std::string percent_text(double percent) {
  if (percent == 0) return "0";
  if (percent < 9.95) return fmt::format("{:.1f}", std::max(percent, 0.1));
  return fmt::format("{:.0f}", percent);
}

std::string memory_text(uint64_t bytes) {
  if (bytes == 0) return "-";
  if (bytes < 10 << 20) return fmt::format("{} KiB", bytes >> 10);
  if (bytes < 10ull << 30) return fmt::format("{} MiB", bytes >> 20);
  return fmt::format("{} GiB", bytes >> 30);
}

struct Column {
  std::string_view title;
  unsigned width;  // with a space before it
  std::string (*text)(const Row& row);
};

// In the order of the table, and of importance: those that do not fit go from the last on.
constexpr Column kColumns[] = {
    {"REQ/S", 8, [](const Row& row) { return rate_text(row.requests_per_second); }},
    {"P50", 9, [](const Row& row) { return duration_text(row.p50_ns); }},
    {"P99", 9, [](const Row& row) { return duration_text(row.p99_ns); }},
    {"ERR %", 7, [](const Row& row) { return percent_text(row.error_share * 100); }},
    {"CPU %", 7, [](const Row& row) { return percent_text(row.cpu_percent); }},
    {"MEMORY", 10, [](const Row& row) { return memory_text(row.memory_bytes); }},
    {"RUNNING", 8, [](const Row& row) { return fmt::format("{}", row.running); }},
    {"QUEUE", 7, [](const Row& row) { return fmt::format("{}", row.queued); }},
};

bool is_first_byte(char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }

size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), is_first_byte));
}

std::string cut(std::string_view text, size_t width) {
  if (width_of(text) <= width) return std::string(text);
  if (width == 0) return {};
  size_t end = 0;
  for (size_t characters = 0; end < text.size(); end++) {
    if (is_first_byte(text[end]) && ++characters == width) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string to_the_right(std::string_view text, size_t width) {
  const size_t used = width_of(text);
  return std::string(width > used ? width - used : 0, ' ') + std::string(text);
}
std::string to_the_left(std::string_view text, size_t width) {
  const size_t used = width_of(text);
  return std::string(text) + std::string(width > used ? width - used : 0, ' ');
}

// Names come from a server: nothing of them is to reach the terminal but characters.
std::string printable(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (static_cast<uint8_t>(c) < ' ' || c == 0x7f) c = '?';
  }
  return text;
}

Row row_of(const FunctionFigures& added, double seconds) {
  Row row;
  row.name = printable(added.name);
  const auto requests = static_cast<double>(added.invocations() + added.rejected);
  if (seconds > 0) {
    row.requests_per_second = requests / seconds;
    row.cpu_percent = static_cast<double>(added.cpu_ns) / 1e7 / seconds;
  }
  if (requests > 0) {
    row.error_share = static_cast<double>(added.errors() + added.rejected) / requests;
  }
  row.p50_ns = host::quantile_ns(added.durations, 0.5);
  row.p99_ns = host::quantile_ns(added.durations, 0.99);
  row.running = added.running;
  row.queued = added.queued;
  row.memory_bytes = added.memory_peak_bytes;
  return row;
}

double weight_of(const Row& row, TopOrder order) {
  switch (order) {
    case TopOrder::kRequests: return row.requests_per_second;
    case TopOrder::kName: return 0;
    case TopOrder::kLatency: return row.p99_ns;
    case TopOrder::kErrors: return row.error_share;
    case TopOrder::kCpu: return row.cpu_percent;
    case TopOrder::kMemory: return static_cast<double>(row.memory_bytes);
  }
  return 0;
}

std::string summary_of(const std::vector<Row>& rows) {
  Row sum;
  for (const Row& row : rows) {
    sum.requests_per_second += row.requests_per_second;
    sum.cpu_percent += row.cpu_percent;
    sum.running += row.running;
    sum.queued += row.queued;
  }
  return fmt::format("{} function{}, {} requests/s, {} running, {} queued, CPU {} %", rows.size(),
                     rows.size() == 1 ? "" : "s", rate_text(sum.requests_per_second), sum.running,
                     sum.queued, percent_text(sum.cpu_percent));
}

// How many columns fit beside names.
size_t columns_within(unsigned width) {
  unsigned used = kShortestName;
  size_t count = 0;
  while (count < std::size(kColumns) && used + kColumns[count].width <= width) {
    used += kColumns[count++].width;
  }
  return count;
}

std::string line_of(const Row& row, size_t columns, size_t name_width, bool color) {
  std::string line = to_the_left(cut(row.name, name_width), name_width);
  for (size_t i = 0; i < columns; i++) {
    const std::string cell =
        to_the_right(cut(kColumns[i].text(row), kColumns[i].width - 1), kColumns[i].width);
    const bool is_red = color && kColumns[i].title == "ERR %" && row.error_share > 0;
    line += is_red ? std::string(kRed) + cell + std::string(kPlain) : cell;
  }
  return line;
}

}  // namespace

std::optional<TopOrder> top_order_of_name(std::string_view name) {
  constexpr std::string_view kNames[] = {"requests", "name", "p99", "errors", "cpu", "memory"};
  auto found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) return {};
  return static_cast<TopOrder>(found - std::begin(kNames));
}

std::string top_view(const MetricsFigures& earlier, const MetricsFigures& later,
                     const TopOptions& options) {
  const MetricsFigures added = difference(later, earlier);
  const double seconds = static_cast<double>(added.time_ns) / 1e9;
  std::vector<Row> rows;
  for (const FunctionFigures& function : added.functions) rows.push_back(row_of(function, seconds));
  std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    const double weight_a = weight_of(a, options.order), weight_b = weight_of(b, options.order);
    return weight_a != weight_b ? weight_a > weight_b : a.name < b.name;
  });

  const size_t columns = columns_within(options.width);
  size_t name_width = options.width;
  for (size_t i = 0; i < columns; i++) name_width -= kColumns[i].width;
  std::string head = to_the_left(cut("FUNCTION", name_width), name_width);
  for (size_t i = 0; i < columns; i++) head += to_the_right(kColumns[i].title, kColumns[i].width);
  if (options.color) head = std::string(kBold) + head + std::string(kPlain);

  std::string text = cut(summary_of(rows), options.width) + "\n" + head + "\n";
  constexpr unsigned kLinesAround = 3;  // summary, head, and where the cursor is
  const size_t most = options.height == 0             ? rows.size()
                      : options.height > kLinesAround ? options.height - kLinesAround
                                                      : 1;
  for (size_t i = 0; i < rows.size() && i < most; i++) {
    text += line_of(rows[i], columns, name_width, options.color) + "\n";
  }
  return text;
}

}  // namespace wherry::cli
