#include "compile/compile.h"

#include <llvm/Config/llvm-config.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <numeric>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/files.h"
#include "base/sha256.h"
#include "compile/bounded_passes.h"
#include "compile/code_generator.h"
#include "compile/line_recorder.h"
#include "compile/linker.h"
#include "compile/module_builder.h"
#include "compile/plan.h"
#include "wasm/decode.h"
#include "wasm/names.h"
#include "wasm/validate.h"

extern "C" {
// guest_support.o, put into this program by guest_support.S.
extern const unsigned char wherry_guest_support_begin[];
extern const unsigned char wherry_guest_support_end[];
}

namespace wherry::compile {
namespace {

using Phase = CompileStatistics::Phase;

// From where it is made to where it ends. CPU time is this thread's own, so that it does not matter
// what else the machine does.
class Timer {
 public:
  explicit Timer(Phase& phase) : phase_(phase) {}
  ~Timer() {
    phase_.cpu_s += seconds(clock_.thread_cpu_ns() - cpu_ns_);
    phase_.wall_s += seconds(clock_.monotonic_ns() - wall_ns_);
  }
  Timer(const Timer&) = delete;

 private:
  static double seconds(uint64_t ns) { return static_cast<double>(ns) / 1e9; }

  Phase& phase_;
  SystemClock clock_;
  const uint64_t cpu_ns_ = clock_.thread_cpu_ns();
  const uint64_t wall_ns_ = clock_.monotonic_ns();
};

// Of all chunks; guest_support.o as the last.
struct Objects {
  std::vector<ByteVector> files;
  std::vector<RecordedLines> lines;
};

struct ChunkResult {
  Status status = ok_status();
  ByteVector object;
  RecordedLines lines;
  Phase translate, optimize, generate;

  double seconds() const { return translate.cpu_s + optimize.cpu_s + generate.cpu_s; }
};

// Small callees of other chunks come along for the inliner; their code is emitted by their own
// chunk.
Status import_small_callees(ModuleBuilder& m, const Plan& plan) {
  std::vector<wasm::FuncIndex> wanted;
  for (const llvm::Function& function : *m.module) {
    if (!function.isDeclaration() || function.isIntrinsic()) continue;
    llvm::StringRef number = function.getName();
    wasm::FuncIndex index = 0;
    if (!number.consume_front(artifact::kFunctionPrefix) || number.getAsInteger(10, index))
      continue;
    if (plan.module->functions[index].body.size() <= kImportedBodyBytes) wanted.push_back(index);
  }
  for (wasm::FuncIndex index : wanted) {
    TRY(translate_function(m, index));
    m.function(index)->setLinkage(llvm::GlobalValue::AvailableExternallyLinkage);
  }
  return ok_status();
}

Status dump(const ModuleBuilder& m, const CompileOptions& options, size_t chunk,
            std::string_view stage) {
  if (options.dump_ir.empty()) return ok_status();
  std::string text;
  llvm::raw_string_ostream stream(text);
  m.module->print(stream, nullptr);
  return write_file_atomically(fmt::format("{}/chunk{}.{}.ll", options.dump_ir, chunk, stage),
                               as_bytes(text));
}

// Fills `m`, then makes it machine code.
template <typename Build>
Status compile_chunk(const Plan& plan, const CompileOptions& options, size_t number, Effort effort,
                     ChunkResult& out, Build build) {
  auto generator = TRY(CodeGenerator::create(options.cpu, effort));
  llvm::LLVMContext context;
  ModuleBuilder m(plan, options.cpu, context, fmt::format("chunk{}", number));
  generator->prepare(*m.module);
  {
    Timer timer(out.translate);
    TRY(build(m));
  }
  TRY(dump(m, options, number, "before"));
  {
    Timer timer(out.optimize);
    TRY(generator->optimize(*m.module, plan.addresses_do_not_wrap));
  }
  TRY(dump(m, options, number, "after"));
  Timer timer(out.generate);
  out.object = TRY(generator->generate(*m.module, m.locations ? &out.lines : nullptr));
  return ok_status();
}

// LLVM may leave out a load whose value nobody needs, and move those that stay: a trap comes late
// or not at all. The dev profile optimizes nothing, so that in it every access may as well be
// exact.
void make_accesses_exact(ModuleBuilder& m) {
  for (llvm::Function& function : *m.module) {
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      if (instruction.getMetadata(llvm::LLVMContext::MD_tbaa) != m.memory_tbaa) continue;
      if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) load->setVolatile(true);
      if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) store->setVolatile(true);
    }
  }
}

Effort effort_for(const Chunk& chunk, Profile profile) {
  return profile == Profile::kDev ? Effort::kNone : chunk.effort;
}

Status build_functions(ModuleBuilder& m, const Plan& plan, const Chunk& chunk, Profile profile) {
  for (wasm::FuncIndex index : chunk.functions) {
    TRY(translate_function(m, index).context("function {}", index));
    llvm::Function* function = m.function(index);
    if (plan.is_internal[index]) {
      function->setVisibility(llvm::GlobalValue::DefaultVisibility);
      function->setLinkage(llvm::GlobalValue::InternalLinkage);
    }
  }
  Effort effort = effort_for(chunk, profile);
  if (effort == Effort::kFull) return import_small_callees(m, plan);
  if (profile == Profile::kDev) make_accesses_exact(m);
  if (effort == Effort::kNone) cut_long_blocks(*m.module);
  return ok_status();
}

CompileStatistics::Chunk slowest_of(const Plan& plan, const std::vector<ChunkResult>& results) {
  CompileStatistics::Chunk slowest;
  for (size_t i = 0; i < plan.chunks.size(); i++) {
    if (results[i].seconds() < slowest.seconds) continue;
    const std::vector<wasm::FuncIndex>& functions = plan.chunks[i].functions;
    auto bytes = [&plan](wasm::FuncIndex f) { return plan.module->functions[f].body.size(); };
    slowest.seconds = results[i].seconds();
    slowest.functions = functions.size();
    slowest.largest = *std::max_element(functions.begin(), functions.end(),
                                        [&](auto a, auto b) { return bytes(a) < bytes(b); });
    slowest.largest_bytes = bytes(slowest.largest);
  }
  wasm::Names names = wasm::read_names(*plan.module);
  if (slowest.largest < names.functions.size()) {
    slowest.largest_name = names.functions[slowest.largest];
  }
  return slowest;
}

// What takes longest first: started last, it would keep one thread busy while the others are done.
std::vector<size_t> in_order_of_work(const Plan& plan) {
  std::vector<size_t> order(plan.chunks.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&plan](size_t a, size_t b) {
    return plan.chunks[a].body_bytes > plan.chunks[b].body_bytes;
  });
  order.push_back(plan.chunks.size());  // the glue
  return order;
}

// All chunks, and the glue as the last, on as many threads as asked for. Results lie in the order
// of the chunks, so the output does not depend on the threads.
Result<Objects> compile_chunks(const Plan& plan, const artifact::Contents& contents, Bytes meta,
                               const CompileOptions& options, CompileStatistics& statistics) {
  std::vector<ChunkResult> results(plan.chunks.size() + 1);
  const std::vector<size_t> order = in_order_of_work(plan);
  std::atomic<size_t> next = 0;
  auto work = [&results, &order, &next, &plan, &contents, meta, &options] {
    for (size_t turn; (turn = next.fetch_add(1)) < order.size();) {
      size_t i = order[turn];
      bool is_glue = i == plan.chunks.size();
      Effort effort = effort_for(is_glue ? Chunk() : plan.chunks[i], options.profile);
      results[i].status =
          compile_chunk(plan, options, i, effort, results[i], [&](ModuleBuilder& m) -> Status {
            if (!is_glue) return build_functions(m, plan, plan.chunks[i], options.profile);
            build_glue(m, contents, meta);
            return ok_status();
          });
    }
  };
  size_t threads = options.threads ? options.threads : std::thread::hardware_concurrency();
  threads = std::max<size_t>(1, std::min(threads, results.size()));
  statistics.threads = threads;
  std::vector<std::thread> others;
  for (size_t i = 1; i < threads; i++) others.emplace_back(work);
  work();
  for (std::thread& thread : others) thread.join();

  statistics.slowest = slowest_of(plan, results);
  Objects objects;
  for (ChunkResult& result : results) {
    TRY(std::move(result.status));
    statistics.translate += result.translate;
    statistics.optimize += result.optimize;
    statistics.generate += result.generate;
    objects.files.push_back(std::move(result.object));
    objects.lines.push_back(std::move(result.lines));
  }
  objects.files.emplace_back(wherry_guest_support_begin, wherry_guest_support_end);
  return objects;
}

}  // namespace

std::string producer() { return "wherry " WHERRY_VERSION ", LLVM " LLVM_VERSION_STRING; }

Result<ByteVector> compile(Bytes bytes, const CompileOptions& options,
                           CompileStatistics* statistics_out) {
  CompileStatistics statistics;
  std::optional<Timer> timer;
  timer.emplace(statistics.validate);
  wasm::Module module = TRY(wasm::decode(bytes, options.features));
  TRY(wasm::validate(module));

  timer.emplace(statistics.plan);
  Plan plan = TRY(make_plan(module, options.profile));
  timer.emplace(statistics.lines);
  plan.lines = wasm::read_source_lines(module);
  timer.emplace(statistics.plan);
  artifact::Contents contents = TRY(make_contents(plan));
  artifact::Header& header = contents.header;
  header.cpu_level = static_cast<uint64_t>(options.cpu);
  Sha256Digest digest = sha256(bytes);
  std::copy(digest.begin(), digest.end(), header.module_sha256);
  std::strncpy(header.producer, producer().c_str(), sizeof(header.producer) - 1);
  ByteVector meta = artifact::encode_meta(contents);

  Phase functions;
  timer.emplace(functions);
  const Objects objects = TRY(compile_chunks(plan, contents, meta, options, statistics));
  statistics.module_bytes = bytes.size();
  statistics.functions = module.functions.size() - module.imported_functions;
  statistics.chunks = plan.chunks.size();

  timer.emplace(statistics.link);
  statistics.functions_wall_s = functions.wall_s;
  std::optional<TemporaryDirectory> temporary;
  std::string directory = options.work_directory;
  if (directory.empty()) {
    temporary.emplace(TRY(TemporaryDirectory::create()));
    directory = temporary->path();
  }
  ByteVector file = TRY(link(objects.files, directory));
  timer.emplace(statistics.lines);
  ByteVector line_table;
  if (Bytes lines = artifact::section_of(file, artifact::kLinesSection); !lines.empty()) {
    const Bytes text = artifact::section_of(file, ".text");
    line_table = TRY(make_line_table(lines, objects.lines, plan,
                                     static_cast<uint64_t>(text.data() - file.data())));
  }
  timer.emplace(statistics.seal);
  TRY(artifact::seal(file, header, line_table));
  timer.reset();
  if (statistics_out) *statistics_out = statistics;
  return file;
}

}  // namespace wherry::compile
