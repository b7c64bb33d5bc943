#include "bench/engines.h"

#include <algorithm>

#include "base/nearest.h"
#include "base/programs.h"
#include "bench/json_values.h"

namespace wherry::bench {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr uint64_t kMaxVersionBytes = 64 * 1024;
constexpr std::chrono::milliseconds kVersionTimeout{20'000};
constexpr std::string_view kKeys[] = {"name",    "title",   "kind", "get",       "programs",
                                      "version", "prepare", "run",  "languages", "vectors"};
constexpr std::string_view kKinds[] = {"native", "ahead of time", "just in time", "interpreter"};
constexpr std::string_view kLanguages[] = {"c", "c++", "rust"};

// A name is part of paths and of tables.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 && text[0] != '-' && text[0] != '.' &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._+") == text.npos;
}

template <size_t N>
Status check_one_of(const std::string& where, std::string_view what, std::string_view word,
                    const std::string_view (&words)[N]) {
  if (std::ranges::find(words, word) != std::end(words)) return ok_status();
  std::string all;
  for (std::string_view one : words) all += fmt::format("{}{}", all.empty() ? "" : ", ", one);
  Error error = make_error(ErrorKind::kInvalid, "{}: {} {} is none of {}", where, what,
                           quoted_text(word), all);
  if (auto near = nearest_of(word, words)) {
    return std::move(error).with_hint(fmt::format("did you mean {}?", *near));
  }
  return error;
}

Result<Command> command_of(const std::string& where, const json& value) {
  Command command = TRY(texts_of(where, value));
  if (command.empty()) return invalid(where, "is empty");
  return command;
}

Result<Engine> engine_of(const std::string& where, const json& value) {
  if (!value.is_object()) return invalid(where, "has to be an object");
  Engine engine;
  const auto at = [&](const std::string& key) { return fmt::format("{}: {}", where, key); };
  for (const auto& [key, member] : value.items()) {
    TRY(check_one_of(where, "the key", key, kKeys));
    if (key == "name") engine.name = TRY(text_of(at(key), member));
    if (key == "title") engine.title = TRY(text_of(at(key), member));
    if (key == "kind") engine.kind = TRY(text_of(at(key), member));
    if (key == "get") engine.get = TRY(text_of(at(key), member));
    if (key == "version") engine.version = TRY(command_of(at(key), member));
    if (key == "run") engine.run = TRY(command_of(at(key), member));
    if (key == "languages") engine.languages = TRY(texts_of(at(key), member));
    if (key == "prepare") {
      if (!member.is_array()) return invalid(at(key), "has to be a list of commands");
      for (const json& one : member) engine.prepare.push_back(TRY(command_of(at(key), one)));
    }
    if (key == "vectors") {
      engine.takes_vectors = TRY(flag_of(at(key), member));
    }
    if (key == "programs") {
      if (!member.is_object()) return invalid(at(key), "has to be an object");
      for (const auto& [name, candidates] : member.items()) {
        engine.programs[name] = TRY(command_of(at(key) + "." + name, candidates));
      }
    }
  }
  if (!is_name(engine.name)) {
    return invalid(where, "needs a name of letters, digits and -._+, 40 at most");
  }
  if (engine.version.empty()) return invalid(where, "needs a version: a command that prints it");
  if (engine.run.empty()) return invalid(where, "needs a command to run");
  if (engine.kind.empty()) engine.kind = engine.is_native() ? "native" : "just in time";
  if (engine.title.empty()) engine.title = engine.name;
  if (engine.get.empty()) engine.get = "no way to install it is known";
  TRY(check_one_of(where, "the kind", engine.kind, kKinds));
  for (const std::string& language : engine.languages) {
    TRY(check_one_of(where, "the language", language, kLanguages));
  }
  return engine;
}

// The placeholders of all its commands that neither a program nor this program stands for.
Status check_placeholders(const Engine& engine, bool is_compiler) {
  Substitutions all;
  for (const auto& [name, candidates] : engine.programs) all.words[name] = "";
  const auto check = [&](const Command& command) -> Status {
    TRY(substituted(command, all).context("{}", engine.name));
    return ok_status();
  };
  TRY(check(engine.version));  // it is asked before there is a program to run
  if (is_compiler) {
    for (const char* name : {"source", "module"}) all.words[name] = "";
    all.lists = {{"flags", {}}};
  } else {
    for (const char* name : {"work", "assets", engine.is_native() ? "source" : "module"}) {
      all.words[name] = "";
    }
    all.lists = {{"arguments", {}}};
  }
  for (const Command& command : engine.prepare) TRY(check(command));
  return check(engine.run);
}

Result<std::vector<Engine>> list_of(const json& values, bool is_compiler) {
  const char* what = is_compiler ? "compiler" : "engine";
  if (!values.is_array()) return make_error(ErrorKind::kInvalid, "{}s have to be a list", what);
  std::vector<Engine> engines;
  for (const json& value : values) {
    Engine engine = TRY(engine_of(fmt::format("{} {}", what, engines.size() + 1), value));
    TRY(check_placeholders(engine, is_compiler));
    if (is_compiler && engine.languages.empty()) {
      return make_error(ErrorKind::kInvalid, "the compiler {} needs languages", engine.name);
    }
    if (std::ranges::find(engines, engine.name, &Engine::name) != engines.end()) {
      return make_error(ErrorKind::kInvalid, "two {}s are called {}", what, engine.name);
    }
    engines.push_back(std::move(engine));
  }
  return engines;
}

void merge_into(std::vector<Engine>& table, std::vector<Engine> more) {
  for (Engine& engine : more) {
    auto same = std::ranges::find(table, engine.name, &Engine::name);
    if (same != table.end()) {
      *same = std::move(engine);
    } else {
      table.push_back(std::move(engine));
    }
  }
}

std::string first_line(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return "";
  text.remove_prefix(begin);
  std::string line(text.substr(0, std::min(text.find_first_of("\r\n"), text.size())));
  return line.substr(0, 200);
}

}  // namespace

void EngineTable::merge(EngineTable more) {
  merge_into(engines, std::move(more.engines));
  merge_into(compilers, std::move(more.compilers));
}

Result<EngineTable> parse_engines(std::string_view text) {
  const json value = TRY(parse_json(text));
  if (!value.is_object()) {
    return make_error(ErrorKind::kInvalid, "a table of engines is {{\"engines\": [...]}}");
  }
  EngineTable table;
  for (const auto& [key, member] : value.items()) {
    if (key == "engines") {
      table.engines = TRY(list_of(member, false));
    } else if (key == "compilers") {
      table.compilers = TRY(list_of(member, true));
    } else {
      return make_error(ErrorKind::kInvalid, "a table of engines has no key {}", quoted_text(key));
    }
  }
  return table;
}

ordered_json to_json(const Engine& engine) {
  ordered_json value = {{"name", engine.name},
                        {"title", engine.title},
                        {"kind", engine.kind},
                        {"get", engine.get},
                        {"programs", engine.programs}};
  value["version"] = engine.version;
  value["prepare"] = engine.prepare;
  value["run"] = engine.run;
  value["languages"] = engine.languages;
  value["vectors"] = engine.takes_vectors;
  return value;
}

Result<FoundEngine> find_engine(const Engine& engine, const EngineSearch& search,
                                Interrupts& interrupts) {
  FoundEngine found{engine};
  Substitutions substitutions;
  for (const auto& [name, candidates] : engine.programs) {
    std::optional<std::string> path;
    for (const std::string& candidate : candidates) {
      if (!path) path = find_program(candidate, search.directories);
    }
    if (!path) {
      found.missing = fmt::format("{} is not installed", candidates.front());
      return found;
    }
    found.paths[name] = substitutions.words[name] = *path;
  }
  ProcessPlan plan;
  plan.command = TRY(substituted(engine.version, substitutions));
  if (auto path = find_program(plan.command[0], search.directories)) plan.command[0] = *path;
  plan.output = plan.errors = search.scratch + "/version";
  plan.timeout = kVersionTimeout;
  plan.max_file_bytes = kMaxVersionBytes;
  auto ran = run_process(plan, interrupts);
  const std::string asked = shell_text(plan.command);
  if (!ran.ok()) {
    found.missing = ran.error().message;
  } else if (ran->is_timed_out) {
    found.missing = fmt::format("`{}` did not end in {} s", asked,
                                std::chrono::duration<double>(kVersionTimeout).count());
  } else if (ran->signal != 0 || ran->exit_code != 0) {
    const ByteVector said = TRY(read_file(plan.output, kMaxVersionBytes));
    found.missing = ran->signal != 0
                        ? fmt::format("`{}` was killed by signal {}", asked, ran->signal)
                        : fmt::format("`{}`: exit code {}: {}", asked, ran->exit_code,
                                      first_line(as_text(said)));
  } else {
    const ByteVector said = TRY(read_file(plan.output, kMaxVersionBytes));
    found.version = first_line(as_text(said));
    if (found.version.empty()) found.missing = fmt::format("`{}` prints no version", asked);
  }
  return found;
}

const FoundEngine* find_for_language(const std::vector<FoundEngine>& engines,
                                     std::string_view language) {
  const FoundEngine* first = nullptr;
  for (const FoundEngine& found : engines) {
    if (std::ranges::count(found.engine.languages, language) == 0) continue;
    if (found.is_installed()) return &found;
    if (first == nullptr) first = &found;
  }
  return first;
}

Result<Command> substituted(const Command& command, const Substitutions& substitutions) {
  Command words;
  for (const std::string& word : command) {
    if (word.size() > 2 && word.front() == '{' && word.back() == '}') {
      auto list = substitutions.lists.find(word.substr(1, word.size() - 2));
      if (list != substitutions.lists.end()) {
        words.insert(words.end(), list->second.begin(), list->second.end());
        continue;
      }
    }
    std::string text;
    for (size_t at = 0; at < word.size();) {
      const size_t open = word.find('{', at);
      text += word.substr(at, open - at);
      if (open == word.npos) break;
      const size_t close = word.find('}', open);
      const std::string name = word.substr(open + 1, close - open - 1);
      auto found = substitutions.words.find(name);
      if (close == word.npos || found == substitutions.words.end()) {
        return make_error(ErrorKind::kInvalid, "in {}: nothing is called {}", quoted_text(word),
                          quoted_text(name));
      }
      text += found->second;
      at = close + 1;
    }
    words.push_back(std::move(text));
  }
  return words;
}

}  // namespace wherry::bench
