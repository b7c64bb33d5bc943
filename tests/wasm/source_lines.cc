// wherry_source_lines print MODULE.wasm: what its DWARF says of every instruction, for
// source_lines.py to compare. A line each: the offset within the code section, then, innermost
// first, name, file, line and column of each frame, separated by tabs.
//
// wherry_source_lines mutations MODULE.wasm COUNT: damages the DWARF in as many ways and reads it.
#include <fmt/core.h>

#include <cstring>
#include <random>

#include "base/check.h"
#include "base/files.h"
#include "wasm/decode.h"
#include "wasm/limits.h"
#include "wasm/source_lines.h"

namespace wherry::wasm {
namespace {

std::string_view string_of(const SourceLines& lines, uint32_t index) {
  return index == SourcePlace::kNone ? std::string_view() : lines.strings[index];
}

Status print_all(const Module& module) {
  const SourceLines lines = read_source_lines(module);
  for (const Function& function : module.functions) {
    if (function.imported) continue;
    InstructionReader reader = module.body_reader(function);
    while (!reader.at_end()) {
      const Instruction in = TRY(reader.next());
      std::string text = fmt::format("{:#x}", in.offset - module.code_section_offset);
      const size_t run = lines.find(in.offset);
      uint32_t at = run < lines.runs.size() ? lines.runs[run].place : SourcePlace::kNone;
      while (at != SourcePlace::kNone) {
        const SourcePlace& place = lines.places[at];
        text += fmt::format("\t{}\t{}\t{}\t{}", string_of(lines, place.function),
                            string_of(lines, place.file), place.line, place.column);
        at = place.caller;
      }
      fmt::print("{}\n", text);
    }
  }
  return ok_status();
}

// Everything that a reader of the lines may take for granted.
void check(const SourceLines& lines) {
  for (size_t i = 0; i < lines.runs.size(); i++) {
    const SourceLines::Run& run = lines.runs[i];
    WHERRY_CHECK(i == 0 || lines.runs[i - 1].offset <= run.offset, i);
    WHERRY_CHECK(run.place == SourcePlace::kNone || run.place < lines.places.size(), i);
  }
  for (size_t i = 0; i < lines.places.size(); i++) {
    const SourcePlace& place = lines.places[i];
    WHERRY_CHECK(place.caller == SourcePlace::kNone || place.caller < i, i);
    for (uint32_t string : {place.function, place.file}) {
      WHERRY_CHECK(string == SourcePlace::kNone || string < lines.strings.size(), i);
    }
  }
  for (const std::string& text : lines.strings) WHERRY_CHECK(is_utf8(as_bytes(text)), text);
}

void damage_one(Module module, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<CustomSection*> debug;
  for (CustomSection& custom : module.customs) {
    if (custom.name.starts_with(".debug_") && !custom.bytes.empty()) debug.push_back(&custom);
  }
  CustomSection& victim = *debug[random() % debug.size()];
  // Its size to the byte, so that a sanitizer sees what lies beyond.
  ByteVector bytes(victim.bytes.begin(), victim.bytes.end());
  if (random() % 4 == 0) bytes.resize(random() % bytes.size());
  for (uint64_t flips = random() % 10; flips > 0 && !bytes.empty(); flips--) {
    bytes[random() % bytes.size()] ^= static_cast<uint8_t>(1 << random() % 8);
  }
  bytes.shrink_to_fit();
  victim.bytes = bytes;
  check(read_source_lines(module));
}

Status run(int argc, char** argv) {
  if (argc < 3) return make_error(ErrorKind::kInvalid, "see the source for usage");
  const ByteVector bytes = TRY(read_file(argv[2], limits::kModuleSizeBytes));
  const Module module = TRY(decode(bytes, Features::all()));
  if (std::strcmp(argv[1], "print") == 0) return print_all(module);
  const uint64_t count = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  for (uint64_t seed = 0; seed < count; seed++) damage_one(module, seed);
  return ok_status();
}

}  // namespace
}  // namespace wherry::wasm

int main(int argc, char** argv) {
  const wherry::Status done = wherry::wasm::run(argc, argv);
  if (!done.ok()) fmt::print(stderr, "{}\n", done.error().message);
  return done.ok() ? 0 : 1;
}
