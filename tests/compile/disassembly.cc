// wherry_disassembly [--update] FILE…: holds the machine code of single instructions against what a
// file says it is.
//
// A file has an introduction, then for each case a line `# INSTRUCTION LEVEL [PROFILE]` and the
// disassembly of a function that applies the instruction to its parameters: vectors in xmm0, xmm1,
// xmm2, integers in edi, esi and so on, the anchor in r13. Constants stand in braces. `--update`
// rewrites the file with what the compiler makes now.
#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <vector>

#include "base/files.h"
#include "compile/compile.h"
#include "modules.h"

namespace wherry::test {
namespace {

Result<std::string> output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) return make_error(ErrorKind::kIo, "cannot start {}", command);
  std::string output;
  char buffer[4096];
  while (size_t got = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, got);
  int status = ::pclose(pipe);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return make_error(ErrorKind::kNotFound, "failed: {} (Debian's package llvm-22)", command);
  }
  return output;
}

// How many bytes of memory an instruction reads.
size_t operand_bytes(std::string_view line) {
  auto has = [line](std::string_view word) { return line.find(word) != line.npos; };
  if (has("{1to4}") || has("broadcastss") || has("broadcastd") || has("movss")) return 4;
  if (has("{1to2}") || has("broadcastsd") || has("broadcastq") || has("movddup")) return 8;
  if (has("broadcastb")) return 1;
  if (has("broadcastw")) return 2;
  return 16;
}

// `0x12(%rip)` becomes the constant that lies there, in hexadecimal, shortened if it repeats
// itself; objdump's own comments go.
std::string normalized(std::string_view line, Bytes artifact) {
  std::string text(line.substr(0, line.find('#')));
  text.erase(text.find_last_not_of(" \t") + 1);
  std::replace(text.begin(), text.end(), '\t', ' ');
  // Where a callee lies is not what is tested.
  if (text.starts_with("callq 0x")) text.erase(6, text.find(' ', 6) - 5);
  size_t relative = text.find("(%rip)");
  size_t comment = line.rfind("# 0x");
  if (comment == line.npos || relative == text.npos) return text;
  uint64_t address = 0;
  std::from_chars(line.data() + comment + 4, line.data() + line.size(), address, 16);
  // In an artifact, addresses are offsets into the file.
  size_t size = operand_bytes(line);
  std::string digits;
  for (size_t i = size; i > 0; i--) digits += fmt::format("{:02x}", artifact[address + i - 1]);
  size_t unit = 2;
  while (digits.compare(0, digits.size() - unit, digits, unit) != 0) unit *= 2;
  std::string constant = digits.substr(0, unit);
  if (unit < digits.size()) constant = fmt::format("{} x {}", digits.size() / unit, constant);
  size_t start = text.find_last_of(" ,", relative) + 1;
  return text.substr(0, start) + "{" + constant + "}" + text.substr(relative + 6);
}

Result<std::string> disassembly(const std::string& instruction, const std::string& level_name,
                                const std::string& profile_name) {
  ByteVector module = instruction_module(instruction);
  auto level = parse_cpu_level(level_name);
  auto profile = contract::parse_profile(profile_name);
  if (module.empty() || !level || !profile) {
    return make_error(ErrorKind::kInvalid, "no case: {} {} {}", instruction, level_name,
                      profile_name);
  }
  ByteVector artifact =
      TRY(compile::compile(module, {.cpu = *level, .profile = *profile, .threads = 1}));
  TemporaryDirectory directory = TRY(TemporaryDirectory::create());
  std::string path = directory.path() + "/module.wherry";
  TRY(write_file_atomically(path, artifact));
  std::string output = TRY(output_of(WHERRY_OBJDUMP " --disassemble-symbols=f0 --no-show-raw-insn "
                                                    "--no-leading-addr " +
                                     path));
  std::istringstream lines(output);
  std::vector<std::string> instructions;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    size_t start = line.find_first_not_of(" \t");
    if (line.find("<f0>:") != line.npos) {
      inside = true;
    } else if (inside && start != line.npos && line[start] == '#') {
      instructions.back() += line.substr(start);  // objdump breaks before a long line's comment
    } else if (inside && start != line.npos && line.compare(start, 4, "int3") != 0) {
      instructions.push_back(line.substr(start));
    }
  }
  std::string result;
  for (const std::string& line : instructions) result += "  " + normalized(line, artifact) + "\n";
  return result;
}

Result<bool> check(const std::string& path, bool update) {
  std::string expected(as_text(TRY(read_file(path, 1 << 20))));
  std::istringstream lines(expected);
  std::string actual;
  bool in_case = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) {
      in_case = true;
      std::istringstream words(line.substr(2));
      std::string instruction, level, profile;
      words >> instruction >> level >> profile;
      if (profile.empty()) profile = "release";
      actual += line + "\n" + TRY(disassembly(instruction, level, profile));
    } else if (!in_case) {
      actual += line + "\n";
    }
  }
  if (update) {
    TRY(write_file_atomically(path, as_bytes(actual)));
    return true;
  }
  if (actual == expected) return true;
  fmt::print("{}: the machine code differs. Expected:\n{}got:\n{}", path, expected, actual);
  return false;
}

}  // namespace
}  // namespace wherry::test

int main(int argc, char** argv) {
  bool update = argc > 1 && std::strcmp(argv[1], "--update") == 0;
  bool all_equal = true;
  for (int i = update ? 2 : 1; i < argc; i++) {
    auto equal = wherry::test::check(argv[i], update);
    if (!equal.ok()) {
      fmt::print(stderr, "error: {}: {}\n", argv[i], equal.error().message);
      return 2;
    }
    all_equal = all_equal && *equal;
  }
  return all_equal ? 0 : 1;
}
