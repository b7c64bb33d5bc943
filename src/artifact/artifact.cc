#include "artifact/artifact.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "artifact/contents.h"
#include "base/cpu.h"
#include "contract/fingerprint.h"

namespace wherry::artifact {
namespace {

constexpr char kRecompile[] =
    "compile the module again with this version: wherry compile MODULE -o FILE";

Error refuse(ErrorKind kind, std::string_view name, std::string message) {
  return make_error(kind, "{}: {}", name, message).with_hint(kRecompile);
}

bool fits(TableRef table, uint64_t record_bytes, uint64_t file_bytes) {
  return table.offset <= file_bytes && table.offset % 4 == 0 &&
         table.count <= (file_bytes - table.offset) / record_bytes;
}

bool fits(uint64_t offset, uint64_t bytes, uint64_t file_bytes) {
  return offset <= file_bytes && bytes <= file_bytes - offset;
}

bool all_ranges_fit(const Header& h, uint64_t file_bytes) {
  return fits(h.value_types, sizeof(ValueTypeRecord), file_bytes) &&
         fits(h.types, sizeof(FuncTypeRecord), file_bytes) &&
         fits(h.imports, sizeof(ImportRecord), file_bytes) &&
         fits(h.exports, sizeof(ExportRecord), file_bytes) &&
         fits(h.functions, sizeof(FunctionRecord), file_bytes) &&
         fits(h.tables, sizeof(TableRecord), file_bytes) &&
         fits(h.memories, sizeof(MemoryRecord), file_bytes) &&
         fits(h.globals, sizeof(GlobalRecord), file_bytes) &&
         fits(h.expressions, sizeof(ConstInstruction), file_bytes) &&
         fits(h.elems, sizeof(ElemRecord), file_bytes) &&
         fits(h.datas, sizeof(DataRecord), file_bytes) &&
         fits(h.tags, sizeof(TagRecord), file_bytes) && fits(h.strings, 1, file_bytes) &&
         fits(h.text_offset, h.text_bytes, file_bytes) && h.text_offset % 4096 == 0 &&
         fits(h.eh_frame_offset, h.eh_frame_bytes, file_bytes) &&
         fits(h.eh_index_offset, h.eh_index_bytes, file_bytes) &&
         fits(h.symbols_offset, h.symbols_bytes, file_bytes) &&
         fits(h.symbol_names_offset, h.symbol_names_bytes, file_bytes) &&
         fits(h.image_offset, h.image_bytes, file_bytes) && h.image_offset % 4096 == 0 &&
         fits(h.lines_offset, h.lines_bytes, file_bytes);
}

Status check_fits_this_engine(const Header& header, std::string_view name) {
  if (header.engine_fingerprint != contract::engine_fingerprint()) {
    return refuse(
        ErrorKind::kUnsupported, name,
        fmt::format("was compiled for another engine ({}, fingerprint {:016x}; this is "
                    "{:016x})",
                    header.producer, header.engine_fingerprint, contract::engine_fingerprint()));
  }
  auto host = host_cpu_level();
  if (!host || header.cpu_level > static_cast<uint64_t>(*host)) {
    return make_error(ErrorKind::kUnsupported, "{}: needs an x86-64-v{} CPU, and this one is {}",
                      name, header.cpu_level, host ? name_of(*host) : "older than x86-64-v2")
        .with_hint("compile the module for this CPU: wherry compile --cpu v2 MODULE -o FILE");
  }
  return ok_status();
}

}  // namespace

bool looks_like_artifact(Bytes bytes) {
  return bytes.size() >= kHeaderOffset + sizeof(kMagic) && bytes[0] == 0x7f && bytes[1] == 'E' &&
         std::memcmp(bytes.data() + kHeaderOffset, kMagic, sizeof(kMagic)) == 0;
}

Result<Header> Artifact::read_header(Bytes file, std::string_view name) {
  if (!looks_like_artifact(file)) {
    return make_error(ErrorKind::kInvalid, "{}: not a compiled wherry module", name);
  }
  // Of another format version only the magic and the version itself are in known places.
  Header header;
  size_t available = std::min(sizeof(Header), file.size() - kHeaderOffset);
  std::memcpy(&header, file.data() + kHeaderOffset, available);
  if (available < 12) return refuse(ErrorKind::kInvalid, name, "cut short in its header");
  if (header.format_version != kFormatVersion) {
    return refuse(ErrorKind::kUnsupported, name,
                  fmt::format("has format version {}, and this program reads version {}",
                              header.format_version, kFormatVersion));
  }
  if (available < sizeof(Header) || header.header_bytes != sizeof(Header)) {
    return refuse(ErrorKind::kInvalid, name, "damaged: its header is not whole");
  }
  if (header.file_bytes != file.size()) {
    return refuse(ErrorKind::kInvalid, name,
                  fmt::format("damaged: {} bytes long where its header says {}", file.size(),
                              header.file_bytes));
  }
  uint64_t sum = checksum_of(file);
  if (sum != header.checksum) {
    return refuse(ErrorKind::kInvalid, name,
                  fmt::format("damaged: checksum {:016x} where its header says {:016x}", sum,
                              header.checksum));
  }
  if (!all_ranges_fit(header, file.size())) {
    return refuse(ErrorKind::kInvalid, name, "damaged: a table lies outside the file");
  }
  header.producer[sizeof(header.producer) - 1] = 0;
  return header;
}

Result<std::unique_ptr<Artifact>> Artifact::open(int fd, std::string_view name) {
  struct stat info;
  if (::fstat(fd, &info) != 0) return errno_error(errno, name);
  if (!S_ISREG(info.st_mode)) return make_error(ErrorKind::kInvalid, "{}: not a file", name);
  auto bytes = static_cast<uint64_t>(info.st_size);
  if (bytes < kHeaderOffset + sizeof(kMagic)) {
    return make_error(ErrorKind::kInvalid, "{}: not a compiled wherry module", name);
  }
  int own_fd = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (own_fd < 0) return errno_error(errno, name);
  void* mapped = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, own_fd, 0);
  if (mapped == MAP_FAILED) {
    int error = errno;
    ::close(own_fd);
    return errno_error(error, fmt::format("cannot map {}", name));
  }
  std::unique_ptr<Artifact> artifact(
      new Artifact(static_cast<const uint8_t*>(mapped), bytes, own_fd));
  Header header = TRY(read_header({artifact->base_, bytes}, name));
  TRY(check_fits_this_engine(header, name));
  if (::mprotect(const_cast<uint8_t*>(artifact->base_) + header.text_offset,
                 align_up(header.text_bytes, 4096), PROT_READ | PROT_EXEC) != 0) {
    return errno_error(errno, fmt::format("cannot make the code of {} executable", name));
  }
  return artifact;
}

Artifact::Artifact(const uint8_t* base, uint64_t bytes, int fd)
    : base_(base),
      bytes_(bytes),
      fd_(fd),
      header_(reinterpret_cast<const Header*>(base + kHeaderOffset)) {}

Artifact::~Artifact() {
  ::munmap(const_cast<uint8_t*>(base_), bytes_);
  ::close(fd_);
}

wasm::ValueType value_type_of(const ValueTypeRecord& record) {
  return {static_cast<wasm::ValueType::Kind>(record.kind), record.nullable != 0, record.heap};
}

wasm::Limits limits_of(const LimitsRecord& record) {
  wasm::Limits limits{record.min, std::nullopt};
  if (record.has_max) limits.max = record.max;
  return limits;
}

wasm::TableType table_type_of(const TableRecord& record) {
  return {value_type_of(record.element), limits_of(record.limits), record.is_64 != 0};
}

wasm::MemoryType memory_type_of(const MemoryRecord& record) {
  return {limits_of(record.limits), record.is_64 != 0, record.is_shared != 0, record.page_log2};
}

wasm::FuncType Artifact::func_type(uint32_t type_index) const {
  const FuncTypeRecord& record = types()[type_index];
  auto value_types = table<ValueTypeRecord>(header_->value_types);
  wasm::FuncType type;
  for (const auto& param : value_types.subspan(record.params.first, record.params.count)) {
    type.params.push_back(value_type_of(param));
  }
  for (const auto& result : value_types.subspan(record.results.first, record.results.count)) {
    type.results.push_back(value_type_of(result));
  }
  return type;
}

Artifact::CodePlace Artifact::find_code(const uint8_t* pc) const {
  auto wanted = static_cast<uint64_t>(pc - base_);
  const uint8_t* symbols = base_ + header_->symbols_offset;
  for (uint64_t i = 0; i + sizeof(Elf64_Sym) <= header_->symbols_bytes; i += sizeof(Elf64_Sym)) {
    auto symbol = load_le<Elf64_Sym>(symbols + i);
    if (wanted - symbol.st_value >= symbol.st_size) continue;
    if (symbol.st_name >= header_->symbol_names_bytes) continue;
    const char* name =
        reinterpret_cast<const char*>(base_) + header_->symbol_names_offset + symbol.st_name;
    const char* end = name + strnlen(name, header_->symbol_names_bytes - symbol.st_name);
    CodePlace place;
    // Clones that optimization makes of f17 are called f17.something.
    if (name[0] != kFunctionPrefix[0] ||
        std::from_chars(name + 1, end, place.function).ec != std::errc()) {
      return {};
    }
    place.offset = static_cast<uint32_t>(wanted - symbol.st_value);
    return place;
  }
  return {};
}

std::vector<SourceFrame> Artifact::source_frames(const uint8_t* pc, uint32_t function) const {
  std::call_once(lines_once_, [this] {
    const Bytes lines{base_ + header_->lines_offset, header_->lines_bytes};
    if (!lines.empty() && checksum_of_lines(lines) == header_->lines_checksum) {
      lines_.emplace(lines);
    }
  });
  if (!lines_) return {};
  auto frames = lines_->find(static_cast<uint32_t>(pc - text().data()));
  // A run ends where the next begins, be it in other functions.
  if (!frames.empty() && frames.back().function != function) return {};
  return frames;
}

std::string Artifact::function_name(uint32_t function) const {
  if (function < header_->functions.count) {
    std::string_view name = string(functions()[function].name);
    if (!name.empty()) return std::string(name);
    for (const ExportRecord& e : exports()) {
      if (e.kind == static_cast<uint32_t>(wasm::ExternKind::kFunc) && e.index == function) {
        return std::string(string(e.name));
      }
    }
  }
  return fmt::format("function[{}]", function);
}

}  // namespace wherry::artifact
