// wherry doctor: whether this machine has what Wherry needs, and whether functions could be served.
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/functions.h"
#include "cli/machine_checks.h"
#include "cli/report.h"
#include "host/discover.h"

namespace wherry::cli {

namespace {

using nlohmann::ordered_json;

const char* word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood: return "ok";
    case Verdict::kWarning: return "warning";
    case Verdict::kBad: return "bad";
  }
  return "?";
}

Check bad(const std::string& name, const Error& error) {
  return {name, Verdict::kBad, error.message, error.hint};
}

Check check_function(const host::Source& source, ModuleSource& modules, runtime::Watchdog& watchdog,
                     OutboundAccess& outbound) {
  std::string name = "function " + source.manifest.options.name;
  auto loaded = modules.open(source.manifest.module, Use::kOneRun);
  if (!loaded.ok()) return bad(name, loaded.error());
  function::FunctionManifest manifest = source.manifest;
  auto warnings = function::read_secrets(manifest);
  if (!warnings.ok()) return bad(name, warnings.error());
  auto function = make_function(std::move(loaded->module), watchdog, outbound, source.manifest);
  if (!function.ok()) return bad(name, function.error());
  Check check{name,
              Verdict::kGood,
              fmt::format("{}, {}", function::name_of((*function)->abi()), source.manifest.module),
              {}};
  if (!warnings->empty()) {
    check.verdict = Verdict::kWarning;
    check.found = (*warnings)[0];
    check.hint = "chmod o-r the file";
  }
  return check;
}

std::string as_text(const std::vector<Check>& checks) {
  std::string text;
  for (const Check& check : checks) {
    text += fmt::format("{:<8} {:<16} {}\n", word_of(check.verdict), check.name, check.found);
    if (!check.hint.empty()) text += fmt::format("{:25} try: {}\n", "", check.hint);
  }
  return text;
}

std::string as_json(const std::vector<Check>& checks) {
  ordered_json all = ordered_json::array();
  for (const Check& check : checks) {
    ordered_json one{
        {"name", check.name}, {"verdict", word_of(check.verdict)}, {"found", check.found}};
    if (!check.hint.empty()) one["hint"] = check.hint;
    all.push_back(std::move(one));
  }
  return all.dump(2) + "\n";
}

Result<int> doctor(const DoctorFlags& flags, ModuleSource& modules, const Settings& settings,
                   OutboundAccess& outbound) {
  std::vector<Check> checks = check_machine(settings);
  if (!flags.functions.empty()) {
    auto watchdog = TRY(runtime::Watchdog::create());
    host::Found found = host::discover(flags.functions, {});
    for (const host::Source& source : found.sources)
      checks.push_back(check_function(source, modules, *watchdog, outbound));
    for (const host::Found::Problem& problem : found.problems)
      checks.push_back(bad(problem.file, problem.error));
  }
  print_out(flags.json ? as_json(checks) : as_text(checks));
  for (const Check& check : checks) {
    if (check.verdict == Verdict::kBad) return exit_code_of(ErrorKind::kUnsupported);
  }
  return kExitOk;
}

}  // namespace

int cmd_doctor(const DoctorFlags& flags, ModuleSource& modules, const Settings& settings,
               OutboundAccess& outbound) {
  auto code = doctor(flags, modules, settings, outbound);
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
