// What a guest's file descriptors stand for: a table of bounded size.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "wasi/abi.h"
#include "wasi/errno.h"
#include "wasi/streams.h"

namespace wherry::wasi {

// Exactly one of input, output and host is set. A directory has type kDirectory and a host
// descriptor opened for reading; everything else with a host descriptor is read and written
// through.
struct Descriptor {
  FileType type = FileType::kUnknown;
  std::unique_ptr<InputStream> input;
  std::unique_ptr<OutputStream> output;
  FileDescriptor host;
  Rights rights = 0;
  Rights inheriting = 0;  // the most that what is opened below a directory may have
  uint16_t flags = 0;     // FdFlags
  std::optional<std::string> preopen_name;

  bool is_stream() const { return input != nullptr || output != nullptr; }
  bool is_directory() const { return type == FileType::kDirectory; }
};

class DescriptorTable {
 public:
  explicit DescriptorTable(uint32_t limit) : limit_(limit) {}

  // The lowest free number, or nothing when the table is full.
  std::optional<Fd> insert(Descriptor descriptor);
  bool is_full() const;
  // Null if not open. Valid until the descriptor is closed or replaced.
  Descriptor* find(Fd fd);
  bool close(Fd fd);
  // Moves `from` onto `to`; both must be open.
  bool renumber(Fd from, Fd to);

  // Whether anything here differs from when it was last said to be as given: for the calls that
  // change a descriptor in place, and for who would use the table again.
  void mark_changed() { is_changed_ = true; }
  void mark_as_given() { is_changed_ = false; }
  bool is_changed() const { return is_changed_; }

 private:
  size_t lowest_free() const;

  uint32_t limit_;
  bool is_changed_ = false;
  std::vector<std::unique_ptr<Descriptor>> entries_;
};

// A descriptor that must be there, be of a kind, and have rights; else the errno WASI gives.
struct Found {
  Descriptor* descriptor = nullptr;
  Errno error = Errno::kSuccess;
};
Found find_any(DescriptorTable& table, Fd fd, Rights needed);
Found find_directory(DescriptorTable& table, Fd fd, Rights needed);  // else kNotDir
Found find_file(DescriptorTable& table, Fd fd, Rights needed);       // else kBadF, streams kSPipe

}  // namespace wherry::wasi
