// Tables: sizes, growth and access from the host.
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "runtime/store_state.h"
#include "wasm/limits.h"

namespace wherry::runtime {

Result<std::unique_ptr<Table>> Table::create(wasm::TableType type, contract::VmTable* vm,
                                             uint64_t* budget) {
  std::unique_ptr<Table> table(new Table(type, vm, budget));
  TRY(table->reserve());
  return table;
}

// Elements never move: all that the table may ever hold is reserved, and taken as it is touched.
Status Table::reserve() {
  if (type_.limits.min > wasm::limits::kTableSize) {
    return make_error(ErrorKind::kLimit, "a table of {} elements exceeds the limit of {}",
                      type_.limits.min, wasm::limits::kTableSize);
  }
  max_elements_ = std::min<uint64_t>(type_.limits.max.value_or(wasm::limits::kTableSize),
                                     wasm::limits::kTableSize);
  if (type_.limits.min > *budget_) {
    return make_error(ErrorKind::kLimit, "tables exceed the limit of elements per store");
  }
  *budget_ -= type_.limits.min;
  vm_->size = type_.limits.min;
  reserved_bytes_ = std::max<uint64_t>(max_elements_, 1) * sizeof(uint64_t);
  void* mapped = ::mmap(nullptr, reserved_bytes_, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    reserved_bytes_ = 0;
    return errno_error(errno, "cannot reserve a table");
  }
  vm_->elements = static_cast<uint64_t*>(mapped);
  return ok_status();
}

Table::~Table() {
  if (reserved_bytes_ != 0) ::munmap(vm_->elements, reserved_bytes_);
}

uint64_t Table::size() const { return vm_->size; }

std::optional<uint64_t> Table::element(uint64_t index) const {
  if (index >= size()) return std::nullopt;
  return vm_->elements[index];
}

bool Table::set_element(uint64_t index, uint64_t reference) {
  if (index >= size()) return false;
  vm_->elements[index] = reference;
  return true;
}

std::optional<uint64_t> Table::grow(uint64_t delta, uint64_t reference) {
  uint64_t old_size = size();
  if (delta > max_elements_ || old_size > max_elements_ - delta || delta > *budget_) {
    return std::nullopt;
  }
  *budget_ -= delta;
  std::fill_n(vm_->elements + old_size, delta, reference);
  vm_->size += delta;
  return old_size;
}

}  // namespace wherry::runtime
