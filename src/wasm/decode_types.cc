#include "wasm/decode_types.h"

#include "wasm/decoder.h"
#include "wasm/limits.h"

namespace wherry::wasm {

namespace {

// A group as a string that is equal for equal groups of a module and no others: members by their
// place in the group, types before it by their canonical index.
std::string encode_group(const Module& module, TypeIndex first) {
  std::string out;
  const auto add = [&out](int64_t number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof(number));
  };
  const auto add_list = [&](const std::vector<ValueType>& types) {
    add(static_cast<int64_t>(types.size()));
    for (const ValueType& type : types) {
      const bool is_member = type.is_concrete_ref() && type.heap >= static_cast<HeapType>(first);
      out.push_back(static_cast<char>(type.kind));
      out.push_back(static_cast<char>(type.nullable ? 1 : 0));
      out.push_back(static_cast<char>(is_member ? 1 : 0));
      add(is_member ? type.heap - static_cast<HeapType>(first) : type.heap);
    }
  };
  for (size_t i = first; i < module.types.size(); i++) {
    out.push_back(module.types[i].is_final ? 1 : 0);
    add_list(module.types[i].params);
    add_list(module.types[i].results);
  }
  return out;
}

// Core 3.0, chapter 5.3.9; bit 3 is the custom page sizes proposal's.
constexpr uint8_t kHasMaximum = 1, kShared = 2, kIs64 = 4, kHasPageSize = 8;

Status check_limits_flags(const Reader& in, uint8_t flags, uint8_t known, uint32_t offset) {
  const std::string what =
      fmt::format("malformed limits flags {:#04x} at offset {:#x}", flags, offset);
  if ((flags & ~known) != 0) return make_error(ErrorKind::kInvalid, "{}", what);
  if ((flags & kShared) && !in.has(Feature::kThreads)) {
    return missing_feature(what, Feature::kThreads);
  }
  if ((flags & kIs64) && !in.has(Feature::kMemory64)) {
    return missing_feature(what, Feature::kMemory64);
  }
  if ((flags & kHasPageSize) && !in.has(Feature::kCustomPageSizes)) {
    return missing_feature(what, Feature::kCustomPageSizes);
  }
  return ok_status();
}

Result<Limits> read_limits(Reader& in, uint8_t flags) {
  // Since memory64, 64 bits are read everywhere; whether 32 are enough is validate()'s question.
  const auto number = [&](std::string_view what) -> Result<uint64_t> {
    if (in.has(Feature::kMemory64)) return in.u64(what);
    return uint64_t{TRY(in.u32(what))};
  };
  Limits out;
  out.min = TRY(number("a minimum"));
  if (flags & kHasMaximum) out.max = TRY(number("a maximum"));
  return out;
}

}  // namespace

Result<TableType> read_table_type(Reader& in) {
  TableType out;
  out.element = TRY(in.reference_type());
  const uint32_t start = in.offset();
  const uint8_t flags = TRY(in.byte("limits"));
  TRY(check_limits_flags(in, flags, kHasMaximum | kIs64, start));
  out.is_64 = flags & kIs64;
  out.limits = TRY(read_limits(in, flags));
  return out;
}

Result<MemoryType> read_memory_type(Reader& in) {
  constexpr uint32_t kLargestLog2 = 64;
  MemoryType out;
  uint32_t start = in.offset();
  const uint8_t flags = TRY(in.byte("limits"));
  TRY(check_limits_flags(in, flags, kHasMaximum | kShared | kIs64 | kHasPageSize, start));
  out.is_64 = flags & kIs64;
  out.is_shared = flags & kShared;
  out.limits = TRY(read_limits(in, flags));
  if (flags & kHasPageSize) {
    start = in.offset();
    const uint32_t log2 = TRY(in.u32("a page size"));
    if (log2 >= kLargestLog2) {
      return make_error(ErrorKind::kInvalid,
                        "invalid custom page size 2**{} at offset {:#x}, expected 1 or 65536", log2,
                        start);
    }
    out.page_log2 = static_cast<uint8_t>(log2);
  }
  return out;
}

Result<GlobalType> read_global_type(Reader& in) {
  GlobalType out;
  out.type = TRY(in.value_type());
  const uint8_t mutability = TRY(in.byte("a mutability"));
  if (mutability > 1) {
    return make_error(ErrorKind::kInvalid,
                      "malformed mutability {:#04x} at offset {:#x}, expected 0 or 1", mutability,
                      in.offset() - 1);
  }
  out.is_mutable = mutability == 1;
  return out;
}

bool has_tags(const Reader& in) {
  return in.has(Feature::kExceptions) || in.has(Feature::kLegacyExceptions);
}

Result<TypeIndex> read_tag_type(Reader& in) {
  const uint32_t start = in.offset();
  const uint8_t attribute = TRY(in.byte("a tag's attribute"));
  if (attribute != 0) {
    return make_error(ErrorKind::kInvalid,
                      "malformed tag attribute {:#04x} at offset {:#x}, expected 0", attribute,
                      start);
  }
  return in.u32("a type index");
}

Result<ExternKind> read_extern_kind(Reader& in, std::string_view words) {
  const uint8_t kind = TRY(in.byte("an import or export kind"));
  const std::string what = fmt::format("{} {} at offset {:#x}", words, kind, in.offset() - 1);
  if (kind > static_cast<uint8_t>(ExternKind::kTag)) {
    return make_error(ErrorKind::kInvalid, "{}, expected at most 4", what);
  }
  const ExternKind out{kind};
  if (out == ExternKind::kTag && !has_tags(in)) {
    return missing_feature(what, Feature::kExceptions);
  }
  return out;
}

// A section of groups (`rec`), whose members may name each other, and of lone types.
Status Decoder::read_types(Reader& in) {
  constexpr uint8_t kRecursiveForm = 0x4e;
  const uint32_t count = TRY(in.count("types", limits::kTypes));
  module_.types.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t members = 1;
    const uint32_t start = in.offset();
    if (in.has(Feature::kFunctionReferences) && TRY(in.peek("a type")) == kRecursiveForm) {
      TRY(in.byte("a type"));
      members = TRY(in.count("types", limits::kTypes));
    }
    TRY(limits::check_count("types", module_.types.size() + members, limits::kTypes, start));
    TRY(read_type_group(in, members));
  }
  return ok_status();
}

Status Decoder::read_type_group(Reader& in, uint32_t members) {
  std::vector<TypeIndex>& canonical = module_.context.canonical;
  const auto first = static_cast<TypeIndex>(module_.types.size());
  // Each is known to the others as itself until the group is complete.
  for (uint32_t i = 0; i < members; i++) canonical.push_back(first + i);
  for (uint32_t i = 0; i < members; i++) module_.types.push_back(TRY(read_type(in)));
  module_.type_groups.push_back({first, members});
  const TypeIndex twin = known_groups_.emplace(encode_group(module_, first), first).first->second;
  if (twin == first) return ok_status();
  for (uint32_t i = 0; i < members; i++) {
    canonical[first + i] = twin + i;
    module_.types[first + i] = module_.types[twin + i];
  }
  return ok_status();
}

// `sub final? supertype* type`, or a final type without supertypes.
Result<FuncType> Decoder::read_type(Reader& in) {
  constexpr uint8_t kSubFinalForm = 0x4f, kSubForm = 0x50;
  const uint8_t form = TRY(in.peek("a type"));
  if (!in.has(Feature::kFunctionReferences) || (form != kSubFinalForm && form != kSubForm)) {
    return read_func_type(in);
  }
  TRY(in.byte("a type"));
  const uint32_t start = in.offset();
  if (TRY(in.u32("a supertype count")) != 0) {
    return missing_feature(fmt::format("a supertype at offset {:#x}", start), Feature::kGc);
  }
  FuncType out = TRY(read_func_type(in));
  out.is_final = form == kSubFinalForm;
  return out;
}

Result<FuncType> Decoder::read_func_type(Reader& in) {
  constexpr uint8_t kFuncForm = 0x60;
  const uint32_t start = in.offset();
  const uint8_t form = TRY(in.byte("a type"));
  if (form & 0x80) {
    return make_error(ErrorKind::kInvalid,
                      "integer representation too long at offset {:#x}: a type's form is one byte",
                      start);
  }
  if (form != kFuncForm) {
    const std::string what =
        fmt::format("malformed type form {:#04x} at offset {:#x}", form, start);
    const bool is_group = form == 0x4e || form == 0x4f || form == 0x50;  // rec, sub final, sub
    if (is_group) return missing_feature(what, Feature::kFunctionReferences);
    const bool is_gc = form == 0x5e || form == 0x5f;  // array, struct
    if (is_gc) return missing_feature(what, Feature::kGc);
    return make_error(ErrorKind::kInvalid, "{}, expected 0x60", what);
  }
  FuncType out;
  out.params.resize(TRY(in.count("parameters", limits::kFunctionParams)));
  for (ValueType& type : out.params) type = TRY(in.value_type());
  out.results.resize(TRY(in.count("results", limits::kFunctionResults)));
  for (ValueType& type : out.results) type = TRY(in.value_type());
  return out;
}

}  // namespace wherry::wasm
