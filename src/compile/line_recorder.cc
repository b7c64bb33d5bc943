#include "compile/line_recorder.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/BinaryFormat/ELF.h>
#include <llvm/CodeGen/AsmPrinter.h>
#include <llvm/CodeGen/AsmPrinterHandler.h>
#include <llvm/CodeGen/MachineFunction.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCSectionELF.h>
#include <llvm/MC/MCStreamer.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "artifact/contents.h"
#include "artifact/line_table.h"
#include "base/byte_cursor.h"
#include "wasm/names.h"

namespace wherry::compile {
namespace {

using artifact::LinePlace;
using wasm::SourcePlace;

class LineRecorder : public llvm::AsmPrinterHandler {
 public:
  LineRecorder(llvm::AsmPrinter& printer, RecordedLines& out) : printer_(printer), out_(out) {}

  void beginFunction(const llvm::MachineFunction* function) override {
    const llvm::DISubprogram* subprogram = function->getFunction().getSubprogram();
    symbol_ = subprogram ? printer_.CurrentFnSym : nullptr;
    if (!symbol_) return;
    labels_ = {symbol_};
    location_ = nullptr;
    out_.steps.push_back(step_of_start(*subprogram));
    out_.recorded.push_back(end_chain());
  }

  void beginInstruction(const llvm::MachineInstr* instruction) override {
    if (!symbol_ || instruction->isMetaInstruction()) return;
    const llvm::DILocation* location = instruction->getDebugLoc().get();
    // What the code generator adds belongs to what is around it.
    if (!location || location == location_) return;
    location_ = location;
    auto [found, is_new] = chain_of_.try_emplace(location);
    if (is_new) {
      append_steps(*location, out_.steps);
      found->second = end_chain();
    }
    out_.recorded.push_back(found->second);
    llvm::MCSymbol* label = printer_.OutContext.createTempSymbol();
    printer_.OutStreamer->emitLabel(label);
    labels_.push_back(label);
  }

  void endFunction(const llvm::MachineFunction*) override {
    if (!symbol_) return;
    llvm::MCStreamer& out = *printer_.OutStreamer;
    const std::string name(artifact::kLinesSection);
    out.pushSection();
    out.switchSection(printer_.OutContext.getELFSection(name, llvm::ELF::SHT_PROGBITS, 0));
    out.emitSymbolValue(symbol_, 4);
    out.emitInt32(labels_.size());
    for (const llvm::MCSymbol* label : labels_) out.emitAbsoluteSymbolDiff(label, symbol_, 4);
    out.popSection();
  }

  void endModule() override {}

 private:
  uint32_t end_chain() {
    out_.chain_ends.push_back(static_cast<uint32_t>(out_.steps.size()));
    return static_cast<uint32_t>(out_.chain_ends.size() - 1);
  }

  llvm::AsmPrinter& printer_;
  RecordedLines& out_;
  llvm::DenseMap<const llvm::DILocation*, uint32_t> chain_of_;
  const llvm::MCSymbol* symbol_ = nullptr;  // of the function, if it is recorded
  std::vector<const llvm::MCSymbol*> labels_;
  const llvm::DILocation* location_ = nullptr;  // of the instruction before
};

// Puts chains into the artifact's table.
class TableBuilder {
 public:
  explicit TableBuilder(const wasm::SourceLines& lines)
      : lines_(lines), strings_(lines.strings.size(), artifact::kNone) {}

  // Chains are different from each other; what they begin with, from outside, is often the same.
  uint32_t add(std::span<const SourceStep> chain) {
    uint32_t caller = artifact::kNone;
    for (size_t i = chain.size(); i-- > 1;) {
      auto [found, is_new] = callers_.try_emplace({caller, chain[i].function, chain[i].place});
      if (is_new) found->second = add_step(chain[i], caller);
      caller = found->second;
    }
    return add_step(chain[0], caller);
  }

  // Where the name section has no name, or one for linkers.
  void name_functions(const wasm::Module& module) {
    const wasm::Names names = wasm::read_names(module);
    for (wasm::FuncIndex i = module.imported_functions; i < module.functions.size(); i++) {
      if (!names.functions[i].empty() && !is_mangled(names.functions[i])) continue;
      const std::string_view name = lines_.function_name(module.functions[i].body_offset);
      if (!name.empty()) writer.name_function(i, writer.add_string(name));
    }
  }

  artifact::LineTableWriter writer;

 private:
  // By C++ or Rust.
  static bool is_mangled(std::string_view name) {
    return name.starts_with("_Z") || name.starts_with("_R");
  }

  // From the function itself to what its producer inlined in it.
  uint32_t add_step(const SourceStep& step, uint32_t caller) {
    if (step.place == SourcePlace::kNone) {
      return writer.add_place({.caller = caller, .function = step.function});
    }
    return add_source_place(step.place, step.function, caller);
  }

  uint32_t add_source_place(uint32_t index, wasm::FuncIndex function, uint32_t caller) {
    const SourcePlace& place = lines_.places[index];
    if (place.caller != SourcePlace::kNone) {
      auto [found, is_new] = callers_.try_emplace({caller, function, place.caller});
      if (is_new) found->second = add_source_place(place.caller, function, caller);
      caller = found->second;
    }
    return writer.add_place(line_place(place, function, caller));
  }

  LinePlace line_place(const SourcePlace& place, wasm::FuncIndex function, uint32_t caller) {
    LinePlace out{.caller = caller, .line = place.line, .column = place.column};
    if (place.caller == SourcePlace::kNone) {
      out.function = function;
    } else {
      out.name = place.function == SourcePlace::kNone ? writer.add_string("an inlined function")
                                                      : string(place.function);
    }
    if (place.file != SourcePlace::kNone) {
      out.file = string(place.file);
    }
    return out;
  }

  uint32_t string(uint32_t index) {
    uint32_t& known = strings_[index];
    if (known == artifact::kNone) known = writer.add_string(lines_.strings[index]);
    return known;
  }

  const wasm::SourceLines& lines_;
  // Places in which others are inlined: caller (the writer's), function and place (the module's).
  std::map<std::tuple<uint32_t, uint32_t, uint32_t>, uint32_t> callers_;
  std::vector<uint32_t> strings_;  // the writer's, by ours
};

}  // namespace

std::unique_ptr<llvm::AsmPrinterHandler> create_line_recorder(llvm::AsmPrinter& printer,
                                                              RecordedLines& out) {
  return std::make_unique<LineRecorder>(printer, out);
}

Result<ByteVector> make_line_table(Bytes section, const std::vector<RecordedLines>& recorded,
                                   const Plan& plan, uint64_t text_offset) {
  struct Run {
    uint32_t text_offset = 0;
    uint32_t object = 0;
    uint32_t chain = 0;
  };
  std::vector<Run> runs;
  ByteCursor cursor(section);
  for (uint32_t number = 0; number < recorded.size(); number++) {
    const RecordedLines& object = recorded[number];
    for (size_t i = 0; i < object.recorded.size();) {
      const auto address = cursor.read<uint32_t>();
      const auto count = cursor.read<uint32_t>();
      for (uint32_t k = 0; k < count && i < object.recorded.size(); k++, i++) {
        runs.push_back({static_cast<uint32_t>(address + cursor.read<uint32_t>() - text_offset),
                        number, object.recorded[i]});
      }
    }
  }
  if (cursor.is_bad() || !cursor.at_end()) {
    return make_error(ErrorKind::kInternal, "{} bytes of {} do not fit what was recorded",
                      section.size(), artifact::kLinesSection);
  }
  std::ranges::stable_sort(runs, {}, &Run::text_offset);
  TableBuilder builder(plan.lines);
  // Places are numbered in the order of the code, where neighbours are alike.
  std::vector<std::vector<uint32_t>> places(recorded.size());
  for (size_t i = 0; i < recorded.size(); i++) {
    places[i].resize(recorded[i].chain_ends.size(), artifact::kNone);
  }
  for (const Run& run : runs) {
    uint32_t& place = places[run.object][run.chain];
    if (place == artifact::kNone) place = builder.add(recorded[run.object].chain(run.chain));
    builder.writer.add_run(run.text_offset, place);
  }
  builder.name_functions(*plan.module);
  return builder.writer.encode();
}

}  // namespace wherry::compile
