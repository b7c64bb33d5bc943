#include "compile/linker.h"

#include <lld/Common/Driver.h>
#include <llvm/Support/raw_ostream.h>

#include <mutex>

#include "base/files.h"
#include "compile/module_builder.h"

LLD_HAS_DRIVER(elf)

namespace wherry::compile {
namespace {

// Addresses equal file offsets (no bss, no gaps), our header lies at a fixed place, and code has
// pages of its own. Call frame information names a personality through a pointer (.data.DW.ref.*),
// which nobody reads: runtime/unwind.cc is the only one there is.
constexpr char kScript[] = R"(
PHDRS {
  tables PT_LOAD FILEHDR PHDRS FLAGS(4);
  code PT_LOAD FLAGS(5);
  image PT_LOAD FLAGS(4);
  dynamic PT_DYNAMIC FLAGS(4);
}
SECTIONS {
  . = 0x400;
  .wherry.header : { *(.wherry.header) } :tables
  .wherry.meta : { *(.wherry.meta) } :tables
  .dynsym : { *(.dynsym) } :tables
  .dynstr : { *(.dynstr) } :tables
  .hash : { *(.hash) } :tables
  .dynamic : { *(.dynamic) } :tables :dynamic
  .eh_frame_hdr : { *(.eh_frame_hdr) } :tables
  .eh_frame : { *(.eh_frame) } :tables
  .gcc_except_table : { *(.gcc_except_table .gcc_except_table.*) } :tables
  .rodata : { *(.rodata .rodata.* .data.DW.ref.*) } :tables
  . = ALIGN(0x1000);
  .text : { *(.text .text.*) } :code
  . = ALIGN(0x1000);
  .wherry.image : { *(.wherry.image) } :image
  .symtab 0 : { *(.symtab) }
  .strtab 0 : { *(.strtab) }
  .shstrtab 0 : { *(.shstrtab) }
  .wherry.lines 0 : { *(.wherry.lines) }
  /DISCARD/ : { *(.comment .note.* .data .bss .llvm_addrsig) }
}
)";

}  // namespace

Result<ByteVector> link(const std::vector<ByteVector>& objects, const std::string& directory) {
  std::string script = directory + "/flat.ld";
  std::string output = directory + "/linked";
  // Not atomically: waiting for the disk would take longer than linking.
  TRY(write_new_file(script, as_bytes(kScript)));
  std::vector<std::string> arguments = {"ld.lld",
                                        "-shared",
                                        "--no-undefined",
                                        "-Bsymbolic",
                                        "-T",
                                        script,
                                        "-o",
                                        output,
                                        "-z",
                                        "max-page-size=4096",
                                        "-z",
                                        "norelro",
                                        "-z",
                                        "text",
                                        "--hash-style=sysv",
                                        "--build-id=none",
                                        "--eh-frame-hdr",
                                        fmt::format("--defsym={}=0", kPersonality),
                                        "--threads=1",
                                        "--orphan-handling=error"};
  for (size_t i = 0; i < objects.size(); i++) {
    std::string path = fmt::format("{}/{:05}.o", directory, i);
    TRY(write_new_file(path, objects[i]));
    arguments.push_back(path);
  }
  std::vector<const char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(argument.c_str());

  static std::mutex lld_is_one_at_a_time;
  std::lock_guard lock(lld_is_one_at_a_time);
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result = lld::lldMain(pointers, llvm::nulls(), stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0 || !result.canRunAgain) {
    return make_error(ErrorKind::kInternal, "linking failed: {}", messages);
  }
  return read_file(output, UINT64_MAX);
}

}  // namespace wherry::compile
