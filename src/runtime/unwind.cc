// A reader for the part of DWARF's call frame information (version 4, section 6.4) and of the
// tables of landing pads (Itanium C++ ABI: Exception Handling, "LSDA") that LLVM emits for x86-64.
// All is bounds-checked: on anything unexpected the walk ends, which costs frames in a backtrace,
// or leaves an exception uncaught.
#include "runtime/unwind.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/byte_cursor.h"

namespace wherry::runtime {
namespace {

// x86-64 psABI, figure 3.36.
enum Register : uint8_t {
  kRbx = 3,
  kRbp = 6,
  kRsp = 7,
  kR12 = 12,
  kR13 = 13,
  kR14 = 14,
  kR15 = 15,
  kReturnAddress = 16,
  kRegisters = 17
};

// The pointer encodings of the LSB core specification, chapter 10.5, that occur here.
constexpr uint8_t kOmitted = 0xff, kUleb = 0x01, kPcRelativeSigned4 = 0x1b,
                  kIndirectPcRelativeSigned4 = 0x9b, kDataRelativeSigned4 = 0x3b, kUnsigned4 = 0x03;

// Where the caller's registers are, relative to the canonical frame address.
struct Row {
  uint8_t cfa_register = kRsp;
  int64_t cfa_offset = 8;
  std::optional<int64_t> saved[kRegisters];
  uint64_t pushed_bytes = 0;  // arguments on the stack at this call (DW_CFA_GNU_args_size)
};

struct Cie {
  Bytes initial;  // instructions
  uint64_t code_alignment = 1;
  int64_t data_alignment = -8;
  bool has_landing_pads = false;  // descriptions that use it name a table of landing pads
};

struct Fde {
  Cie cie;
  Bytes program;  // instructions
  uint64_t start = 0;
  const uint8_t* landing_pads = nullptr;  // the table, if there is one
};

// What is left of a record behind the cursor.
Bytes rest_of(Bytes record, const ByteCursor& cursor) {
  return {cursor.pointer(), static_cast<size_t>(record.data() + record.size() - cursor.pointer())};
}

std::optional<Cie> read_cie(Bytes body) {
  ByteCursor cursor(body);
  auto version = cursor.read<uint8_t>();
  std::string augmentation;
  while (char letter = static_cast<char>(cursor.read<uint8_t>())) augmentation += letter;
  Cie cie;
  cie.code_alignment = cursor.uleb();
  cie.data_alignment = cursor.sleb();
  uint64_t return_register = version == 1 ? cursor.read<uint8_t>() : cursor.uleb();
  if (cursor.is_bad() || return_register != kReturnAddress || !augmentation.starts_with('z')) {
    return std::nullopt;
  }
  ByteCursor data(cursor.take(cursor.uleb()));
  for (char letter : augmentation.substr(1)) {
    auto encoding = data.read<uint8_t>();
    switch (letter) {
      case 'R':
        if (encoding != kPcRelativeSigned4) return std::nullopt;
        break;
      case 'P':  // the personality, which is ours whatever it says
        if (encoding != kIndirectPcRelativeSigned4) return std::nullopt;
        data.read<int32_t>();
        break;
      case 'L':
        if (encoding != kPcRelativeSigned4) return std::nullopt;
        cie.has_landing_pads = true;
        break;
      default: return std::nullopt;
    }
  }
  if (cursor.is_bad() || data.is_bad()) return std::nullopt;
  cie.initial = rest_of(body, cursor);
  return cie;
}

// The body of the record at `at` in the section, behind its length; empty where there is none.
Bytes record_at(Bytes section, uint64_t at) {
  if (at > section.size() || section.size() - at < 4) return {};
  auto length = load_le<uint32_t>(section.data() + at);
  if (length < 4 || length > section.size() - at - 4) return {};
  return section.subspan(at + 4, length);
}

std::optional<Fde> read_fde(Bytes section, uint64_t at, uint64_t pc) {
  Bytes record = record_at(section, at);
  if (record.empty()) return std::nullopt;
  auto cie_distance = load_le<uint32_t>(record.data());
  if (cie_distance == 0 || cie_distance > at + 4) return std::nullopt;
  Bytes cie_record = record_at(section, at + 4 - cie_distance);
  if (cie_record.empty()) return std::nullopt;
  std::optional<Cie> cie = read_cie(cie_record.subspan(4));
  if (!cie) return std::nullopt;

  Bytes body = record.subspan(4);
  ByteCursor cursor(body);
  auto here = [](const ByteCursor& c) { return reinterpret_cast<uint64_t>(c.pointer()); };
  auto read_relative = [&here](ByteCursor& c) -> uint64_t {
    uint64_t field = here(c);
    auto distance = c.read<int32_t>();
    return distance == 0 ? 0 : field + static_cast<uint64_t>(int64_t{distance});
  };
  Fde fde{*cie, {}, read_relative(cursor), nullptr};
  uint64_t size = cursor.read<uint32_t>();
  ByteCursor augmentation(cursor.take(cursor.uleb()));
  if (cursor.is_bad() || pc - fde.start >= size) return std::nullopt;
  if (cie->has_landing_pads) {
    fde.landing_pads = reinterpret_cast<const uint8_t*>(read_relative(augmentation));
    if (augmentation.is_bad()) return std::nullopt;
  }
  fde.program = rest_of(body, cursor);
  return fde;
}

// The frame description that covers `pc`, by the linker's binary search table: pairs of where a
// function starts and where its description lies, both relative to the table, sorted.
std::optional<Fde> find_fde(const artifact::Artifact& artifact, uint64_t pc) {
  Bytes index = artifact.eh_index();
  constexpr size_t kHead = 12, kPair = 8;
  if (index.size() < kHead || index[0] != 1 || index[2] != kUnsigned4 ||
      index[3] != kDataRelativeSigned4) {
    return std::nullopt;
  }
  const auto base = reinterpret_cast<uint64_t>(index.data());
  const size_t count =
      std::min<size_t>(load_le<uint32_t>(index.data() + 8), (index.size() - kHead) / kPair);
  auto number = [&](size_t i, size_t field) {
    return base + static_cast<uint64_t>(
                      int64_t{load_le<int32_t>(index.data() + kHead + i * kPair + field)});
  };
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (number(middle, 0) <= pc) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return std::nullopt;
  Bytes section = artifact.eh_frame();
  return read_fde(section, number(low - 1, 4) - reinterpret_cast<uint64_t>(section.data()), pc);
}

// Runs a program up to the row for `pc`; false on instructions LLVM does not emit here.
bool run(Bytes program, const Fde& fde, uint64_t pc, Row& row) {
  ByteCursor cursor(program);
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
        row.saved[low] = static_cast<int64_t>(cursor.uleb()) * fde.cie.data_alignment;
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
          case 0x2e: row.pushed_bytes = cursor.uleb(); continue;  // DW_CFA_GNU_args_size
          default: return false;
        }
    }
    location += advance * fde.cie.code_alignment;
    if (location > pc) return true;
  }
  return !cursor.is_bad();
}

std::optional<uint64_t> read_stack(const StoreState& store, uint64_t address) {
  if (!store.guest_stack.contains(address) || !store.guest_stack.contains(address + 7)) {
    return std::nullopt;
  }
  return load_le<uint64_t>(reinterpret_cast<const void*>(address));
}

// A frame that is being looked at: its registers, and what is known about its function at its pc.
struct LookedUp {
  Fde fde;
  Row row;
};

std::optional<LookedUp> look_up(const artifact::Artifact& artifact, uint64_t pc) {
  std::optional<Fde> fde = find_fde(artifact, pc);
  if (!fde) return std::nullopt;
  Row row;
  if (!run(fde->cie.initial, *fde, UINT64_MAX, row)) return std::nullopt;
  if (!run(fde->program, *fde, pc, row)) return std::nullopt;
  return LookedUp{*fde, row};
}

// The caller's registers, or nothing where the walk ends.
std::optional<StopPoint> caller_of(const StoreState& store, const Row& row, const StopPoint& at) {
  uint64_t base = row.cfa_register == kRsp   ? at.sp
                  : row.cfa_register == kRbp ? at.bp
                  : row.cfa_register == kRbx ? at.bx
                                             : 0;
  if (base == 0) return std::nullopt;
  uint64_t cfa = base + static_cast<uint64_t>(row.cfa_offset);
  StopPoint caller = at;
  caller.sp = cfa;
  caller.pc = 0;
  const std::pair<Register, uint64_t*> registers[] = {
      {kRbx, &caller.bx},  {kRbp, &caller.bp},  {kR12, &caller.r12},         {kR13, &caller.r13},
      {kR14, &caller.r14}, {kR15, &caller.r15}, {kReturnAddress, &caller.pc}};
  for (auto [number, value] : registers) {
    if (!row.saved[number]) continue;
    auto saved = read_stack(store, cfa + static_cast<uint64_t>(*row.saved[number]));
    if (!saved) return std::nullopt;
    *value = *saved;
  }
  return caller;
}

// Where an exception of the call at `pc` arrives, or 0. The table has an entry for each range of
// calls that may throw: start, length, landing pad, action, all from the function's start on.
uint64_t landing_pad_of(const artifact::Artifact& artifact, const Fde& fde, uint64_t pc) {
  const auto file = reinterpret_cast<uint64_t>(artifact.base());
  const auto table = reinterpret_cast<uint64_t>(fde.landing_pads);
  if (table - file >= artifact.header().file_bytes) return 0;
  ByteCursor cursor({fde.landing_pads, artifact.header().file_bytes - (table - file)});
  if (cursor.read<uint8_t>() != kOmitted) return 0;       // pads are relative to the function
  if (cursor.read<uint8_t>() != kOmitted) cursor.uleb();  // of types, which we do not look at
  if (cursor.read<uint8_t>() != kUleb) return 0;
  ByteCursor calls(cursor.take(cursor.uleb()));
  const uint64_t offset = pc - fde.start;
  while (!calls.at_end()) {
    const uint64_t start = calls.uleb(), length = calls.uleb(), pad = calls.uleb();
    calls.uleb();
    if (calls.is_bad() || start > offset) return 0;  // they are sorted
    if (offset - start < length) return pad == 0 ? 0 : fde.start + pad;
  }
  return 0;
}

// The frame of a function, and before it those that were inlined at this place.
void add_frames(std::vector<Frame>& frames, const artifact::Artifact& artifact, uint64_t pc,
                artifact::Artifact::CodePlace place) {
  const auto inlined = artifact.source_frames(reinterpret_cast<const uint8_t*>(pc), place.function);
  for (size_t i = 0; i < inlined.size(); i++) {
    const artifact::SourceFrame& source = inlined[i];
    Frame frame;
    frame.function = source.function;
    frame.name = source.is_own && source.name.empty() ? artifact.function_name(source.function)
                                                      : std::string(source.name);
    frame.code_offset = place.offset;
    frame.is_inlined = i + 1 < inlined.size();
    frame.file = source.file;
    frame.line = source.line;
    frame.column = source.column;
    frames.push_back(std::move(frame));
  }
  if (inlined.empty()) {
    frames.push_back({place.function, artifact.function_name(place.function), place.offset});
  }
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
        add_frames(frames, *artifact, lookup_pc, place);
      } else {
        omitted++;
      }
    }
    std::optional<LookedUp> found = look_up(*artifact, lookup_pc);
    if (!found) break;
    std::optional<StopPoint> caller = caller_of(store, found->row, at);
    if (!caller || caller->sp <= at.sp) break;
    at = *caller;
    is_innermost = false;
  }
  return frames;
}

std::optional<StopPoint> find_landing(const StoreState& store, StopPoint at) {
  while (const artifact::Artifact* artifact = store.code_at(at.pc)) {
    const uint64_t call_pc = at.pc - 1;
    std::optional<LookedUp> found = look_up(*artifact, call_pc);
    if (!found) return std::nullopt;
    if (found->fde.landing_pads) {
      if (uint64_t pad = landing_pad_of(*artifact, found->fde, call_pc)) {
        at.pc = pad;
        at.sp += found->row.pushed_bytes;
        return at;
      }
    }
    std::optional<StopPoint> caller = caller_of(store, found->row, at);
    if (!caller || caller->sp <= at.sp) return std::nullopt;
    at = *caller;
  }
  return std::nullopt;
}

}  // namespace wherry::runtime
