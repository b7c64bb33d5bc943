// Types as sections and imports hold them (Core 3.0, chapter 5.3). Internal to the wasm room;
// callers use decode.h.
#pragma once

#include <string_view>

#include "base/result.h"
#include "wasm/reader.h"

namespace wherry::wasm {

Result<TableType> read_table_type(Reader& in);
Result<MemoryType> read_memory_type(Reader& in);
Result<GlobalType> read_global_type(Reader& in);
Result<TypeIndex> read_tag_type(Reader& in);

// `words` are the specification's for the mistake: "malformed import kind".
Result<ExternKind> read_extern_kind(Reader& in, std::string_view words);

// Whether one of the two forms of exceptions is on.
bool has_tags(const Reader& in);

}  // namespace wherry::wasm
