// What an instance consists of, in the terms of its module: what is written into a snapshot.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace wherry::runtime {
class Instance;
}

namespace wherry::snapshot {

// A value that a module's constant expression can say. References are null or name a function.
struct Constant {
  uint64_t low = 0;
  uint64_t high = 0;  // the upper half of a v128
  std::optional<uint32_t> function;
};

struct MemoryState {
  uint64_t pages = 0;
  Bytes bytes;  // the instance's own
};

struct State {
  std::vector<MemoryState> memories;
  std::vector<Constant> globals;
  // By table; nothing for one that is as its segments made it.
  std::vector<std::optional<std::vector<Constant>>> tables;
  std::vector<bool> dropped_elems;
  std::vector<bool> dropped_datas;
};

// The contents of an instance's tables, for telling later which have changed.
using TableContents = std::vector<std::vector<uint64_t>>;
TableContents table_contents_of(const runtime::Instance& instance);

// The state of an instance that imports functions only. `initial` is what its tables held before
// it was started. kUnsupported if it holds what no module can say: a reference of the host's or an
// exception.
Result<State> state_of(const runtime::Instance& instance, const TableContents& initial);

}  // namespace wherry::snapshot
