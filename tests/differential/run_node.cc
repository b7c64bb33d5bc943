#include <spawn.h>
#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "engines.h"

extern char** environ;

namespace wherry::differential {
namespace {

Status run_program(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = 0;
  int error = ::posix_spawnp(&process, arguments[0], nullptr, nullptr, arguments.data(), environ);
  if (error != 0) return errno_error(error, words[0]);
  int status = 0;
  if (::waitpid(process, &status, 0) < 0) return errno_error(errno, "waitpid");
  if (status != 0) {
    return make_error(ErrorKind::kInternal, "{} ended with status {:#x}", words[0], status);
  }
  return ok_status();
}

}  // namespace

Result<Outcomes> run_node(const std::string& node, const std::string& script, Bytes bytes,
                          const wasm::Module& module, const Plan& plan,
                          const std::vector<size_t>& lengths) {
  auto directory = TRY(TemporaryDirectory::create());
  std::string path = directory.path();
  TRY(write_file_atomically(path + "/module.wasm", bytes));
  TRY(write_file_atomically(path + "/plan.json",
                            as_bytes(write_json(plan_to_json(module, plan, lengths)))));
  // Node cannot interrupt a guest: one that ours did not have to stop is done by then.
  TRY(run_program({"timeout", "--kill-after=5", "300", node, script, path + "/module.wasm",
                   path + "/plan.json", path + "/outcomes.json"})
          .context("while Node runs the plan"));
  ByteVector text = TRY(read_file(path + "/outcomes.json", 1 << 30));
  nlohmann::json rounds = TRY(parse_json(as_text(text)));
  Outcomes outcomes(plan.rounds.size());
  for (const nlohmann::json& round : rounds) {
    for (const nlohmann::json& outcome : round.at("outcomes")) {
      outcomes.at(round.at("round").get<size_t>()).push_back(TRY(outcome_from_json(outcome)));
    }
  }
  return outcomes;
}

}  // namespace wherry::differential
