#include "wasm/names.h"

#include <algorithm>

#include "wasm/reader.h"

namespace wherry::wasm {

namespace {

constexpr uint8_t kModuleName = 0;
constexpr uint8_t kFunctionNames = 1;

Status read_function_names(Reader reader, Names& names) {
  uint32_t count = TRY(reader.u32("a name count"));
  for (; count > 0; count--) {
    const FuncIndex index = TRY(reader.u32("a function index"));
    const std::string_view name = TRY(reader.name("a function's name"));
    if (index < names.functions.size()) names.functions[index] = name;
  }
  return ok_status();
}

Status read_subsections(Reader reader, Names& names) {
  while (!reader.at_end()) {
    const uint8_t id = TRY(reader.byte("a subsection id"));
    const uint32_t size = TRY(reader.u32("a subsection size"));
    Reader content = TRY(reader.sub_reader(size, "a subsection"));
    if (id == kModuleName) names.module = TRY(content.name("the module's name"));
    if (id == kFunctionNames) TRY(read_function_names(content, names));
  }
  return ok_status();
}

}  // namespace

Names read_names(const Module& module) {
  Names names;
  names.functions.resize(module.functions.size());
  const auto section = std::ranges::find(module.customs, "name", &CustomSection::name);
  if (section == module.customs.end()) return names;
  // What was read before a malformed place stands; the error itself is nobody's business.
  static_cast<void>(read_subsections(Reader(section->bytes, section->offset), names));
  return names;
}

}  // namespace wherry::wasm
