#include "pack/strip.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

namespace wherry::pack {

Result<ByteVector> without_symbols(Bytes program) {
  const auto refuse = [] {
    return make_error(ErrorKind::kInvalid, "not an ELF program of x86-64");
  };
  if (program.size() < sizeof(Elf64_Ehdr) || std::memcmp(program.data(), ELFMAG, SELFMAG) != 0 ||
      program[EI_CLASS] != ELFCLASS64 || program[EI_DATA] != ELFDATA2LSB) {
    return refuse();
  }
  auto header = load_le<Elf64_Ehdr>(program.data());
  const uint64_t table_bytes = uint64_t{header.e_phnum} * sizeof(Elf64_Phdr);
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phoff > program.size() ||
      table_bytes > program.size() - header.e_phoff) {
    return refuse();
  }
  uint64_t end = header.e_phoff + table_bytes;
  for (unsigned i = 0; i < header.e_phnum; i++) {
    auto segment = load_le<Elf64_Phdr>(program.data() + header.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment.p_offset > program.size() || segment.p_filesz > program.size() - segment.p_offset) {
      return refuse();
    }
    end = std::max(end, segment.p_offset + segment.p_filesz);
  }
  header.e_shoff = 0;
  header.e_shnum = header.e_shstrndx = 0;
  ByteVector stripped(program.begin(), program.begin() + static_cast<ptrdiff_t>(end));
  std::memcpy(stripped.data(), &header, sizeof header);
  return stripped;
}

}  // namespace wherry::pack
