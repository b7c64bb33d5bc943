#include "wasi/descriptors.h"

namespace wherry::wasi {

size_t DescriptorTable::lowest_free() const {
  size_t fd = 0;
  while (fd < entries_.size() && entries_[fd] != nullptr) fd++;
  return fd;
}

bool DescriptorTable::is_full() const { return lowest_free() >= limit_; }

std::optional<Fd> DescriptorTable::insert(Descriptor descriptor) {
  size_t fd = lowest_free();
  if (fd >= limit_) return std::nullopt;
  if (fd == entries_.size()) entries_.emplace_back();
  entries_[fd] = std::make_unique<Descriptor>(std::move(descriptor));
  mark_changed();
  return static_cast<Fd>(fd);
}

Descriptor* DescriptorTable::find(Fd fd) {
  return fd < entries_.size() ? entries_[fd].get() : nullptr;
}

bool DescriptorTable::close(Fd fd) {
  if (find(fd) == nullptr) return false;
  entries_[fd].reset();
  mark_changed();
  return true;
}

bool DescriptorTable::renumber(Fd from, Fd to) {
  if (find(from) == nullptr || find(to) == nullptr) return false;
  if (from != to) entries_[to] = std::move(entries_[from]);
  mark_changed();
  return true;
}

Found find_any(DescriptorTable& table, Fd fd, Rights needed) {
  Descriptor* descriptor = table.find(fd);
  if (descriptor == nullptr) return {.error = Errno::kBadF};
  if ((descriptor->rights & needed) != needed) return {.error = Errno::kNotCapable};
  return {.descriptor = descriptor};
}

Found find_directory(DescriptorTable& table, Fd fd, Rights needed) {
  Descriptor* descriptor = table.find(fd);
  if (descriptor == nullptr) return {.error = Errno::kBadF};
  if (!descriptor->is_directory()) return {.error = Errno::kNotDir};
  return find_any(table, fd, needed);
}

Found find_file(DescriptorTable& table, Fd fd, Rights needed) {
  Descriptor* descriptor = table.find(fd);
  if (descriptor == nullptr || descriptor->is_directory()) return {.error = Errno::kBadF};
  if (descriptor->is_stream()) return {.error = Errno::kSPipe};
  return find_any(table, fd, needed);
}

}  // namespace wherry::wasi
