// A reader for the part of DWARF's call frame information (version 4, section 6.4) that LLVM emits
// for x86-64 code without frame pointers. Everything is bounds-checked: on anything unexpected the
// walk ends early, which costs frames in a backtrace and nothing else.
#include "runtime/unwind.h"

#include <map>
#include <optional>

namespace wherry::runtime {
namespace {

// x86-64 psABI, figure 3.36.
enum Register : uint8_t { kRbx = 3, kRbp = 6, kRsp = 7, kReturnAddress = 16, kRegisters = 17 };

class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}
  bool at_end() const { return bad_ || position_ >= bytes_.size(); }
  bool is_bad() const { return bad_; }
  const uint8_t* pointer() const { return bytes_.data() + position_; }

  template <typename T>
  T read() {
    if (bytes_.size() - position_ < sizeof(T)) return fail<T>();
    T value = load_le<T>(bytes_.data() + position_);
    position_ += sizeof(T);
    return value;
  }
  uint64_t uleb() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto byte = read<uint8_t>();
      value |= uint64_t{byte & 0x7fu} << shift;
      if (!(byte & 0x80)) return value;
    }
    return fail<uint64_t>();
  }
  int64_t sleb() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto byte = read<uint8_t>();
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte & 0x80) continue;
      if ((byte & 0x40) && shift + 7 < 64) value |= ~uint64_t{0} << (shift + 7);
      return static_cast<int64_t>(value);
    }
    return fail<int64_t>();
  }
  Bytes take(uint64_t count) {
    if (count > bytes_.size() - position_) {
      fail<int>();
      return {};
    }
    Bytes out = bytes_.subspan(position_, count);
    position_ += count;
    return out;
  }

 private:
  template <typename T>
  T fail() {
    bad_ = true;
    position_ = bytes_.size();
    return T{};
  }
  Bytes bytes_;
  size_t position_ = 0;
  bool bad_ = false;
};

// Where the caller's registers are, relative to the canonical frame address.
struct Row {
  uint8_t cfa_register = kRsp;
  int64_t cfa_offset = 8;
  std::optional<int64_t> saved[kRegisters];
};

struct Fde {
  Bytes initial;  // the CIE's instructions
  Bytes program;  // the function's
  uint64_t start = 0;
  uint64_t code_alignment = 1;
  int64_t data_alignment = -8;
};

struct Cie {
  Bytes initial;
  uint64_t code_alignment = 1;
  int64_t data_alignment = -8;
};

std::optional<Cie> read_cie(Bytes body) {
  Cursor cursor(body);
  auto version = cursor.read<uint8_t>();
  if (cursor.read<uint8_t>() != 'z' || cursor.read<uint8_t>() != 'R' ||
      cursor.read<uint8_t>() != 0) {
    return std::nullopt;
  }
  Cie cie;
  cie.code_alignment = cursor.uleb();
  cie.data_alignment = cursor.sleb();
  uint64_t return_register = version == 1 ? cursor.read<uint8_t>() : cursor.uleb();
  Bytes augmentation = cursor.take(cursor.uleb());
  constexpr uint8_t kPcRelativeSigned4 = 0x1b;
  if (cursor.is_bad() || return_register != kReturnAddress || augmentation.empty() ||
      augmentation[0] != kPcRelativeSigned4) {
    return std::nullopt;
  }
  cie.initial = {cursor.pointer(),
                 static_cast<size_t>(body.data() + body.size() - cursor.pointer())};
  return cie;
}

// The frame description that covers `pc`, by a walk over the section: backtraces are rare.
std::optional<Fde> find_fde(Bytes section, uint64_t pc) {
  Cursor cursor(section);
  while (!cursor.at_end()) {
    auto length = cursor.read<uint32_t>();
    if (length == 0 || length == 0xffffffff) break;
    Bytes record = cursor.take(length);
    if (record.size() < 4) break;
    auto cie_distance = load_le<uint32_t>(record.data());
    if (cie_distance == 0) continue;  // a CIE itself
    uint64_t id_position = static_cast<uint64_t>(record.data() - section.data());
    if (cie_distance > id_position) break;
    uint64_t cie_position = id_position - cie_distance;
    auto cie_length = load_le<uint32_t>(section.data() + cie_position);
    if (cie_length < 4 || cie_length > section.size() - cie_position - 4) break;

    Cursor fde_cursor(record.subspan(4));
    auto field = reinterpret_cast<uint64_t>(fde_cursor.pointer());
    uint64_t start = field + static_cast<uint64_t>(int64_t{fde_cursor.read<int32_t>()});
    uint64_t size = fde_cursor.read<uint32_t>();
    if (fde_cursor.is_bad() || pc - start >= size) continue;
    std::optional<Cie> cie = read_cie(section.subspan(cie_position + 8, cie_length - 4));
    fde_cursor.take(fde_cursor.uleb());
    if (!cie || fde_cursor.is_bad()) break;
    return Fde{cie->initial,
               {fde_cursor.pointer(),
                static_cast<size_t>(record.data() + record.size() - fde_cursor.pointer())},
               start,
               cie->code_alignment,
               cie->data_alignment};
  }
  return std::nullopt;
}

// Runs a program up to the row for `pc`; false on instructions LLVM does not emit here.
bool run(Bytes program, const Fde& fde, uint64_t pc, Row& row) {
  Cursor cursor(program);
  uint64_t location = fde.start;
  const Row initial = row;
  std::vector<Row> remembered;
  while (!cursor.at_end()) {
    auto byte = cursor.read<uint8_t>();
    uint8_t low = byte & 0x3f;
    uint64_t advance = 0;
    switch (byte >> 6) {
      case 1: advance = low; break;
      case 2:
        if (low >= kRegisters) return false;
        row.saved[low] = static_cast<int64_t>(cursor.uleb()) * fde.data_alignment;
        continue;
      case 3:
        if (low >= kRegisters) return false;
        row.saved[low] = initial.saved[low];
        continue;
      default:
        switch (low) {
          case 0x00: continue;                                  // DW_CFA_nop
          case 0x02: advance = cursor.read<uint8_t>(); break;   // DW_CFA_advance_loc1
          case 0x03: advance = cursor.read<uint16_t>(); break;  // DW_CFA_advance_loc2
          case 0x04: advance = cursor.read<uint32_t>(); break;  // DW_CFA_advance_loc4
          case 0x0a: remembered.push_back(row); continue;       // DW_CFA_remember_state
          case 0x0b:                                            // DW_CFA_restore_state
            if (remembered.empty()) return false;
            row = remembered.back();
            remembered.pop_back();
            continue;
          case 0x0c:  // DW_CFA_def_cfa
            row.cfa_register = static_cast<uint8_t>(cursor.uleb());
            row.cfa_offset = static_cast<int64_t>(cursor.uleb());
            continue;
          case 0x0d: row.cfa_register = static_cast<uint8_t>(cursor.uleb()); continue;
          case 0x0e: row.cfa_offset = static_cast<int64_t>(cursor.uleb()); continue;
          case 0x2e: cursor.uleb(); continue;  // DW_CFA_GNU_args_size
          default: return false;
        }
    }
    location += advance * fde.code_alignment;
    if (location > pc) return true;
  }
  return !cursor.is_bad();
}

std::optional<uint64_t> read_stack(const StoreState& store, uint64_t address) {
  if (!store.guest_stack->contains(address) || !store.guest_stack->contains(address + 7)) {
    return std::nullopt;
  }
  return load_le<uint64_t>(reinterpret_cast<const void*>(address));
}

// The caller's registers, or nothing where the walk ends.
std::optional<StopPoint> caller_of(const StoreState& store, const artifact::Artifact& artifact,
                                   const StopPoint& at, uint64_t lookup_pc) {
  std::optional<Fde> fde = find_fde(artifact.eh_frame(), lookup_pc);
  if (!fde) return std::nullopt;
  Row row;
  if (!run(fde->initial, *fde, UINT64_MAX, row)) return std::nullopt;
  if (!run(fde->program, *fde, lookup_pc, row)) return std::nullopt;
  uint64_t base = row.cfa_register == kRsp   ? at.sp
                  : row.cfa_register == kRbp ? at.bp
                  : row.cfa_register == kRbx ? at.bx
                                             : 0;
  if (base == 0) return std::nullopt;
  uint64_t cfa = base + static_cast<uint64_t>(row.cfa_offset);
  StopPoint caller = at;
  caller.sp = cfa;
  auto restore = [&](Register reg, uint64_t& value) {
    if (!row.saved[reg]) return true;
    auto saved = read_stack(store, cfa + static_cast<uint64_t>(*row.saved[reg]));
    if (saved) value = *saved;
    return saved.has_value();
  };
  caller.pc = 0;
  if (!restore(kRbp, caller.bp) || !restore(kRbx, caller.bx) ||
      !restore(kReturnAddress, caller.pc)) {
    return std::nullopt;
  }
  return caller;
}

}  // namespace

std::vector<Frame> walk_stack(const StoreState& store, uint32_t& omitted) {
  std::vector<Frame> frames;
  omitted = 0;
  StopPoint at = store.stack.stop;
  bool is_innermost = true;
  while (const artifact::Artifact* artifact = store.code_at(at.pc)) {
    // A return address may already belong to the next function or row: look at the call itself.
    uint64_t lookup_pc = is_innermost ? at.pc : at.pc - 1;
    auto place = artifact->find_code(reinterpret_cast<const uint8_t*>(lookup_pc));
    if (place.function != artifact::kNone) {
      if (frames.size() < kMaxFrames) {
        frames.push_back({place.function, artifact->function_name(place.function), place.offset});
      } else {
        omitted++;
      }
    }
    std::optional<StopPoint> caller = caller_of(store, *artifact, at, lookup_pc);
    if (!caller || caller->sp <= at.sp) break;
    at = *caller;
    is_innermost = false;
  }
  return frames;
}

}  // namespace wherry::runtime
