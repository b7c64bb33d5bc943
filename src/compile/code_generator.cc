#include "compile/code_generator.h"

#include <llvm/Analysis/RuntimeLibcallInfo.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/CodeGen/AsmPrinter.h>
#include <llvm/CodeGen/AsmPrinterHandler.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/MCStreamer.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Scalar.h>

#include <mutex>

#include "base/check.h"
#include "compile/bounded_passes.h"
#include "compile/carry_stores.h"
#include "compile/line_recorder.h"
#include "compile/loop_alignment.h"
#include "compile/loop_ends.h"
#include "compile/relative_addresses.h"
#include "compile/reroll_loops.h"
#include "compile/wide_phis.h"

namespace wherry::compile {

namespace {

constexpr char kTriple[] = "x86_64-unknown-linux-gnu";

void initialize_llvm() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    // Widening 32-bit induction variables leaves masks that hide the recurrence from the
    // vectorizer. As the option's initial value, since LLD resets options to that.
    llvm::cl::Option* widening = llvm::cl::getRegisteredOptions().lookup("indvars-widen-indvars");
    WHERRY_CHECK(widening != nullptr);
    static_cast<llvm::cl::opt<bool>*>(widening)->setInitialValue(false);
  });
}

// Guest loops are never to become calls of a C library: only these three exist, and they are part
// of the artifact (guest_support.c).
llvm::TargetLibraryInfoImpl library_info(const llvm::Triple& triple) {
  llvm::TargetLibraryInfoImpl info(triple);
  info.disableAllFunctions();
  info.setAvailable(llvm::LibFunc_memcpy);
  info.setAvailable(llvm::LibFunc_memmove);
  info.setAvailable(llvm::LibFunc_memset);
  return info;
}

}  // namespace

Result<std::unique_ptr<CodeGenerator>> CodeGenerator::create(CpuLevel cpu, Effort effort) {
  initialize_llvm();
  std::string error;
  llvm::Triple triple(kTriple);
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) return make_error(ErrorKind::kInternal, "no code generator: {}", error);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  options.NoTrapAfterNoreturn = true;
  // LLVM's fast instruction selection and register allocation: 16 times the speed of compiling at
  // half the speed of the code. The levels between give less of the one than they cost of the other
  // (docs/performance.md).
  auto level =
      effort == Effort::kNone ? llvm::CodeGenOptLevel::None : llvm::CodeGenOptLevel::Aggressive;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, name_of(cpu), "", options, llvm::Reloc::PIC_, llvm::CodeModel::Small, level));
  return std::unique_ptr<CodeGenerator>(new CodeGenerator(std::move(machine), effort));
}

CodeGenerator::CodeGenerator(std::unique_ptr<llvm::TargetMachine> machine, Effort effort)
    : machine_(std::move(machine)), effort_(effort) {}

CodeGenerator::~CodeGenerator() = default;

void CodeGenerator::prepare(llvm::Module& module) const {
  module.setTargetTriple(machine_->getTargetTriple());
  module.setDataLayout(machine_->createDataLayout());
}

Status CodeGenerator::optimize(llvm::Module& module, bool addresses_do_not_wrap) const {
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (llvm::verifyModule(module, &stream)) {
    return make_error(ErrorKind::kInternal, "the translator made invalid IR: {}", problem);
  }
  // The code generator is what takes time now: passes that make its work less take more than that.
  if (effort_ == Effort::kNone) return ok_status();
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  // LLVM's WebAssembly backend has unrolled by four already: interleaving on top of that costs the
  // matrix multiplication a tenth.
  tuning.LoopInterleaving = false;
  tuning.LoopUnrolling = true;
  // WebAssembly has been inlined by its producer already; more only costs compile time.
  tuning.InlinerThreshold = 25;
  llvm::PassInstrumentationCallbacks callbacks;
  bound_passes(callbacks);
  llvm::PassBuilder builder(machine_.get(), tuning, {}, &callbacks);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  functions.registerPass(
      [&] { return llvm::TargetLibraryAnalysis(library_info(machine_->getTargetTriple())); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  if (effort_ == Effort::kCheap) {
    cheap_passes().run(module, modules);
    return ok_status();
  }
  if (addresses_do_not_wrap) {
    register_reroll_pass(builder);
    register_carry_stores_pass(builder);
    register_relative_addresses_pass(builder);
  }
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
  return ok_status();
}

Result<ByteVector> CodeGenerator::generate(llvm::Module& module, RecordedLines* lines) const {
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream stream(object);
  llvm::legacy::PassManager passes;
  passes.add(new llvm::TargetLibraryInfoWrapperPass(library_info(machine_->getTargetTriple())));
  // Without this one, intrinsics of memory in bulk become loops over bytes.
  passes.add(new llvm::RuntimeLibraryInfoWrapper(machine_->getTargetTriple()));
  // What addPassesToEmitFile() does, with a pass of ours behind block placement (of which the dev
  // profile has none).
  auto* machine_module = new llvm::MachineModuleInfoWrapperPass(machine_.get());
  llvm::TargetPassConfig* config = machine_->createPassConfig(passes);
  // optimize() has checked the module, and that was all it did.
  config->setDisableVerify(effort_ == Effort::kNone);
  passes.add(config);
  passes.add(machine_module);
  if (effort_ != Effort::kNone) {
    std::unique_ptr<llvm::Pass> strength_reduction(llvm::createLoopStrengthReducePass());
    std::unique_ptr<llvm::Pass> preparation(llvm::createCodeGenPrepareLegacyPass());
    config->insertPass(strength_reduction->getPassID(), create_loop_ends_pass());
    config->insertPass(preparation->getPassID(), create_wide_phis_pass());
    config->insertPass(&llvm::MachineBlockPlacementID, create_loop_alignment_pass());
  }
  if (config->addISelPasses()) {
    return make_error(ErrorKind::kInternal, "LLVM cannot select instructions for this target");
  }
  config->addMachinePasses();
  config->setInitialized();
  auto streamer = machine_->createMCStreamer(stream, nullptr, llvm::CodeGenFileType::ObjectFile,
                                             machine_module->getMMI().getContext());
  if (!streamer) {
    return make_error(ErrorKind::kInternal, "LLVM cannot write object files for this target: {}",
                      llvm::toString(streamer.takeError()));
  }
  llvm::AsmPrinter* printer =
      machine_->getTarget().createAsmPrinter(*machine_, std::move(*streamer));
  if (lines) printer->addAsmPrinterHandler(create_line_recorder(*printer, *lines));
  passes.add(printer);
  passes.run(module);
  return ByteVector(object.begin(), object.end());
}

}  // namespace wherry::compile
