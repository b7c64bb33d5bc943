// Exceptions that guests throw: where they live, and how a throw finds its handler.
//
// An exception is made by `throw` and lives until no one can refer to it. Most are caught by a
// clause that takes their values and no reference: compiled code says so (VmException::dead), and
// the next throw uses them again. The others are found by a mark and sweep over everything that can
// hold an exnref: globals, tables, other exceptions, and, conservatively, the guest's stack and
// registers. What was given to the host stays for good.
//
// Belongs to its store, and to the store's thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "contract/vm.h"
#include "runtime/value.h"

namespace wherry::runtime {

struct StoreState;

class ExceptionHeap {
 public:
  ~ExceptionHeap();
  void clear();  // forgets all of them
  void set_limit(uint64_t bytes) { limit_bytes_ = bytes; }

  // A new exception with room for the values, or null if the live ones leave none.
  contract::VmException* allocate(const StoreState& store, const contract::VmTag* tag,
                                  uint32_t slot_count);
  // Keeps what the host has seen, if it is an exception.
  void pin(const Value& value);
  // The exception that no one caught, for Trap::exception.
  uint64_t take_uncaught();
  void set_uncaught(contract::VmException* exception) { uncaught_ = exception; }

  size_t live() const { return exceptions_.size(); }

 private:
  static constexpr uint64_t kFirstCollectionBytes = 256 * 1024;
  struct Entry {
    uint64_t bytes = 0;
    bool pinned = false;
    bool marked = false;
  };
  using Entries = std::map<uint64_t, Entry>;

  contract::VmException* reuse(uint32_t slot_count);
  void collect(const StoreState& store);
  void mark_range(const uint64_t* begin, const uint64_t* end);
  void mark_word(uint64_t word);  // and all that is referred to from there
  void visit(uint64_t word, std::vector<uint64_t>& work);
  void sweep();

  Entries exceptions_;  // by address
  uint64_t bytes_ = 0;  // of all, with what keeping them costs
  uint64_t collect_at_bytes_ = kFirstCollectionBytes;
  uint64_t limit_bytes_ = 64 << 20;
  contract::VmException* last_ = nullptr;  // thrown last: the likeliest to be dead
  contract::VmException* uncaught_ = nullptr;
};

// Goes on where the exception is handled: sets up the landing (StackState::landing) for the
// crossing code and returns true, or returns false if no frame of the call handles it.
bool find_handler(StoreState& store, contract::VmException* exception);

}  // namespace wherry::runtime
