#include "artifact/line_table.h"

#include "base/byte_cursor.h"
#include "base/check.h"

namespace wherry::artifact {
namespace {

constexpr uint32_t kRunsPerBlock = 64;
constexpr uint32_t kPlacesPerBlock = 32;
// Three counts, then where each of the seven parts ends; they follow each other.
constexpr size_t kParts = 7;
constexpr size_t kHeadBytes = (3 + kParts) * 4;
// A run's block: its first offset in the text, and where its runs begin.
constexpr size_t kRunBlockBytes = 8;
// A function and its name.
constexpr size_t kFunctionNameBytes = 8;

void put_u32(ByteVector& out, size_t value) {
  WHERRY_CHECK(value <= UINT32_MAX, value);
  out.resize(out.size() + 4);
  store_le(out.data() + out.size() - 4, static_cast<uint32_t>(value));
}

void put_uleb(ByteVector& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
}

// Differences either way: even numbers are positive.
void put_difference(ByteVector& out, uint64_t value, uint64_t before) {
  const auto difference = static_cast<int64_t>(value - before);
  put_uleb(out, static_cast<uint64_t>(difference) << 1 ^ static_cast<uint64_t>(difference >> 63));
}

uint64_t read_difference(ByteCursor& cursor, uint64_t before) {
  const uint64_t number = cursor.uleb();
  return before + (number >> 1 ^ (~(number & 1) + 1));
}

// A place's fields as they are in the file.
struct Fields {
  uint64_t caller = 0;  // the place and one, or 0
  uint64_t who = 0;     // twice the function, or twice the string and one
  uint64_t file = 0;    // the string and one, or 0
  uint64_t line = 0;
};

// A place begins with a byte that says which fields are the place's before, and its line's distance
// from that one's, if that is small.
constexpr uint8_t kSameCaller = 1, kSameWho = 2, kSameFile = 4;
constexpr unsigned kDistanceShift = 3;
constexpr int64_t kDistanceBias = 15;
constexpr uint8_t kFarLine = 31;  // the difference follows

void put_place(ByteVector& out, const Fields& fields, const Fields& before, uint64_t index) {
  const auto distance = static_cast<int64_t>(fields.line - before.line);
  const bool is_near = -kDistanceBias <= distance && distance <= kDistanceBias;
  uint8_t first = (fields.caller == before.caller ? kSameCaller : 0) |
                  (fields.who == before.who ? kSameWho : 0) |
                  (fields.file == before.file ? kSameFile : 0);
  first |= static_cast<uint8_t>((is_near ? distance + kDistanceBias : kFarLine) << kDistanceShift);
  out.push_back(first);
  if (fields.caller != before.caller) {
    put_uleb(out, fields.caller == 0 ? 0 : index + 1 - fields.caller);
  }
  if (fields.who != before.who) put_difference(out, fields.who, before.who);
  if (fields.file != before.file) put_difference(out, fields.file, before.file);
  if (!is_near) put_difference(out, fields.line, before.line);
}

// `fields` are those of the place before.
void read_place(ByteCursor& cursor, Fields& fields, uint64_t index) {
  const auto first = cursor.read<uint8_t>();
  if (!(first & kSameCaller)) {
    const uint64_t back = cursor.uleb();
    fields.caller = back == 0 || back > index ? 0 : index + 1 - back;
  }
  if (!(first & kSameWho)) fields.who = read_difference(cursor, fields.who);
  if (!(first & kSameFile)) fields.file = read_difference(cursor, fields.file);
  const unsigned distance = first >> kDistanceShift;
  fields.line = distance == kFarLine
                    ? read_difference(cursor, fields.line)
                    : fields.line + static_cast<uint64_t>(int64_t{distance} - kDistanceBias);
}

uint32_t count_at(Bytes bytes, size_t index) { return load_le<uint32_t>(bytes.data() + 4 * index); }

}  // namespace

uint32_t LineTableWriter::add_string(std::string_view text) {
  if (auto found = string_index_.find(text); found != string_index_.end()) return found->second;
  const auto index = static_cast<uint32_t>(strings_.size());
  strings_.emplace_back(text);
  string_index_.emplace(text, index);
  return index;
}

uint32_t LineTableWriter::add_place(const LinePlace& place) {
  places_.push_back(place);
  return static_cast<uint32_t>(places_.size() - 1);
}

void LineTableWriter::name_function(uint32_t function, uint32_t name) {
  function_names_.emplace_back(function, name);
}

void LineTableWriter::add_run(uint32_t text_offset, uint32_t place) {
  if (!runs_.empty() && runs_.back().place == place) return;
  WHERRY_CHECK(runs_.empty() || runs_.back().text_offset <= text_offset, text_offset);
  if (!runs_.empty() && runs_.back().text_offset == text_offset) runs_.pop_back();
  runs_.push_back({text_offset, place});
}

ByteVector LineTableWriter::encode() const {
  ByteVector run_index, runs, place_index, places, string_index, strings, function_names;
  for (size_t i = 0; i < runs_.size(); i++) {
    const bool is_first = i % kRunsPerBlock == 0;
    if (is_first) {
      put_u32(run_index, runs_[i].text_offset);
      put_u32(run_index, runs.size());
    } else {
      put_uleb(runs, runs_[i].text_offset - runs_[i - 1].text_offset);
    }
    put_difference(runs, runs_[i].place, is_first ? 0 : runs_[i - 1].place);
  }
  Fields before;
  for (size_t i = 0; i < places_.size(); i++) {
    if (i % kPlacesPerBlock == 0) {
      put_u32(place_index, places.size());
      before = {};
    }
    const LinePlace& place = places_[i];
    const Fields fields{
        place.caller == kNone ? 0 : uint64_t{place.caller} + 1,
        place.function != kNone ? uint64_t{2} * place.function : uint64_t{2} * place.name + 1,
        place.file == kNone ? 0 : uint64_t{place.file} + 1, place.line};
    put_place(places, fields, before, i);
    put_uleb(places, place.column);
    before = fields;
  }
  for (const std::string& text : strings_) {
    strings.insert(strings.end(), text.begin(), text.end());
    put_u32(string_index, strings.size());
  }
  for (auto [function, name] : function_names_) {
    put_u32(function_names, function);
    put_u32(function_names, name);
  }
  ByteVector out;
  for (size_t count : {runs_.size(), places_.size(), strings_.size()}) put_u32(out, count);
  size_t end = kHeadBytes;
  const ByteVector* parts[kParts] = {&run_index, &place_index, &string_index, &function_names,
                                     &runs,      &places,      &strings};
  for (const ByteVector* part : parts) put_u32(out, end += part->size());
  for (const ByteVector* part : parts) out.insert(out.end(), part->begin(), part->end());
  return out;
}

LineTable::LineTable(Bytes bytes) {
  if (bytes.size() < kHeadBytes) return;
  Bytes* parts[kParts] = {&run_index_, &place_index_, &string_index_, &function_names_,
                          &runs_,      &places_,      &strings_};
  size_t begin = kHeadBytes;
  for (size_t i = 0; i < kParts; i++) {
    const size_t end = count_at(bytes, 3 + i);
    if (end < begin || end > bytes.size()) return;
    *parts[i] = bytes.subspan(begin, end - begin);
    begin = end;
  }
  const uint64_t runs = count_at(bytes, 0), places = count_at(bytes, 1),
                 strings = count_at(bytes, 2);
  if (run_index_.size() != (runs + kRunsPerBlock - 1) / kRunsPerBlock * kRunBlockBytes ||
      place_index_.size() != (places + kPlacesPerBlock - 1) / kPlacesPerBlock * 4 ||
      string_index_.size() != strings * 4) {
    return;
  }
  run_count_ = static_cast<uint32_t>(runs);
  place_count_ = static_cast<uint32_t>(places);
  string_count_ = static_cast<uint32_t>(strings);
}

std::vector<SourceFrame> LineTable::find(uint32_t text_offset) const {
  auto first_of = [&](size_t block) { return count_at(run_index_, 2 * block); };
  size_t low = 0, high = run_index_.size() / kRunBlockBytes;
  if (run_count_ == 0) return {};
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (first_of(middle) <= text_offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return {};
  const size_t block = low - 1;
  ByteCursor cursor(runs_, count_at(run_index_, 2 * block + 1));
  uint64_t offset = first_of(block), place = read_difference(cursor, 0);
  const size_t count = std::min<size_t>(kRunsPerBlock, run_count_ - block * kRunsPerBlock);
  for (size_t i = 1; i < count; i++) {
    offset += cursor.uleb();
    if (offset > text_offset) break;
    place = read_difference(cursor, place);
  }
  if (cursor.is_bad()) return {};
  std::vector<SourceFrame> frames;
  // Callers come before those they call, so that the chain has an end.
  for (uint32_t at = place < place_count_ ? static_cast<uint32_t>(place) : kNone; at != kNone;) {
    const LinePlace found = place_at(at);
    if (found.function == kNone && found.name == kNone) return {};
    SourceFrame frame;
    frame.function = found.function;
    frame.is_own = found.function != kNone;
    frame.name = frame.is_own ? name_of(found.function) : string_at(found.name);
    if (found.file != kNone) frame.file = string_at(found.file);
    frame.line = found.line;
    frame.column = found.column;
    frames.push_back(frame);
    at = found.caller;
  }
  uint32_t function = kNone;
  for (size_t i = frames.size(); i-- > 0;) {
    if (frames[i].function == kNone) frames[i].function = function;
    function = frames[i].function;
  }
  return frames;
}

LinePlace LineTable::place_at(uint32_t index) const {
  const uint32_t block = index / kPlacesPerBlock;
  ByteCursor cursor(places_, count_at(place_index_, block));
  Fields fields;
  LinePlace place;
  for (uint32_t i = block * kPlacesPerBlock; i <= index; i++) {
    read_place(cursor, fields, i);
    place.column = static_cast<uint32_t>(cursor.uleb());
  }
  if (cursor.is_bad()) return {};
  place.caller = static_cast<uint32_t>(fields.caller) - 1;  // 0 is kNone
  (fields.who & 1 ? place.name : place.function) = static_cast<uint32_t>(fields.who >> 1);
  place.file = static_cast<uint32_t>(fields.file) - 1;  // 0 is kNone
  place.line = static_cast<uint32_t>(fields.line);
  return place;
}

std::string_view LineTable::name_of(uint32_t function) const {
  size_t low = 0, high = function_names_.size() / kFunctionNameBytes;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const uint32_t found = count_at(function_names_, 2 * middle);
    if (found == function) return string_at(count_at(function_names_, 2 * middle + 1));
    (found < function ? low : high) = found < function ? middle + 1 : middle;
  }
  return {};
}

std::string_view LineTable::string_at(uint32_t index) const {
  if (index >= string_count_) return {};
  const size_t begin = index == 0 ? 0 : count_at(string_index_, index - 1);
  const size_t end = count_at(string_index_, index);
  if (begin > end || end > strings_.size()) return {};
  return as_text(strings_.subspan(begin, end - begin));
}

}  // namespace wherry::artifact
