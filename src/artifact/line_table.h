// The table that says where code comes from in the module's source: program counters to chains of
// inlined functions, each with file, line and column. Read at a trap only; a module without DWARF
// has none.
//
// docs/artifact-format.md describes the bytes. Runs and places are compressed in blocks, so that
// looking one up decodes a block and no more.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/format.h"
#include "base/bytes.h"

namespace wherry::artifact {

// A place in the source, on its own or inlined into the `caller`'s function.
struct LinePlace {
  uint32_t caller = kNone;  // places; always one before this one
  uint32_t function =
      kNone;              // of the module; kNone if it is one that the module's producer inlined
  uint32_t name = kNone;  // strings; of such a function
  uint32_t file = kNone;  // strings
  uint32_t line = 0;      // 0: none
  uint32_t column = 0;    // 0: not known
};

class LineTableWriter {
 public:
  uint32_t add_string(std::string_view text);
  // Neighbours that are alike take the least bytes.
  uint32_t add_place(const LinePlace& place);
  // From this offset in the text on; offsets ascend.
  void add_run(uint32_t text_offset, uint32_t place);

  // What to call a function of the module; functions ascend.
  void name_function(uint32_t function, uint32_t name);

  ByteVector encode() const;

 private:
  struct Run {
    uint32_t text_offset = 0;
    uint32_t place = 0;
  };
  std::map<std::string, uint32_t, std::less<>> string_index_;
  std::vector<std::string> strings_;
  std::vector<LinePlace> places_;
  std::vector<Run> runs_;
  std::vector<std::pair<uint32_t, uint32_t>> function_names_;
};

// One frame of the source. The strings are the table's.
struct SourceFrame {
  uint32_t function = kNone;  // of the module: itself, or the one that it was inlined into
  bool is_own = false;        // it is that function itself
  std::string_view name;      // may be empty for a function itself: the artifact has its name
  std::string_view file;      // empty if not known
  uint32_t line = 0;
  uint32_t column = 0;
};

class LineTable {
 public:
  // Of bytes that nobody vouches for, which must outlive it.
  explicit LineTable(Bytes bytes);

  // Innermost first; empty where nothing is known.
  std::vector<SourceFrame> find(uint32_t text_offset) const;

 private:
  LinePlace place_at(uint32_t index) const;  // function == name == kNone if there is none
  std::string_view string_at(uint32_t index) const;
  std::string_view name_of(uint32_t function) const;

  uint32_t run_count_ = 0, place_count_ = 0, string_count_ = 0;
  Bytes run_index_, runs_, place_index_, places_, string_index_, strings_, function_names_;
};

}  // namespace wherry::artifact
