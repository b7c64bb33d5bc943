// wherry inspect: what a module or a compiled file is. Both become one Description, which is
// printed as text or as JSON.
#include <algorithm>

#include "artifact/artifact.h"
#include "base/files.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/report.h"
#include "wasm/decode.h"
#include "wasm/source_lines.h"
#include "wasm/validate.h"

namespace wherry::cli {

namespace {

using nlohmann::ordered_json;

struct Fact {
  const char* name;  // the JSON key; `_` is shown as a space
  ordered_json value;
};

struct ExternLine {
  std::string module;  // only for imports
  std::string name;
  std::string kind;
  std::string type;
};

struct Description {
  std::string kind;
  std::vector<Fact> facts;
  std::vector<ExternLine> imports, exports;
};

std::string limits_text(const wasm::Limits& limits, const char* unit) {
  if (!limits.max) return fmt::format("{} {} or more", limits.min, unit);
  return fmt::format("{} to {} {}", limits.min, *limits.max, unit);
}
std::string type_text(const wasm::MemoryType& type) {
  std::string text = limits_text(type.limits, "pages");
  if (type.page_log2 != wasm::kStandardPageLog2) text += fmt::format(" of 2**{}", type.page_log2);
  if (type.is_64) text += ", 64-bit addresses";
  if (type.is_shared) text += ", shared";
  return text;
}
std::string type_text(const wasm::TableType& type) {
  return fmt::format("{}, {}", wasm::name_of(type.element), limits_text(type.limits, "elements")) +
         (type.is_64 ? ", 64-bit indices" : "");
}
std::string type_text(const wasm::GlobalType& type) {
  return fmt::format("{}{}", type.is_mutable ? "mutable " : "", wasm::name_of(type.type));
}

std::string type_of_extern(const wasm::Module& module, wasm::ExternKind kind, uint32_t index) {
  switch (kind) {
    case wasm::ExternKind::kFunc: return wasm::name_of(module.type_of(index));
    case wasm::ExternKind::kTable: return type_text(module.tables[index].type);
    case wasm::ExternKind::kMemory: return type_text(module.memories[index].type);
    case wasm::ExternKind::kGlobal: return type_text(module.globals[index].type);
    case wasm::ExternKind::kTag: return wasm::name_of(module.types[module.tags[index].type]);
  }
  return {};
}

std::string type_of_extern(const artifact::Artifact& file, wasm::ExternKind kind, uint32_t index) {
  switch (kind) {
    case wasm::ExternKind::kFunc: return wasm::name_of(file.type_of_function(index));
    case wasm::ExternKind::kTable: {
      const artifact::TableRecord& table = file.tables()[index];
      return type_text(artifact::table_type_of(table));
    }
    case wasm::ExternKind::kMemory:
      return type_text(artifact::memory_type_of(file.memories()[index]));
    case wasm::ExternKind::kGlobal: {
      const artifact::GlobalRecord& global = file.globals()[index];
      return type_text(
          wasm::GlobalType{artifact::value_type_of(global.type), global.is_mutable != 0});
    }
    case wasm::ExternKind::kTag: return wasm::name_of(file.func_type(file.tags()[index].type));
  }
  return {};
}

Result<Description> describe_module(Bytes bytes) {
  wasm::Module module = TRY(wasm::decode(bytes, wasm::Features::all()));
  TRY(wasm::validate(module));
  Description description{"WebAssembly module", {}, {}, {}};
  description.facts = {{"bytes", bytes.size()},
                       {"functions", module.functions.size() - module.imported_functions},
                       {"tables", module.tables.size()},
                       {"memories", module.memories.size()},
                       {"globals", module.globals.size()},
                       {"tags", module.tags.size()},
                       {"data_segments", module.datas.size()},
                       {"source_lines", wasm::has_source_lines(module)}};
  for (const wasm::Import& import : module.imports) {
    description.imports.push_back({std::string(import.module), std::string(import.name),
                                   wasm::name_of(import.kind),
                                   type_of_extern(module, import.kind, import.index)});
  }
  for (const wasm::Export& exported : module.exports) {
    description.exports.push_back({"", std::string(exported.name), wasm::name_of(exported.kind),
                                   type_of_extern(module, exported.kind, exported.index)});
  }
  return description;
}

void add_externs(Description& description, const artifact::Artifact& file) {
  for (const artifact::ImportRecord& import : file.imports()) {
    auto kind = static_cast<wasm::ExternKind>(import.kind);
    description.imports.push_back({std::string(file.string(import.module)),
                                   std::string(file.string(import.name)), wasm::name_of(kind),
                                   type_of_extern(file, kind, import.index)});
  }
  for (const artifact::ExportRecord& exported : file.exports()) {
    auto kind = static_cast<wasm::ExternKind>(exported.kind);
    description.exports.push_back({"", std::string(file.string(exported.name)), wasm::name_of(kind),
                                   type_of_extern(file, kind, exported.index)});
  }
}

// A file for another engine or CPU is described by its header alone.
Result<Description> describe_artifact(int fd, Bytes bytes, const std::string& name) {
  artifact::Header header = TRY(artifact::Artifact::read_header(bytes, name));
  auto file = artifact::Artifact::open(fd, name);
  Description description{"compiled WebAssembly module", {}, {}, {}};
  description.facts = {{"bytes", bytes.size()},
                       {"producer", std::string(header.producer)},
                       {"format_version", header.format_version},
                       {"engine_fingerprint", fmt::format("{:016x}", header.engine_fingerprint)},
                       {"cpu", fmt::format("x86-64-v{}", header.cpu_level)},
                       {"module_sha256", to_hex(header.module_sha256)},
                       {"module_bytes", header.module_bytes},
                       {"code_bytes", header.text_bytes},
                       {"memory_image_bytes", header.image_bytes},
                       {"source_lines", header.lines_bytes > 0},
                       {"functions", header.functions.count - header.imported_functions},
                       {"runs_here", file.ok()}};
  if (!file.ok())
    description.facts.push_back({"why_not", file.error().message});
  else
    add_externs(description, **file);
  return description;
}

Result<Description> describe(const std::string& path) {
  FileDescriptor file = TRY(open_for_reading(path));
  ByteVector bytes = TRY(read_descriptor(file.number(), path, kMaxModuleBytes));
  if (artifact::looks_like_artifact(bytes)) return describe_artifact(file.number(), bytes, path);
  if (wasm::looks_like_wasm(bytes)) return describe_module(bytes).context("{}", path);
  return not_a_module(path);
}

std::string json_of(const std::string& path, const Description& description) {
  ordered_json json = {{"file", path}, {"kind", description.kind}};
  for (const Fact& fact : description.facts) json[fact.name] = fact.value;
  auto externs = [](const std::vector<ExternLine>& lines, bool has_module) {
    ordered_json array = ordered_json::array();
    for (const ExternLine& line : lines) {
      ordered_json item;
      if (has_module) item["module"] = line.module;
      item["name"] = line.name;
      item["kind"] = line.kind;
      item["type"] = line.type;
      array.push_back(std::move(item));
    }
    return array;
  };
  json["imports"] = externs(description.imports, true);
  json["exports"] = externs(description.exports, false);
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string text_of(const std::string& path, const Description& description) {
  std::string text = fmt::format("{}: {}\n", path, description.kind);
  for (const Fact& fact : description.facts) {
    std::string name = fact.name;
    std::replace(name.begin(), name.end(), '_', ' ');
    std::string value = fact.value.is_string()    ? fact.value.get<std::string>()
                        : fact.value.is_boolean() ? (fact.value.get<bool>() ? "yes" : "no")
                                                  : fact.value.dump();
    text += fmt::format("  {:20} {}\n", name, value);
  }
  auto add = [&](const char* title, const std::vector<ExternLine>& lines) {
    if (!lines.empty()) text += fmt::format("{}\n", title);
    for (const ExternLine& line : lines) {
      std::string name = line.module.empty() ? line.name : line.module + " " + line.name;
      text += fmt::format("  {:8} {} : {}\n", line.kind, name, line.type);
    }
  };
  add("imports", description.imports);
  add("exports", description.exports);
  return text;
}

}  // namespace

int cmd_inspect(const InspectFlags& flags) {
  auto description = describe(flags.file);
  if (!description.ok()) return report(description.error());
  print_out(flags.json ? json_of(flags.file, *description) : text_of(flags.file, *description));
  return kExitOk;
}

}  // namespace wherry::cli
