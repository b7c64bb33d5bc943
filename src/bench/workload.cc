#include "bench/workload.h"

#include <algorithm>

#include "base/nearest.h"
#include "bench/json_values.h"

namespace wherry::bench {

namespace {

using nlohmann::json;

constexpr std::string_view kKeys[] = {"name",      "title", "source",       "module",
                                      "arguments", "input", "modes",        "own_time",
                                      "figure",    "size",  "memory_bound", "empty"};
constexpr std::string_view kModes[] = {"quick", "standard", "full"};

std::string path_in(const std::string& directory, const std::string& path) {
  return path.empty() || path[0] == '/' ? path : directory + "/" + path;
}

// A workload, and the modes that it is in.
struct Entry {
  Workload workload;
  std::vector<std::string> modes{"quick", "standard", "full"};
};

Result<Entry> entry_of(const std::string& where, const json& value, const std::string& directory) {
  if (!value.is_object()) return invalid(where, "has to be an object");
  Entry entry;
  Workload& workload = entry.workload;
  for (const auto& [key, member] : value.items()) {
    const std::string at = where + ": " + key;
    if (std::ranges::find(kKeys, key) == std::end(kKeys)) {
      Error error =
          make_error(ErrorKind::kInvalid, "{}: there is no key {}", where, quoted_text(key));
      auto near = nearest_of(key, kKeys);
      return near ? std::move(error).with_hint(fmt::format("did you mean {}?", *near)) : error;
    }
    if (key == "name") workload.name = TRY(text_of(at, member));
    if (key == "title") workload.title = TRY(text_of(at, member));
    if (key == "source") workload.source = path_in(directory, TRY(text_of(at, member)));
    if (key == "module") workload.module = path_in(directory, TRY(text_of(at, member)));
    if (key == "input") workload.input = path_in(directory, TRY(text_of(at, member)));
    if (key == "figure") workload.figure = TRY(text_of(at, member));
    if (key == "arguments") workload.arguments = TRY(texts_of(at, member));
    if (key == "memory_bound") workload.is_memory_bound = TRY(flag_of(at, member));
    if (key == "empty") workload.is_empty = TRY(flag_of(at, member));
    if (key == "size") {
      if (!member.is_number()) return invalid(at, "has to be a number");
      workload.size = member.get<double>();
    }
    if (key == "own_time") {
      auto texts = TRY(texts_of(at, member));
      if (texts.size() != 2 || texts[0].empty()) {
        return invalid(at, "has to be two texts, before and behind the number");
      }
      workload.own_time = std::pair(texts[0], texts[1]);
    }
    if (key == "modes") {
      entry.modes = TRY(texts_of(at, member));
      for (const std::string& mode : entry.modes) {
        if (std::ranges::find(kModes, mode) == std::end(kModes)) {
          return invalid(at, fmt::format("{} is none of quick, standard, full", quoted_text(mode)));
        }
      }
    }
  }
  if (workload.name.empty() || workload.name.find('/') != std::string::npos ||
      workload.name[0] == '.') {
    return invalid(where, "needs a name that can be a directory's");
  }
  if (workload.title.empty()) workload.title = workload.name;
  if (workload.source.empty() && workload.module.empty()) {
    return invalid(where, "needs a source or a module");
  }
  if (!workload.source.empty() && workload.language().empty()) {
    return invalid(where, "the source's name has to end in .c, .cc, .cpp or .rs");
  }
  return entry;
}

// `{"title": …, "source": …, "short": [EVENT, ANSWER], "long": {MODE: [EVENT, ANSWER], …}}`.
Result<SuiteFunction> function_of(const json& value, const std::string& directory, Mode mode) {
  if (!value.is_object()) return invalid("function", "has to be an object");
  SuiteFunction function;
  const auto exchange = [](const std::string& where, const json& pair, std::string& event,
                           std::string& answer) -> Status {
    if (!pair.is_array() || pair.size() != 2)
      return invalid(where, "has to be an event and its answer");
    event = write_json(pair[0]);
    answer = write_json(pair[1]);
    return ok_status();
  };
  for (const auto& [key, member] : value.items()) {
    if (key == "title") {
      function.title = TRY(text_of("function: title", member));
    } else if (key == "source") {
      function.source = path_in(directory, TRY(text_of("function: source", member)));
    } else if (key == "short") {
      TRY(exchange("function: short", member, function.short_event, function.short_answer));
    } else if (key == "long") {
      if (!member.is_object() || !member.contains(name_of(mode))) {
        return invalid("function: long", fmt::format("has to be an object with {}", name_of(mode)));
      }
      TRY(exchange("function: long", member[name_of(mode)], function.long_event,
                   function.long_answer));
    } else {
      return make_error(ErrorKind::kInvalid, "function: there is no key {}", quoted_text(key));
    }
  }
  if (function.source.empty() || function.short_event.empty() || function.long_event.empty()) {
    return invalid("function", "needs source, short and long");
  }
  if (function.title.empty())
    function.title = function.source.substr(function.source.rfind('/') + 1);
  return function;
}

}  // namespace

const char* name_of(Mode mode) { return kModes[static_cast<size_t>(mode)].data(); }

std::string Workload::language() const {
  const size_t dot = source.rfind('.');
  const std::string ending = dot == source.npos ? "" : source.substr(dot);
  if (ending == ".c") return "c";
  if (ending == ".cc" || ending == ".cpp" || ending == ".cxx") return "c++";
  if (ending == ".rs") return "rust";
  return "";
}

Result<Suite> parse_suite(std::string_view text, const std::string& directory, Mode mode) {
  const json value = TRY(parse_json(text));
  if (!value.is_object()) return make_error(ErrorKind::kInvalid, "a suite has to be an object");
  Suite suite;
  std::vector<std::string> names;
  for (const auto& [key, member] : value.items()) {
    if (key == "name") {
      suite.name = TRY(text_of("name", member));
    } else if (key == "title") {
      suite.title = TRY(text_of("title", member));
    } else if (key == "function") {
      suite.function = TRY(function_of(member, directory, mode));
    } else if (key != "workloads") {
      return make_error(ErrorKind::kInvalid, "a suite has no key {}", quoted_text(key));
    } else if (!member.is_array()) {
      return invalid("workloads", "has to be a list");
    } else {
      for (const json& one : member) {
        Entry entry = TRY(entry_of(fmt::format("workload {}", names.size() + 1), one, directory));
        if (std::ranges::find(names, entry.workload.name) != names.end()) {
          return make_error(ErrorKind::kInvalid, "two workloads are called {}",
                            entry.workload.name);
        }
        names.push_back(entry.workload.name);
        const bool is_in = std::ranges::find(entry.modes, name_of(mode)) != entry.modes.end();
        if (is_in) suite.workloads.push_back(std::move(entry.workload));
      }
    }
  }
  if (suite.name.empty()) return make_error(ErrorKind::kInvalid, "a suite needs a name");
  if (suite.title.empty()) suite.title = suite.name;
  if (names.empty()) return make_error(ErrorKind::kInvalid, "a suite needs workloads");
  return suite;
}

}  // namespace wherry::bench
