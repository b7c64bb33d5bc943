// A Store holds instances that may call each other, and the stack they run on.
//
// A Store and all in it belong to one thread at a time (but for shared memories); only interrupt()
// may be called from another. It may be another thread each time a guest goes on (resume()).
//
// Types that name other types (references to functions of one type) do so by their number in the
// store, equal for equal types of all its modules: StoreState::intern_type(). What is created in a
// Store lives until the Store is destroyed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "runtime/compiled_module.h"
#include "runtime/host_function.h"
#include "runtime/trap.h"
#include "runtime/value.h"
#include "wasm/types.h"

namespace wherry::contract {
struct FuncRef;
struct VmGlobal;
struct VmMemory;
struct VmTable;
struct VmTag;
}  // namespace wherry::contract

namespace wherry::runtime {

struct Activation;
class Instance;
class Store;
struct StoreState;

// What a memory of this type reserves and may grow to, by the limits of the format, of this engine
// (contract/vm.h) and of the store.
struct MemoryRoom {
  uint64_t reserved_bytes = 0;
  uint64_t max_bytes = 0;
  static MemoryRoom of(const wasm::MemoryType& type, uint64_t limit_bytes);
};

// A linear memory. `size_bytes()` grows, `base()` never changes.
//
// Shared memories may be used by several stores on several threads at once; all others belong to
// their store's thread.
class Memory {
 public:
  virtual ~Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  uint8_t* base() const;
  uint64_t size_bytes() const;
  uint64_t size_pages() const { return size_bytes() >> type_.page_log2; }
  uint64_t reserved_bytes() const { return room_.reserved_bytes; }
  const wasm::MemoryType& type() const { return type_; }
  // The previous size in pages, or nothing if the type, the store or the system refuses.
  std::optional<uint64_t> grow(uint64_t delta_pages);

  // The one door for guest pointers: the bytes [address, address + length), or null if any of them
  // is outside the memory. Valid until the memory is destroyed; the guest may change the bytes.
  uint8_t* at(uint64_t address, uint64_t length) const {
    uint64_t size = size_bytes();
    return address <= size && length <= size - address ? base() + address : nullptr;
  }

  contract::VmMemory* vm() const { return vm_; }

 protected:
  // `budget` counts the bytes that the store's memories may still take, and outlives the memory;
  // null for a shared memory, whose maximum was taken at once.
  Memory(wasm::MemoryType type, MemoryRoom room, contract::VmMemory* vm, uint64_t* budget)
      : type_(type), room_(room), vm_(vm), budget_(budget) {}

 private:
  wasm::MemoryType type_;
  MemoryRoom room_;
  contract::VmMemory* vm_;
  uint64_t* budget_;
};

// A shared memory on its own, to be given to the stores of several threads.
class SharedMemory {
 public:
  // `type` must be shared. Fails with kLimit if its minimum exceeds the limit.
  static Result<std::shared_ptr<SharedMemory>> create(wasm::MemoryType type, uint64_t limit_bytes);
  ~SharedMemory();
  uint64_t max_bytes() const { return room_.max_bytes; }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

 private:
  friend class SharedMemoryView;
  SharedMemory(wasm::MemoryType type, MemoryRoom room);
  struct State;
  wasm::MemoryType type_;
  MemoryRoom room_;
  std::unique_ptr<State> state_;
};

// A table of references; elements are pointers to FuncRefs or externref numbers, 0 for null.
class Table {
 public:
  uint64_t size() const;
  const wasm::TableType& type() const { return type_; }
  std::optional<uint64_t> element(uint64_t index) const;
  bool set_element(uint64_t index, uint64_t reference);
  std::optional<uint64_t> grow(uint64_t delta, uint64_t reference);

  contract::VmTable* vm() const { return vm_; }

  // Reserves room for all that the table may grow to; `budget` counts the elements that the store's
  // tables may still take, and outlives the table.
  static Result<std::unique_ptr<Table>> create(wasm::TableType type, contract::VmTable* vm,
                                               uint64_t* budget);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

 private:
  Table(wasm::TableType type, contract::VmTable* vm, uint64_t* budget)
      : type_(type), vm_(vm), budget_(budget) {}
  Status reserve();
  wasm::TableType type_;
  contract::VmTable* vm_;
  uint64_t* budget_;
  uint64_t reserved_bytes_ = 0;
  uint64_t max_elements_ = 0;
};

struct Global {
  wasm::GlobalType type;
  contract::VmGlobal* vm;
};

// An exception's tag; `vm` is its identity.
struct Tag {
  wasm::FuncType type;
  contract::VmTag* vm;
};

// A function as another module's import or a host's callee sees it.
struct Func {
  wasm::FuncType type;
  contract::FuncRef* ref;
};

// What an import resolves to.
using Extern = std::variant<HostFunction, Func, Table*, Memory*, Global, Tag>;

// The world an instance is linked against.
class ImportResolver {
 public:
  virtual ~ImportResolver() = default;
  // The thing named `module`.`name`, or nothing. `kind` and, for functions, `type` say what is
  // asked; the instance checks that the answer fits.
  virtual std::optional<Extern> resolve(std::string_view module, std::string_view name,
                                        wasm::ExternKind kind, const wasm::FuncType* type) = 0;
  // The environment of all host functions that resolve() answers with, if they share one: a
  // resolver that answers alike but for it can take this one's place (InstancePool).
  virtual void* host_environment() const { return nullptr; }
};

struct StoreOptions {
  uint64_t stack_bytes = 1024 * 1024;               // the guest's call stack, rounded up to pages
  uint64_t memory_limit_bytes = uint64_t{4} << 30;  // all memories together; growing past it fails
  uint64_t table_limit_elements = 10'000'000;       // all tables together; growing past it fails
  uint64_t exception_limit_bytes = 64 << 20;        // all live exceptions; throwing past it traps
};

class Store {
 public:
  // `first`, if it is what will be instantiated first, saves address space and time: its instance
  // and the stack are neighbours then.
  static Result<std::unique_ptr<Store>> create(StoreOptions options = {},
                                               const CompiledModule* first = nullptr);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Links, initializes and starts an instance. A Trap or Exit from initialization (a segment out of
  // bounds, the start function) is in `stopped`; the instance then stays in the store (others may
  // already refer to it) but must not be called.
  struct Instantiated {
    Instance* instance = nullptr;
    std::optional<std::variant<Trap, Exit>> stopped;
  };
  Result<Instantiated> instantiate(std::shared_ptr<const CompiledModule> module,
                                   ImportResolver& imports);
  // The same in two steps: what does not run code of the guest's, and what may.
  Result<Instance*> link(std::shared_ptr<const CompiledModule> module, ImportResolver& imports);
  Result<std::optional<std::variant<Trap, Exit>>> start(Instance& instance);

  // Calls a function with arguments that must match its type (kInvalid otherwise).
  Result<CallResult> call(const Func& function, const std::vector<Value>& arguments);

  // The same for a guest that may wait: nothing, if it does. Then resume() goes on with it, on this
  // thread or another, until it has ended; until then nothing else can be called here (kInvalid). A
  // guest that is interrupted while it waits ends with that when it is resumed. A store may be
  // destroyed while its guest waits.
  Result<std::optional<CallResult>> begin(const Func& function,
                                          const std::vector<Value>& arguments);
  Result<std::optional<CallResult>> resume();
  bool is_suspended() const;

  // Host-made externs, for hosts that export more than functions.
  Result<Memory*> create_memory(wasm::MemoryType type);
  Memory* add_memory(std::shared_ptr<SharedMemory> memory);
  Result<Table*> create_table(wasm::TableType type);
  Global create_global(wasm::GlobalType type, Value value);

  // From any thread: ends the call that is running in the store with TrapCode::kInterrupted, as
  // soon as it is in guest code. The request stays until clear_interrupt().
  void interrupt();
  void clear_interrupt();
  // For host functions whose system call was cut short.
  bool interrupt_requested() const;

  StoreState& state() { return *state_; }

 private:
  Store();
  std::unique_ptr<StoreState> state_;
};

}  // namespace wherry::runtime
