#include "artifact/contents.h"

namespace wherry::artifact {

Slice Contents::add_string(std::string_view text) {
  Slice slice{static_cast<uint32_t>(strings.size()), static_cast<uint32_t>(text.size())};
  strings += text;
  return slice;
}

Slice Contents::add_value_types(const std::vector<wasm::ValueType>& added) {
  Slice slice{static_cast<uint32_t>(value_types.size()), static_cast<uint32_t>(added.size())};
  for (wasm::ValueType type : added) {
    value_types.push_back({static_cast<uint8_t>(type.kind), type.nullable, 0, type.heap});
  }
  return slice;
}

namespace {

template <typename Records>
TableRef append(ByteVector& meta, const Records& records) {
  meta.resize(align_up(meta.size(), 16));
  TableRef table{meta.size(), records.size()};
  auto* first = reinterpret_cast<const uint8_t*>(records.data());
  meta.insert(meta.end(), first, first + records.size() * sizeof(records[0]));
  return table;
}

}  // namespace

ByteVector encode_meta(Contents& contents) {
  ByteVector meta;
  uint64_t data_start = append(meta, contents.data_bytes).offset;
  for (DataRecord& data : contents.datas) {
    if (!data.in_image) data.bytes_offset += data_start;
  }
  Header& header = contents.header;
  header.value_types = append(meta, contents.value_types);
  header.types = append(meta, contents.types);
  header.imports = append(meta, contents.imports);
  header.exports = append(meta, contents.exports);
  header.functions = append(meta, contents.functions);
  header.tables = append(meta, contents.tables);
  header.memories = append(meta, contents.memories);
  header.globals = append(meta, contents.globals);
  header.expressions = append(meta, contents.expressions);
  header.elems = append(meta, contents.elems);
  header.datas = append(meta, contents.datas);
  header.tags = append(meta, contents.tags);
  header.strings = append(meta, contents.strings);
  return meta;
}

}  // namespace wherry::artifact
