// wherry-compile MODULE.wasm -o OUT.wherry [--cpu LEVEL] [--profile dev|release|max]
//                [--enable FEATURE]... [--disable FEATURE]... [--threads N] [--dump-ir DIR]
//                [--timings]
//
// The compiler, as a program of its own: `wherry` starts it for each compilation, with limits,
// since LLVM meets hostile input here. It reads one file and writes one file, and is not meant to
// be typed.

#include <sys/resource.h>

#include <charconv>
#include <cstdio>
#include <cstring>

#include "base/files.h"
#include "cli/compiler_options.h"
#include "cli/exit_codes.h"
#include "compile/compile.h"
#include "wasm/limits.h"

namespace wherry::cli {
namespace {

constexpr char kUsage[] =
    "usage: wherry-compile MODULE.wasm -o OUT.wherry [--cpu v2|v3|v4]\n"
    "                      [--profile dev|release|max] [--enable FEATURE]...\n"
    "                      [--disable FEATURE]... [--threads N] [--dump-ir DIR] [--timings]\n"
    "The compiler that `wherry compile` starts.\n";

struct Arguments {
  std::string module, output;
  compile::CompileOptions options;
  bool timings = false;
};

Result<Arguments> parse(int argc, char** argv) {
  Arguments out;
  for (int i = 1; i < argc; i++) {
    std::string_view argument = argv[i];
    bool takes_value = argument == "-o" || argument == "--cpu" || argument == "--threads" ||
                       argument == "--dump-ir" || argument == "--profile" ||
                       argument == "--enable" || argument == "--disable";
    if (takes_value && i + 1 == argc) {
      return make_error(ErrorKind::kInvalid, "{} needs a value", argument);
    }
    if (argument == "-o") {
      out.output = argv[++i];
    } else if (argument == "--cpu") {
      auto level = parse_cpu_level(argv[++i]);
      if (!level) return make_error(ErrorKind::kInvalid, "no CPU level {}: v2, v3 or v4", argv[i]);
      out.options.cpu = *level;
    } else if (argument == "--profile") {
      out.options.profile = TRY(profile_of_flag(argv[++i]));
    } else if (argument == "--enable") {
      out.options.features = TRY(enabled(out.options.features, argv[++i]));
    } else if (argument == "--disable") {
      out.options.features = TRY(disabled(out.options.features, argv[++i]));
    } else if (argument == "--threads") {
      const char* text = argv[++i];
      const char* end = text + std::strlen(text);
      if (std::from_chars(text, end, out.options.threads).ptr != end) {
        return make_error(ErrorKind::kInvalid, "--threads {}: not a number", text);
      }
    } else if (argument == "--dump-ir") {
      out.options.dump_ir = argv[++i];
    } else if (argument == "--timings") {
      out.timings = true;
    } else if (out.module.empty() && !argument.starts_with('-')) {
      out.module = argument;
    } else {
      return make_error(ErrorKind::kInvalid, "unexpected argument {}", argument);
    }
  }
  if (out.module.empty() || out.output.empty()) {
    return make_error(ErrorKind::kInvalid, "a module and -o FILE are needed");
  }
  return out;
}

void print_line(const char* name, const compile::CompileStatistics::Phase& phase, double total_s) {
  fmt::print(stderr, "{:<9} {:8.3f} s {:8.3f} s {:5.1f}%\n", name, phase.cpu_s, phase.wall_s,
             100 * phase.cpu_s / total_s);
}

void print_timings(const compile::CompileStatistics& s) {
  compile::CompileStatistics::Phase total;
  for (const auto& phase : {s.validate, s.lines, s.plan, s.link, s.seal}) total += phase;
  for (const auto& phase : {s.translate, s.optimize, s.generate}) total.cpu_s += phase.cpu_s;
  total.wall_s += s.functions_wall_s;

  fmt::print(stderr, "phase          CPU       wall  share\n");
  print_line("validate", s.validate, total.cpu_s);
  print_line("lines", s.lines, total.cpu_s);
  print_line("plan", s.plan, total.cpu_s);
  print_line("translate", s.translate, total.cpu_s);
  print_line("optimize", s.optimize, total.cpu_s);
  print_line("generate", s.generate, total.cpu_s);
  print_line("link", s.link, total.cpu_s);
  print_line("seal", s.seal, total.cpu_s);
  print_line("total", total, total.cpu_s);
  fmt::print(stderr, "translate to generate: {:.3f} s on the wall, {} threads at once\n",
             s.functions_wall_s, s.threads);
  double kilobytes = static_cast<double>(s.module_bytes) / 1024;
  fmt::print(stderr, "{} functions in {} chunks, {:.0f} KB: {:.0f} KB/s per core\n", s.functions,
             s.chunks, kilobytes, kilobytes / total.cpu_s);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  fmt::print(stderr, "memory at its peak: {:.0f} MB\n",
             static_cast<double>(usage.ru_maxrss) / 1024);
  if (s.slowest.functions == 0) return;
  fmt::print(stderr, "slowest chunk: {:.3f} s for {} functions, the largest {}{} of {} bytes\n",
             s.slowest.seconds, s.slowest.functions, s.slowest.largest,
             s.slowest.largest_name.empty() ? "" : fmt::format(" ({})", s.slowest.largest_name),
             s.slowest.largest_bytes);
}

Status run(const Arguments& arguments) {
  ByteVector module = TRY(read_file(arguments.module, wasm::limits::kModuleSizeBytes));
  // Everything is written beside the output: nothing else may be, and nothing else is left behind.
  compile::CompileOptions options = arguments.options;
  size_t slash = arguments.output.rfind('/');
  TemporaryDirectory work = TRY(TemporaryDirectory::create(
      slash == std::string::npos ? "." : arguments.output.substr(0, slash + 1)));
  options.work_directory = work.path();
  compile::CompileStatistics statistics;
  ByteVector artifact =
      TRY(compile::compile(module, options, &statistics).context("{}", arguments.module));
  if (arguments.timings) {
    print_timings(statistics);
  }
  return write_file_atomically(arguments.output, artifact);
}

int report(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.message);
  if (!error.hint.empty()) fmt::print(stderr, "try: {}\n", error.hint);
  return exit_code_of(error.kind);
}

int main_program(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    fmt::print("{}", kUsage);
    return 0;
  }
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    fmt::print("{}\n", compile::producer());
    return 0;
  }
  Result<Arguments> arguments = parse(argc, argv);
  if (!arguments.ok()) {
    fmt::print(stderr, "error: {}\n{}", arguments.error().message, kUsage);
    return kExitInvalid;
  }
  Status done = run(*arguments);
  return done.ok() ? kExitOk : report(done.error());
}

}  // namespace
}  // namespace wherry::cli

int main(int argc, char** argv) { return wherry::cli::main_program(argc, argv); }
