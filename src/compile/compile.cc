#include "compile/compile.h"

#include <llvm/Config/llvm-config.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/files.h"
#include "base/sha256.h"
#include "compile/code_generator.h"
#include "compile/linker.h"
#include "compile/module_builder.h"
#include "compile/plan.h"
#include "wasm/decode.h"
#include "wasm/validate.h"

extern "C" {
// guest_support.o, put into this program by guest_support.S.
extern const unsigned char wherry_guest_support_begin[];
extern const unsigned char wherry_guest_support_end[];
}

namespace wherry::compile {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct ChunkResult {
  Status status = ok_status();
  ByteVector object;
  double translate_s = 0, optimize_s = 0, generate_s = 0;
};

// Small callees of other chunks come along for the inliner; their code is emitted by their own
// chunk.
Status import_small_callees(ModuleBuilder& m, const Plan& plan) {
  std::vector<wasm::FuncIndex> wanted;
  for (const llvm::Function& function : *m.module) {
    if (!function.isDeclaration() || function.isIntrinsic()) continue;
    if (function.getName() == kPersonality) continue;
    wasm::FuncIndex index =
        static_cast<wasm::FuncIndex>(std::stoul(function.getName().str().substr(1)));
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
Status compile_chunk(const Plan& plan, const CompileOptions& options, size_t number,
                     ChunkResult& out, Build build) {
  auto generator = TRY(CodeGenerator::create(options.cpu));
  llvm::LLVMContext context;
  ModuleBuilder m(plan, options.cpu, context, fmt::format("chunk{}", number));
  generator->prepare(*m.module);
  Clock::time_point start = Clock::now();
  TRY(build(m));
  out.translate_s = seconds_since(start);
  TRY(dump(m, options, number, "before"));
  start = Clock::now();
  TRY(generator->optimize(*m.module));
  out.optimize_s = seconds_since(start);
  TRY(dump(m, options, number, "after"));
  start = Clock::now();
  out.object = TRY(generator->generate(*m.module));
  out.generate_s = seconds_since(start);
  return ok_status();
}

Status build_functions(ModuleBuilder& m, const Plan& plan, const Chunk& chunk) {
  for (wasm::FuncIndex index : chunk.functions) {
    TRY(translate_function(m, index).context("function {}", index));
    llvm::Function* function = m.function(index);
    if (plan.module->functions[index].body.size() > kHugeBodyBytes) {
      function->addFnAttr(llvm::Attribute::OptimizeNone);
      function->addFnAttr(llvm::Attribute::NoInline);
    }
    if (plan.is_internal[index]) {
      function->setVisibility(llvm::GlobalValue::DefaultVisibility);
      function->setLinkage(llvm::GlobalValue::InternalLinkage);
    }
  }
  return import_small_callees(m, plan);
}

// All chunks, and the glue as the last, on as many threads as asked for. Chunks are taken in order,
// so the work is balanced; results lie in the order of the chunks, so the output does not depend on
// the threads.
Result<std::vector<ByteVector>> compile_chunks(const Plan& plan, const artifact::Contents& contents,
                                               Bytes meta, const CompileOptions& options,
                                               CompileStatistics& statistics) {
  std::vector<ChunkResult> results(plan.chunks.size() + 1);
  std::atomic<size_t> next = 0;
  auto work = [&results, &next, &plan, &contents, meta, &options] {
    for (;;) {
      size_t i = next.fetch_add(1);
      if (i >= results.size()) return;
      results[i].status =
          compile_chunk(plan, options, i, results[i], [&](ModuleBuilder& m) -> Status {
            if (i < plan.chunks.size()) return build_functions(m, plan, plan.chunks[i]);
            build_glue(m, contents, meta);
            return ok_status();
          });
    }
  };
  size_t threads = options.threads ? options.threads : std::thread::hardware_concurrency();
  threads = std::max<size_t>(1, std::min(threads, results.size()));
  std::vector<std::thread> others;
  for (size_t i = 1; i < threads; i++) others.emplace_back(work);
  work();
  for (std::thread& thread : others) thread.join();

  std::vector<ByteVector> objects;
  for (ChunkResult& result : results) {
    TRY(std::move(result.status));
    statistics.translate_s += result.translate_s;
    statistics.optimize_s += result.optimize_s;
    statistics.generate_s += result.generate_s;
    objects.push_back(std::move(result.object));
  }
  objects.emplace_back(wherry_guest_support_begin, wherry_guest_support_end);
  return objects;
}

}  // namespace

std::string producer() { return "wherry " WHERRY_VERSION ", LLVM " LLVM_VERSION_STRING; }

Result<ByteVector> compile(Bytes bytes, const CompileOptions& options,
                           CompileStatistics* statistics_out) {
  CompileStatistics statistics;
  Clock::time_point start = Clock::now();
  wasm::Module module = TRY(wasm::decode(bytes, options.features));
  TRY(wasm::validate(module));
  statistics.validate_s = seconds_since(start);

  Plan plan = TRY(make_plan(module));
  artifact::Contents contents = TRY(make_contents(plan));
  artifact::Header& header = contents.header;
  header.cpu_level = static_cast<uint64_t>(options.cpu);
  Sha256Digest digest = sha256(bytes);
  std::copy(digest.begin(), digest.end(), header.module_sha256);
  std::strncpy(header.producer, producer().c_str(), sizeof(header.producer) - 1);
  ByteVector meta = artifact::encode_meta(contents);

  std::vector<ByteVector> objects = TRY(compile_chunks(plan, contents, meta, options, statistics));
  statistics.functions = module.functions.size() - module.imported_functions;
  statistics.chunks = plan.chunks.size();

  start = Clock::now();
  std::optional<TemporaryDirectory> temporary;
  std::string directory = options.work_directory;
  if (directory.empty()) {
    temporary.emplace(TRY(TemporaryDirectory::create()));
    directory = temporary->path();
  }
  ByteVector file = TRY(link(objects, directory));
  TRY(artifact::seal(file, header));
  statistics.link_s = seconds_since(start);
  if (statistics_out) *statistics_out = statistics;
  return file;
}

}  // namespace wherry::compile
