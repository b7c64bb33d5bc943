// Adds up sales: tests/guests/README.md says what every language's `sales` does. Here with what
// C++20 programs are made of: containers, views, ranges, variants, virtual functions, streams.
// Without exceptions, as Debian's libc++abi has no unwinder for WebAssembly, and with C's files, as
// its libc++ has no file streams there.
#include <dirent.h>
#include <stdio.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

struct Sale {
  std::string date, region, product;
  uint64_t units = 0, cents = 0;
};

struct Problem {
  std::string text;
};

struct Sum {
  std::string name;
  uint64_t units = 0, cents = 0;
};

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); i++) {
    char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (c == '"' && (quoted || fields.back().empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.size() < 10 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  if (!all_digits(text)) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<uint64_t> cents_of(std::string_view text) {
  size_t point = text.find('.');
  auto whole = number(text.substr(0, point));
  if (!whole || point == text.npos) return whole ? std::optional(*whole * 100) : std::nullopt;
  auto part = number(text.substr(point + 1));
  if (!part || text.size() - point != 3) return std::nullopt;
  return *whole * 100 + *part;
}

bool is_date(std::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' && all_digits(text.substr(0, 4)) &&
         all_digits(text.substr(5, 2)) && all_digits(text.substr(8));
}

std::variant<Sale, Problem> parse(std::string_view line) {
  std::vector<std::string> fields = split(line);
  if (fields.size() != 5) return Problem{"has " + std::to_string(fields.size()) + " fields, not 5"};
  auto bad = [](std::string_view what, std::string_view value) {
    std::ostringstream text;
    text << "bad " << what << ' ' << std::quoted(value);
    return Problem{std::move(text).str()};
  };
  auto units = number(fields[3]);
  auto price = cents_of(fields[4]);
  if (!is_date(fields[0])) return bad("date", fields[0]);
  if (!units) return bad("units", fields[3]);
  if (!price) return bad("price", fields[4]);
  return Sale{fields[0], fields[1], fields[2], *units, *units * *price};
}

class Ledger {
 public:
  // The first line is the header.
  void take(std::string_view name, std::istream& lines) {
    std::string line;
    for (int number = 1; std::getline(lines, line); number++) {
      if (line.ends_with('\r')) line.pop_back();
      if (number == 1 || line.empty()) continue;
      std::visit(
          [&](auto&& parsed) {
            if constexpr (std::is_same_v<std::decay_t<decltype(parsed)>, Sale>) {
              add(parsed);
            } else {
              std::cerr << name << ':' << number << ": " << parsed.text << '\n';
              bad_++;
            }
          },
          parse(line));
    }
  }

  std::vector<Sum> products() const {
    std::vector<Sum> sums;
    for (const auto& [name, sum] : products_) sums.push_back(sum);
    std::ranges::sort(sums, [](const Sum& a, const Sum& b) {
      return std::tie(b.cents, a.name) < std::tie(a.cents, b.name);
    });
    return sums;
  }
  auto regions() const { return regions_ | std::views::values; }

  uint64_t sales() const { return sales_; }
  uint64_t bad() const { return bad_; }
  uint64_t cents() const { return cents_; }
  const std::string& first() const { return first_; }
  const std::string& last() const { return last_; }

 private:
  void add(const Sale& sale) {
    for (Sum* sum : {&products_[sale.product], &regions_[sale.region]}) {
      sum->units += sale.units;
      sum->cents += sale.cents;
    }
    products_[sale.product].name = sale.product;
    regions_[sale.region].name = sale.region;
    sales_++;
    cents_ += sale.cents;
    first_ = std::min(first_, sale.date);
    last_ = std::max(last_, sale.date);
  }

  std::unordered_map<std::string, Sum> products_;
  std::map<std::string, Sum> regions_;
  uint64_t sales_ = 0, bad_ = 0, cents_ = 0;
  std::string first_ = "9999-99-99", last_ = "0000-00-00";
};

std::string money(uint64_t cents) {
  std::ostringstream text;
  text << cents / 100 << '.' << std::setw(2) << std::setfill('0') << cents % 100;
  return text.str();
}

class Report {
 public:
  virtual ~Report() = default;
  virtual void write(std::ostream& to, const Ledger& ledger) const = 0;
};

class Tables : public Report {
 public:
  void write(std::ostream& to, const Ledger& ledger) const override {
    table(to, "product", ledger.products(), ledger.cents());
    table(to, "region", ledger.regions(), ledger.cents());
  }

 private:
  static void row(std::ostream& to, std::string_view name, std::string_view units,
                  std::string_view revenue, std::string_view share) {
    auto width = std::ranges::count_if(name, [](char c) { return (c & 0xc0) != 0x80; });
    to << name << std::string(static_cast<size_t>(std::max<ptrdiff_t>(0, 24 - width)), ' ')
       << std::setw(8) << units << std::setw(12) << revenue << std::setw(8) << share << '\n';
  }
  static void table(std::ostream& to, std::string_view title, auto&& sums, uint64_t total) {
    row(to, title, "units", "revenue", "share");
    for (const Sum& sum : sums) {
      uint64_t tenths = (sum.cents * 1000 + total / 2) / std::max<uint64_t>(1, total);
      row(to, sum.name, std::to_string(sum.units), money(sum.cents),
          std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + '%');
    }
  }
};

std::string json_string(std::string_view text) {
  std::ostringstream json;
  json << '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      json << '\\' << c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      json << "\\u" << std::hex << std::setw(4) << std::setfill('0') << int{c};
    } else {
      json << c;
    }
  }
  json << '"';
  return json.str();
}

class Summary : public Report {
 public:
  explicit Summary(std::string currency) : currency_(std::move(currency)) {}
  void write(std::ostream& to, const Ledger& ledger) const override {
    to << "{\"currency\":" << json_string(currency_) << ",\"sales\":" << ledger.sales()
       << ",\"bad\":" << ledger.bad() << ",\"revenue\":\"" << money(ledger.cents())
       << "\",\"products\":[";
    const char* separator = "";
    for (const Sum& sum : ledger.products()) {
      to << separator << "{\"name\":" << json_string(sum.name) << ",\"units\":" << sum.units
         << ",\"revenue\":\"" << money(sum.cents) << "\"}";
      separator = ",";
    }
    to << "]}\n";
  }

 private:
  std::string currency_;
};

void put_utf8(std::string& to, unsigned code) {
  if (code < 0x80) {
    to += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    to += static_cast<char>(0xc0 | code >> 6);
  } else {
    to += static_cast<char>(0xe0 | code >> 12);
    to += static_cast<char>(0x80 | (code >> 6 & 0x3f));
  }
  to += static_cast<char>(0x80 | (code & 0x3f));
}

// The string that belongs to `key` in a flat JSON object.
std::optional<std::string> string_field(std::string_view json, std::string_view key) {
  std::string name = '"' + std::string(key) + '"';
  size_t at = json.find(name);
  if (at == json.npos) return std::nullopt;
  at = json.find_first_not_of(": \t\r\n", at + name.size());
  if (at == json.npos || json[at] != '"') return std::nullopt;
  std::string text;
  for (at++; at < json.size() && json[at] != '"'; at++) {
    if (json[at] != '\\' || at + 1 == json.size()) {
      text += json[at];
      continue;
    }
    char escape = json[++at];
    if (escape == 'u') {
      unsigned code = 0;
      auto hex = json.substr(at + 1, 4);
      std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
      put_utf8(text, code);
      at += 4;
    } else {
      text += escape == 'n' ? '\n' : escape == 't' ? '\t' : escape == 'r' ? '\r' : escape;
    }
  }
  return text;
}

int function() {
  std::string json(std::istreambuf_iterator<char>(std::cin), {});
  auto csv = string_field(json, "csv");
  if (!csv) {
    std::cout << "{\"error\":\"no csv\"}\n";
    return 0;
  }
  Ledger ledger;
  std::istringstream lines(*csv);
  ledger.take("csv", lines);
  Summary(string_field(json, "currency").value_or("EUR")).write(std::cout, ledger);
  return 0;
}

[[noreturn]] void fail(const std::string& path) {
  std::cerr << path << ": " << std::strerror(errno) << '\n';
  std::exit(1);
}

struct Close {
  void operator()(FILE* file) const { std::fclose(file); }
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using File = std::unique_ptr<FILE, Close>;

std::string read_file(const std::string& path) {
  File file(std::fopen(path.c_str(), "r"));
  if (!file) fail(path);
  std::string text;
  char buffer[4096];
  while (size_t got = std::fread(buffer, 1, sizeof buffer, file.get())) text.append(buffer, got);
  if (std::ferror(file.get())) fail(path);
  return text;
}

size_t take_directory(Ledger& ledger, const std::string& path) {
  std::unique_ptr<DIR, Close> directory(::opendir(path.c_str()));
  if (!directory) fail(path);
  std::vector<std::string> names;
  while (dirent* entry = ::readdir(directory.get())) {
    if (std::string_view(entry->d_name).ends_with(".csv")) names.push_back(entry->d_name);
  }
  std::ranges::sort(names);
  for (const std::string& name : names) {
    std::istringstream lines(read_file(path + '/' + name));
    ledger.take(name, lines);
  }
  return names.size();
}

void write_and_read_back(const std::string& directory, const Report& report, const Ledger& ledger) {
  std::string path = directory + "/summary.json", temporary = path + ".new";
  std::ostringstream made;
  report.write(made, ledger);
  File to(std::fopen(temporary.c_str(), "w"));
  if (!to || std::fputs(made.str().c_str(), to.get()) < 0) fail(temporary);
  if (std::fclose(to.release()) != 0 || std::rename(temporary.c_str(), path.c_str()) != 0) {
    fail(path);
  }
  std::string text = read_file(path);
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
  std::cout << path << ": " << text.size() << " bytes, fnv1a " << std::hex << std::setw(16)
            << std::setfill('0') << hash << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) return function();
  if (argc != 3) {
    std::cerr << "usage: sales INPUT-DIRECTORY OUTPUT-DIRECTORY\n";
    return 2;
  }
  const char* variable = std::getenv("CURRENCY");
  std::string currency = variable ? variable : "EUR";
  Ledger ledger;
  size_t files = take_directory(ledger, argv[1]);
  ledger.take("stdin", std::cin);
  std::cout << files << " files, " << ledger.sales() << " sales, " << ledger.bad() << " bad lines, "
            << ledger.first() << " to " << ledger.last() << ", in " << currency << '\n';
  auto tables = std::make_unique<Tables>();
  auto summary = std::make_unique<Summary>(currency);
  tables->write(std::cout, ledger);
  write_and_read_back(argv[2], *summary, ledger);
  return ledger.bad() > 0 ? 3 : 0;
}
