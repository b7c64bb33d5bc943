#include "wasm/decode.h"

#include "wasm/decode_types.h"
#include "wasm/decoder.h"
#include "wasm/features.h"
#include "wasm/limits.h"

namespace wherry::wasm {

namespace {

constexpr uint32_t kMagic = 0x6d736100;  // "\0asm"
constexpr uint32_t kVersion = 1;

std::string_view name_of(SectionId id) {
  switch (id) {
    case SectionId::kCustom: return "custom";
    case SectionId::kType: return "type";
    case SectionId::kImport: return "import";
    case SectionId::kFunction: return "function";
    case SectionId::kTable: return "table";
    case SectionId::kMemory: return "memory";
    case SectionId::kGlobal: return "global";
    case SectionId::kExport: return "export";
    case SectionId::kStart: return "start";
    case SectionId::kElement: return "element";
    case SectionId::kCode: return "code";
    case SectionId::kData: return "data";
    case SectionId::kDataCount: return "data count";
    case SectionId::kTag: return "tag";
  }
  return "unknown";
}

Error wrong_version(uint32_t version) {
  const std::string what = fmt::format("unknown binary version {:#x} at offset 0x4", version);
  // The upper half is the layer, 1 for components.
  if (version >> 16 == 1) {
    return make_error(ErrorKind::kUnsupported,
                      "{}: this is a component, wherry runs core modules (version 1)", what)
        .with_hint("build a core module instead, for example for the target wasm32-wasip1");
  }
  return make_error(ErrorKind::kInvalid, "{}, expected version 1", what);
}

}  // namespace

Result<Module> decode(Bytes bytes, Features features) {
  if (bytes.size() > limits::kModuleSizeBytes) {
    return make_error(ErrorKind::kLimit, "module too large: {} bytes, the limit is {}",
                      bytes.size(), limits::kModuleSizeBytes);
  }
  return Decoder(bytes, features).run();
}

bool looks_like_wasm(Bytes bytes) {
  return bytes.size() >= sizeof(kMagic) && load_le<uint32_t>(bytes.data()) == kMagic;
}

Result<Module> Decoder::run() {
  TRY(read_header());
  while (!reader_.at_end()) TRY(read_section());
  TRY(check_counts());
  module_.referenced_functions.resize(module_.functions.size());
  return std::move(module_);
}

Status Decoder::read_header() {
  const uint32_t magic = TRY(reader_.fixed_u32("the magic header"));
  if (magic != kMagic) {
    return make_error(ErrorKind::kInvalid,
                      "magic header not detected at offset 0x0: expected 00 61 73 6d, found {:02x} "
                      "{:02x} {:02x} {:02x}",
                      magic & 0xff, magic >> 8 & 0xff, magic >> 16 & 0xff, magic >> 24);
  }
  const uint32_t version = TRY(reader_.fixed_u32("the binary version"));
  if (version != kVersion) return wrong_version(version);
  return ok_status();
}

Status Decoder::read_section() {
  const uint32_t start = reader_.offset();
  const uint8_t byte = TRY(reader_.byte("a section id"));
  const SectionId id{byte};
  const bool has_tags =
      reader_.has(Feature::kExceptions) || reader_.has(Feature::kLegacyExceptions);
  if (id > SectionId::kTag || (id == SectionId::kTag && !has_tags)) {
    const std::string what = fmt::format("malformed section id {} at offset {:#x}", byte, start);
    if (id == SectionId::kTag) return missing_feature(what, Feature::kExceptions);
    return make_error(ErrorKind::kInvalid, "{}, expected at most 13", what);
  }
  const uint32_t size = TRY(reader_.u32("a section's size"));
  if (size > reader_.bytes_left()) {
    return make_error(
        ErrorKind::kInvalid,
        "length out of bounds: the {} section at offset {:#x} has {} bytes, {} are left",
        name_of(id), start, size, reader_.bytes_left());
  }
  Reader content = TRY(reader_.sub_reader(size, "a section"));
  TRY(check_order(id, start));
  TRY(read_content(id, content));
  if (!content.at_end()) {
    return make_error(ErrorKind::kInvalid,
                      "section size mismatch at offset {:#x}: the {} section has {} bytes too many",
                      content.offset(), name_of(id), content.bytes_left());
  }
  return ok_status();
}

Status Decoder::check_order(SectionId id, uint32_t offset) {
  if (id == SectionId::kCustom) return ok_status();
  const int rank = rank_of(id);
  if (rank <= last_rank_) {
    return make_error(ErrorKind::kInvalid,
                      "unexpected content after last section: the {} section at offset {:#x} is "
                      "repeated or out of order",
                      name_of(id), offset);
  }
  last_rank_ = rank;
  return ok_status();
}

Status Decoder::read_content(SectionId id, Reader& in) {
  switch (id) {
    case SectionId::kCustom: return read_custom(in);
    case SectionId::kType: return read_types(in);
    case SectionId::kImport: return read_imports(in);
    case SectionId::kFunction: return read_functions(in);
    case SectionId::kTable: return read_tables(in);
    case SectionId::kMemory: return read_memories(in);
    case SectionId::kGlobal: return read_globals(in);
    case SectionId::kExport: return read_exports(in);
    case SectionId::kStart: return read_start(in);
    case SectionId::kElement: return read_elems(in);
    case SectionId::kCode: return read_code(in);
    case SectionId::kData: return read_datas(in);
    case SectionId::kDataCount:
      module_.data_count = TRY(in.u32("a data segment count"));
      return ok_status();
    case SectionId::kTag: return read_tags(in);
  }
  return make_error(ErrorKind::kInternal, "no decoder for the {} section", name_of(id));
}

// What only the end of the module shows: sections that a count promised and that never came.
Status Decoder::check_counts() const {
  const size_t declared = module_.functions.size() - module_.imported_functions;
  if (bodies_ != declared) {
    return make_error(
        ErrorKind::kInvalid,
        "function and code section have inconsistent lengths: {} functions, {} bodies", declared,
        bodies_);
  }
  if (module_.data_count && *module_.data_count != module_.datas.size()) {
    return make_error(
        ErrorKind::kInvalid,
        "data count and data section have inconsistent lengths: count {}, {} segments",
        *module_.data_count, module_.datas.size());
  }
  return ok_status();
}

}  // namespace wherry::wasm
