// An LLVM module being built: types, declarations, attributes and metadata that functions of one
// chunk share. One per chunk and thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "compile/llvm.h"
#include "compile/plan.h"
#include "compile/source_locations.h"
#include "contract/trap_code.h"

namespace wherry::compile {

// How compiled functions call each other. FuncRefs hold code of the common convention, which costs
// nothing to pass the anchor on; functions that make tail calls have one in which that is possible,
// and an entry for callers of the common one.
enum class Convention : uint8_t { kCommon, kTail };

// A tail call's results must fit in registers (three general ones, or vector ones).
inline bool returns_through_memory(const wasm::FuncType& type, Convention convention) {
  constexpr size_t kResultRegisters = 3;
  return convention == Convention::kTail && type.results.size() > kResultRegisters;
}

// Symbols of code that calls an imported function with the caller's anchor (glue.cc).
inline constexpr char kImportPrefix[] = "import";

// The symbol that call frame information names; nothing calls it.
inline constexpr char kPersonality[] = "wherry_personality";

class ModuleBuilder {
 public:
  ModuleBuilder(const Plan& plan, CpuLevel cpu, llvm::LLVMContext& context, llvm::StringRef name);

  const Plan& plan;
  const wasm::Module& wasm;
  const CpuLevel cpu;
  llvm::LLVMContext& context;
  std::unique_ptr<llvm::Module> module;
  std::unique_ptr<SourceLocations> locations;  // null without DWARF

  llvm::Type* void_type;
  llvm::IntegerType *i1, *i8, *i16, *i32, *i64;
  llvm::Type *f32, *f64;
  llvm::PointerType* ptr;
  llvm::FixedVectorType *i8x16, *i16x8, *i32x4, *i64x2, *f32x4, *f64x2;

  llvm::Type* type_of(wasm::ValueType type) const;
  llvm::Constant* zero_of(wasm::ValueType type) const;

  // The internal signature: the anchor in swiftself, then the parameters; several results as a
  // struct. With the tail calls' convention, results that do not fit in registers go to where a
  // last parameter points, which a tail call passes on, and parameters that do not go through the
  // store's VmContext::tail_arguments: LLVM 22 loses arguments of tail calls that lie on the stack.
  llvm::FunctionType* function_type(const wasm::FuncType& type, Convention convention) const;
  llvm::Type* result_type(const wasm::FuncType& type) const;
  // Per parameter: its first slot in tail_arguments, or nothing if it has a register.
  std::vector<std::optional<unsigned>> tail_slots(const wasm::FuncType& type,
                                                  Convention convention) const;
  llvm::Value* tail_arguments(llvm::IRBuilder<>& ir, llvm::Value* anchor);
  // Puts those arguments of a call that have no register where they belong; `arguments` are the
  // callee's anchor, then all of the type's, then what may follow. Returns the others.
  std::vector<llvm::Value*> place_arguments(llvm::IRBuilder<>& ir, llvm::Value* own_anchor,
                                            const wasm::FuncType& type, Convention convention,
                                            const std::vector<llvm::Value*>& arguments);
  Convention convention_of(wasm::FuncIndex index) const {
    return plan.makes_tail_calls[index] ? Convention::kTail : Convention::kCommon;
  }

  // The function's declaration in this module, made at first use.
  llvm::Function* function(wasm::FuncIndex index);

  // A static table: per element where its code lies, from the table's start on, and its type's
  // number (type_number()), 0 for null, as i32s.
  llvm::GlobalVariable* static_table(wasm::TableIndex index);
  // Equal for equal types; never 0.
  uint32_t type_number(wasm::TypeIndex type) const { return wasm.canonical_type(type) + 1; }
  // Code of the common convention and of this instance for a static table's element.
  llvm::Function* element_code(wasm::FuncIndex index);

  // Creates a function with the attributes all compiled code has.
  llvm::Function* create_function(llvm::FunctionType* type, const llvm::Twine& name);

  // Puts calling convention and swiftself on a call of internal signature.
  void mark_internal_call(llvm::CallBase* call, Convention convention) const;

  // Two disjoint worlds: guest memory and the context, so that guest stores leave globals cached.
  llvm::MDNode* memory_tbaa;
  llvm::MDNode* context_tbaa;
  llvm::MDNode* unlikely;  // branch weights: the true side is cold
};

// Loads and stores a value as its slots; IR at the builder's insertion point.
llvm::Value* load_slots(ModuleBuilder& module, llvm::IRBuilder<>& ir, llvm::Value* slots,
                        unsigned index, wasm::ValueType type);
void store_slots(ModuleBuilder& module, llvm::IRBuilder<>& ir, llvm::Value* slots, unsigned index,
                 llvm::Value* value);

// Translates one function into `module` (function_translator.cc). The module has been validated;
// what remains is kUnsupported.
Status translate_function(ModuleBuilder& module, wasm::FuncIndex index);

// Enter code and host thunks for every type that needs them, and the artifact's sections (glue.cc).
void build_glue(ModuleBuilder& module, const artifact::Contents& contents, Bytes meta);

}  // namespace wherry::compile
