// The decoder's state, shared by decode.cc (the module's frame), decode_sections.cc (what is in
// each section) and decode_types.cc. Internal to the wasm room; callers use decode.h.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "wasm/module.h"
#include "wasm/reader.h"
#include "wasm/sections.h"

namespace wherry::wasm {

class Decoder {
 public:
  Decoder(Bytes bytes, Features features) : reader_(bytes, 0, module_.context) {
    module_.bytes = bytes;
    module_.context.features = features;
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  Result<Module> run();

 private:
  // decode.cc
  Status read_header();
  Status read_section();
  Status check_order(SectionId id, uint32_t offset);
  Status read_content(SectionId id, Reader& in);
  Status check_counts() const;

  // decode_types.cc
  Status read_types(Reader& in);
  Status read_type_group(Reader& in, uint32_t members);
  Result<FuncType> read_type(Reader& in);
  Result<FuncType> read_func_type(Reader& in);

  // decode_sections.cc, in the order of the sections
  Status read_custom(Reader& in);
  Status read_imports(Reader& in);
  Status read_import(Reader& in);
  Status read_import_type(Reader& in, Import import, bool is_added = true);
  Status read_functions(Reader& in);
  Status read_tables(Reader& in);
  Result<bool> read_table_form(Reader& in);
  Status read_memories(Reader& in);
  Status read_tags(Reader& in);
  Status read_globals(Reader& in);
  Status read_exports(Reader& in);
  Status read_start(Reader& in);
  Status read_elems(Reader& in);
  Result<ElemSegment> read_elem(Reader& in);
  Status read_elements(Reader& in, ElemSegment& segment, bool as_expressions);
  Status read_code(Reader& in);
  Status read_body(Reader& in, Function& function);
  Status read_locals(Reader& in, Function& function);
  Status read_datas(Reader& in);
  Result<DataSegment> read_data(Reader& in);
  Result<ConstExpr> read_const_expr(Reader& in);

  // Remembers that a ref.func of this function is declared outside of the bodies.
  void mark_referenced(FuncIndex index);

  Module module_;
  Reader reader_;                                  // refers to module_.context
  std::map<std::string, TypeIndex> known_groups_;  // by encoding: the first type
  int last_rank_ = 0;                              // of the last section that was not custom
  size_t bodies_ = 0;
  size_t elements_ = 0;  // of all segments
};

}  // namespace wherry::wasm
