#include "wasm/source_lines.h"

#include <algorithm>
#include <bit>
#include <set>

#include "wasm/dwarf_reader.h"
#include "wasm/limits.h"

namespace wherry::wasm {
namespace {

constexpr uint32_t kNone = SourcePlace::kNone;

// From `begin` to the next one's: the innermost inlined call there.
struct CallSpan {
  uint32_t begin = 0;
  uint32_t call = kNone;
};

// Ranges of calls lie in each other as the calls do; where they do not, the deeper call wins.
std::vector<CallSpan> innermost_calls(const DwarfReader& dwarf) {
  struct Event {
    uint32_t at = 0;
    bool begins = false;
    uint32_t call = 0;
  };
  std::vector<Event> events;
  events.reserve(2 * dwarf.ranges.size());
  for (const DwarfReader::CallRange& range : dwarf.ranges) {
    events.push_back({range.begin, true, range.call});
    events.push_back({range.end, false, range.call});
  }
  std::ranges::stable_sort(events, {}, &Event::at);
  std::multiset<std::pair<uint32_t, uint32_t>> active;  // depth and call
  std::vector<CallSpan> spans;
  for (size_t i = 0; i < events.size(); i++) {
    const std::pair key(dwarf.calls[events[i].call].depth, events[i].call);
    if (events[i].begins) {
      active.insert(key);
    } else {
      active.erase(active.find(key));
    }
    if (i + 1 < events.size() && events[i + 1].at == events[i].at) continue;
    const uint32_t innermost = active.empty() ? kNone : active.rbegin()->second;
    if (spans.empty() || spans.back().call != innermost) {
      spans.push_back({events[i].at, innermost});
    }
  }
  return spans;
}

// Where rows overlap, the one that begins last counts.
void sort_rows(std::vector<DwarfReader::Row>& rows) {
  std::erase_if(rows, [](const DwarfReader::Row& row) { return row.begin == row.end; });
  std::ranges::stable_sort(rows, {}, &DwarfReader::Row::begin);
  for (size_t i = 0; i + 1 < rows.size(); i++) {
    rows[i].end = std::min(rows[i].end, rows[i + 1].begin);
  }
}

// Joins what the reader found.
class Joiner {
 public:
  Joiner(DwarfReader& dwarf, uint32_t code_offset)
      : dwarf_(dwarf),
        code_offset_(code_offset),
        place_of_call_(dwarf.calls.size(), kNone),
        index_(std::bit_ceil(
                   2 * (2 * dwarf.rows.size() + 2 * dwarf.ranges.size() + dwarf.calls.size() + 1)),
               kNone) {}

  SourceLines join() {
    sort_rows(dwarf_.rows);
    const std::vector<CallSpan> spans = innermost_calls(dwarf_);
    size_t row = 0, span = 0;
    uint32_t call = kNone;
    uint32_t at = 0;
    const std::vector<DwarfReader::Row>& rows = dwarf_.rows;
    for (;;) {
      while (row < rows.size() && rows[row].end <= at) row++;
      while (span < spans.size() && spans[span].begin <= at) call = spans[span++].call;
      const bool in_row = row < rows.size() && rows[row].begin <= at;
      add_run(at, place_at(in_row ? &rows[row] : nullptr, call));
      uint32_t next = UINT32_MAX;
      if (row < rows.size()) next = in_row ? rows[row].end : rows[row].begin;
      if (span < spans.size()) next = std::min(next, spans[span].begin);
      if (next == UINT32_MAX) break;
      at = next;
    }
    name_functions();
    out_.strings = dwarf_.strings.take();
    if (out_.places.empty()) out_.runs.clear();
    return std::move(out_);
  }

 private:
  void name_functions() {
    std::ranges::stable_sort(dwarf_.functions, {}, &DwarfReader::FunctionRange::begin);
    for (const DwarfReader::FunctionRange& function : dwarf_.functions) {
      out_.functions.push_back({code_offset_ + function.begin, code_offset_ + function.end,
                                dwarf_.function_name(function.entry)});
    }
  }

  uint32_t place_at(const DwarfReader::Row* row, uint32_t call) {
    if (!row && call == kNone) return kNone;
    SourcePlace place;
    if (call != kNone) {
      place.caller = place_of_call(call);
      place.function = dwarf_.function_name(dwarf_.calls[call].origin);
    }
    if (row) {
      place.file = row->file;
      place.line = row->line;
      place.column = row->line == 0 ? 0 : row->column;
    }
    return add_place(place);
  }

  // Where it was called. Parents come before their calls, and there are not many of them.
  uint32_t place_of_call(uint32_t index) {
    if (place_of_call_[index] != kNone) return place_of_call_[index];
    const DwarfReader::InlinedCall& call = dwarf_.calls[index];
    SourcePlace place{kNone, kNone, call.file, call.line, call.column};
    if (call.parent != kNone) {
      place.caller = place_of_call(call.parent);
      place.function = dwarf_.function_name(dwarf_.calls[call.parent].origin);
    }
    return place_of_call_[index] = add_place(place);
  }

  // Equal places have one number, so that LLVM sees what it may merge.
  uint32_t add_place(const SourcePlace& place) {
    for (size_t slot = hash_of(place);; slot++) {
      uint32_t& known = index_[slot & (index_.size() - 1)];
      if (known == kNone) {
        known = static_cast<uint32_t>(out_.places.size());
        out_.places.push_back(place);
      } else if (out_.places[known] != place) {
        continue;
      }
      return known;
    }
  }

  void add_run(uint32_t at, uint32_t place) {
    if (!out_.runs.empty() && out_.runs.back().place == place) return;
    out_.runs.push_back({code_offset_ + at, place});
  }

  static size_t hash_of(const SourcePlace& place) {
    uint64_t hash = 0;
    for (uint32_t part : {place.caller, place.function, place.file, place.line, place.column}) {
      hash = (hash ^ part) * 0x9e3779b97f4a7c15;
      hash ^= hash >> 32;
    }
    return hash;
  }

  DwarfReader& dwarf_;
  uint32_t code_offset_;
  std::vector<uint32_t> place_of_call_;
  // A hash table of places, at least twice as large as what can come into it: one at each end of a
  // row or range, and one for each call.
  std::vector<uint32_t> index_;
  SourceLines out_;
};

}  // namespace

uint32_t SourceStrings::intern(std::string_view text) {
  std::string printable(text.substr(0, limits::kSourceStringBytes));
  const bool is_text = is_utf8(as_bytes(printable));
  for (char& c : printable) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_text)) c = '?';
  }
  if (bytes_ + printable.size() > limits::kSourceStringsBytes) return kNone;
  auto [found, is_new] =
      index_.try_emplace(std::move(printable), static_cast<uint32_t>(index_.size()));
  if (is_new) bytes_ += found->first.size();
  return found->second;
}

std::vector<std::string> SourceStrings::take() {
  std::vector<std::string> strings(index_.size());
  while (!index_.empty()) {
    auto node = index_.extract(index_.begin());
    strings[node.mapped()] = std::move(node.key());
  }
  return strings;
}

size_t SourceLines::find(uint32_t offset) const {
  auto next = std::ranges::upper_bound(runs, offset, {}, &Run::offset);
  return next == runs.begin() ? runs.size() : static_cast<size_t>(next - runs.begin() - 1);
}

std::string_view SourceLines::function_name(uint32_t offset) const {
  auto next = std::ranges::upper_bound(functions, offset, {}, &NamedFunction::begin);
  if (next == functions.begin()) return {};
  const NamedFunction& function = *(next - 1);
  if (offset >= function.end || function.name == kNone) return {};
  return strings[function.name];
}

bool has_source_lines(const Module& module) {
  const DwarfSections sections = dwarf_sections(module);
  return !sections.info.empty() && !sections.line.empty();
}

SourceLines read_source_lines(const Module& module) {
  const DwarfSections sections = dwarf_sections(module);
  if (sections.info.empty() || sections.line.empty()) return {};
  DwarfReader dwarf(sections);
  dwarf.read();
  return Joiner(dwarf, module.code_section_offset).join();
}

}  // namespace wherry::wasm
