// From the linker's ELF file to a `.wherry` file: finds our sections, fills in the header.
#include <elf.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <charconv>
#include <set>
#include <string_view>

#include "artifact/contents.h"

namespace wherry::artifact {
namespace {

struct Section {
  uint64_t offset = 0;
  uint64_t size = 0;
};

// A view of an ELF64 file's section headers; `file` is the linker's output and trusted.
class ElfSections {
 public:
  explicit ElfSections(Bytes file) : file_(file) {
    auto elf = load_le<Elf64_Ehdr>(file.data());
    for (unsigned i = 0; i < elf.e_shnum; i++) {
      sections_.push_back(load_le<Elf64_Shdr>(file.data() + elf.e_shoff + i * sizeof(Elf64_Shdr)));
    }
    names_ = sections_[elf.e_shstrndx].sh_offset;
  }

  Section find(std::string_view name) const {
    for (const Elf64_Shdr& section : sections_) {
      if (name_of(section) == name) return {section.sh_offset, section.sh_size};
    }
    return {};
  }

  // Mapping the file as it lies must be loading it.
  Status check_flat() const {
    for (const Elf64_Shdr& section : sections_) {
      std::string_view name = name_of(section);
      if (section.sh_type == SHT_RELA || section.sh_type == SHT_REL) {
        return make_error(ErrorKind::kInternal, "the linked code has relocations in {}", name);
      }
      if (!(section.sh_flags & SHF_ALLOC)) continue;
      if (section.sh_addr != section.sh_offset || section.sh_type == SHT_NOBITS) {
        return make_error(ErrorKind::kInternal, "section {} lies at {:#x}, linked for {:#x}", name,
                          section.sh_offset, section.sh_addr);
      }
    }
    return ok_status();
  }

 private:
  std::string_view name_of(const Elf64_Shdr& section) const {
    return reinterpret_cast<const char*>(file_.data()) + names_ + section.sh_name;
  }

  Bytes file_;
  std::vector<Elf64_Shdr> sections_;
  uint64_t names_ = 0;
};

}  // namespace

uint64_t checksum_of(Bytes file) {
  constexpr size_t kField = kHeaderOffset + offsetof(Header, checksum);
  constexpr uint64_t kZero = 0;
  XXH3_state_t state;
  XXH3_INITSTATE(&state);
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, file.data(), kField);
  XXH3_64bits_update(&state, &kZero, sizeof(kZero));
  const uint64_t behind = kField + 8;
  auto lines = load_le<uint64_t>(file.data() + kHeaderOffset + offsetof(Header, lines_offset));
  auto lines_bytes = load_le<uint64_t>(file.data() + kHeaderOffset + offsetof(Header, lines_bytes));
  // Whatever else a header says is summed up, and so found to be damaged.
  if (lines < behind || lines > file.size() || lines_bytes > file.size() - lines) {
    lines = behind;
    lines_bytes = 0;
  }
  XXH3_64bits_update(&state, file.data() + behind, lines - behind);
  const uint64_t rest = lines + lines_bytes;
  XXH3_64bits_update(&state, file.data() + rest, file.size() - rest);
  return XXH3_64bits_digest(&state);
}

uint64_t checksum_of_lines(Bytes lines) { return XXH3_64bits(lines.data(), lines.size()); }

Bytes section_of(const ByteVector& file, std::string_view name) {
  const Section section = ElfSections(file).find(name);
  return Bytes(file).subspan(section.offset, section.size);
}

namespace {

// The number in a symbol that is `prefix` and a number, nothing else.
std::optional<uint32_t> number_behind(std::string_view prefix, std::string_view symbol) {
  if (!symbol.starts_with(prefix)) return std::nullopt;
  uint32_t number = 0;
  auto [end, error] =
      std::from_chars(symbol.data() + prefix.size(), symbol.data() + symbol.size(), number);
  if (error != std::errc() || end != symbol.data() + symbol.size()) return std::nullopt;
  return number;
}

template <typename Use>
void for_each_symbol(const ByteVector& file, const Header& header, Use use) {
  for (uint64_t at = 0; at < header.symbols_bytes; at += sizeof(Elf64_Sym)) {
    auto symbol = load_le<Elf64_Sym>(file.data() + header.symbols_offset + at);
    if (symbol.st_shndx == SHN_UNDEF) continue;
    use(symbol, std::string_view(reinterpret_cast<const char*>(file.data()) +
                                 header.symbol_names_offset + symbol.st_name));
  }
}

// Writes where the code of functions and types came to lie into their records.
void place_code(ByteVector& file, const Header& header) {
  std::set<uint32_t> has_entry;  // functions with the tail calls' convention
  for_each_symbol(file, header, [&](const Elf64_Sym&, std::string_view name) {
    if (auto i = number_behind(kEntryPrefix, name)) has_entry.insert(*i);
  });
  for_each_symbol(file, header, [&](const Elf64_Sym& symbol, std::string_view name) {
    auto put = [&](TableRef table, uint64_t index, size_t record_bytes, size_t field) {
      store_le<uint64_t>(file.data() + table.offset + index * record_bytes + field,
                         symbol.st_value);
    };
    if (auto i = number_behind(kFunctionPrefix, name); i && *i < header.functions.count) {
      size_t field = has_entry.contains(*i) ? offsetof(FunctionRecord, tail_code)
                                            : offsetof(FunctionRecord, code);
      put(header.functions, *i, sizeof(FunctionRecord), field);
    } else if (auto i = number_behind(kEntryPrefix, name); i && *i < header.functions.count) {
      put(header.functions, *i, sizeof(FunctionRecord), offsetof(FunctionRecord, code));
    } else if (auto i = number_behind(kEnterPrefix, name); i && *i < header.types.count) {
      put(header.types, *i, sizeof(FuncTypeRecord), offsetof(FuncTypeRecord, enter));
    } else if (auto i = number_behind(kThunkPrefix, name); i && *i < header.types.count) {
      put(header.types, *i, sizeof(FuncTypeRecord), offsetof(FuncTypeRecord, host_thunk));
    }
  });
}

// Nothing but the section headers lies behind the section, and they may lie anywhere.
Status put_line_table(ByteVector& file, Bytes table) {
  auto elf = load_le<Elf64_Ehdr>(file.data());
  const Section section = ElfSections(file).find(kLinesSection);
  const size_t headers_bytes = elf.e_shnum * sizeof(Elf64_Shdr);
  if (section.size == 0 || elf.e_shoff < section.offset + section.size ||
      elf.e_shoff + headers_bytes != file.size()) {
    return make_error(ErrorKind::kInternal,
                      "the linker put {} at {:#x} and section headers at {:#x}", kLinesSection,
                      section.offset, elf.e_shoff);
  }
  ByteVector headers(file.begin() + static_cast<ptrdiff_t>(elf.e_shoff), file.end());
  for (size_t at = 0; at < headers.size(); at += sizeof(Elf64_Shdr)) {
    auto header = load_le<Elf64_Shdr>(headers.data() + at);
    if (header.sh_offset == section.offset && header.sh_size == section.size) {
      header.sh_size = table.size();
      store_le(headers.data() + at, header);
    } else if (header.sh_type != SHT_NOBITS && header.sh_offset > section.offset) {
      return make_error(ErrorKind::kInternal, "the linker put {} before another section",
                        kLinesSection);
    }
  }
  file.resize(section.offset);
  file.insert(file.end(), table.begin(), table.end());
  file.resize(align_up(file.size(), alignof(Elf64_Shdr)));
  elf.e_shoff = file.size();
  store_le(file.data(), elf);
  file.insert(file.end(), headers.begin(), headers.end());
  return ok_status();
}

}  // namespace

Status seal(ByteVector& file, const Header& unsealed, Bytes line_table) {
  if (!line_table.empty()) TRY(put_line_table(file, line_table));
  ElfSections sections(file);
  TRY(sections.check_flat());
  Section header_section = sections.find(kHeaderSection);
  if (header_section.offset != kHeaderOffset || header_section.size < sizeof(Header)) {
    return make_error(ErrorKind::kInternal, "the linker put {} at {:#x}", kHeaderSection,
                      header_section.offset);
  }

  Header header = unsealed;
  uint64_t meta = sections.find(kMetaSection).offset;
  for (TableRef* table :
       {&header.value_types, &header.types, &header.imports, &header.exports, &header.functions,
        &header.tables, &header.memories, &header.globals, &header.expressions, &header.elems,
        &header.datas, &header.tags, &header.strings}) {
    table->offset += meta;
  }
  for (uint64_t i = 0; i < header.datas.count; i++) {
    uint8_t* at = file.data() + header.datas.offset + i * sizeof(DataRecord);
    auto data = load_le<DataRecord>(at);
    data.bytes_offset += meta;
    if (!data.in_image) store_le(at, data);
  }
  Section text = sections.find(".text");
  Section eh_frame = sections.find(".eh_frame");
  Section eh_index = sections.find(".eh_frame_hdr");
  header.eh_index_offset = eh_index.offset;
  header.eh_index_bytes = eh_index.size;
  Section image = sections.find(kImageSection);
  header.text_offset = text.offset;
  header.text_bytes = text.size;
  header.eh_frame_offset = eh_frame.offset;
  header.eh_frame_bytes = eh_frame.size;
  header.image_offset = image.size ? image.offset : 0;
  header.image_bytes = image.size;
  Section symbols = sections.find(".symtab");
  Section symbol_names = sections.find(".strtab");
  header.symbols_offset = symbols.offset;
  header.symbols_bytes = symbols.size;
  header.symbol_names_offset = symbol_names.offset;
  header.symbol_names_bytes = symbol_names.size;
  if (!line_table.empty()) {
    const Section lines = sections.find(kLinesSection);
    header.lines_offset = lines.offset;
    header.lines_bytes = lines.size;
    header.lines_checksum = checksum_of_lines(line_table);
  }
  place_code(file, header);
  header.file_bytes = file.size();
  store_le(file.data() + kHeaderOffset, header);
  store_le(file.data() + kHeaderOffset + offsetof(Header, checksum), checksum_of(file));
  return ok_status();
}

}  // namespace wherry::artifact
