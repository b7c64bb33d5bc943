// wherry verify: packs for every target, starts each where it can be started here, asks all of them
// the same, and says where an answer is not that of `wherry serve`. 1 if there is such a one.
#include "base/files.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/function_to_pack.h"
#include "cli/functions.h"
#include "cli/host_parts.h"
#include "cli/report.h"
#include "http/buffered_exchange.h"
#include "verify/events.h"
#include "verify/matrix.h"
#include "verify/runner.h"

namespace wherry::cli {

namespace {

class Verifying {
 public:
  Verifying(const VerifyFlags& flags, const Settings& settings)
      : flags_(flags), settings_(settings), outbound_(make_outbound_client) {}

  Result<int> run() {
    const auto targets = TRY(targets_of("--targets", flags_.targets));
    function_ = TRY(read_function_to_pack(
        {flags_.function, flags_.name, kPortableCpuLevel, flags_.compiler.features}, settings_));
    const bool speaks_http = function::speaks_http(function_.abi);
    events_ = flags_.events.empty() ? verify::default_events(speaks_http)
                                    : TRY(verify::read_events(flags_.events));
    TRY(make_references());
    matrix_.function = function_.manifest.options.name;
    for (const verify::Event& event : events_) matrix_.events.push_back(event.name);
    options_.workerd = flags_.workerd;
    options_.speaks_http = speaks_http;
    options_.patience += function_.manifest.options.limits.time;
    for (const pack::TargetInfo* info : targets) matrix_.rows.push_back(TRY(row_of(*info)));
    print_out(flags_.json ? verify::json_of(matrix_) : verify::text_of(matrix_));
    if (!flags_.html.empty()) {
      TRY(write_file_atomically(flags_.html, as_bytes(verify::html_of(matrix_))));
    }
    return matrix_.has_difference() ? kExitGuestFailed : kExitOk;
  }

 private:
  // As `wherry serve` answers, without a socket.
  Status make_references() {
    modules_.emplace(settings_, flags_.compiler);
    HostPartsOptions options;
    options.one_at_root = true;
    options.log_format = LogFormat::kText;
    options.writes_log = false;
    TRY(parts_.create(*modules_, outbound_, std::move(options)));
    TRY(parts_.loader().load(function_.manifest, parts_.host().catalog()));
    for (const verify::Event& event : events_) {
      auto exchange = std::make_shared<http::BufferedExchange>(event.request);
      auto failure = parts_.host().answer(exchange, std::chrono::steady_clock::time_point::max());
      http::Response answer = failure ? std::move(failure->response) : exchange->take_response();
      references_.push_back({answer.status, std::move(answer.body)});
    }
    return ok_status();
  }

  Result<verify::Row> row_of(const pack::TargetInfo& info) {
    verify::Row row{info.name};
    auto package = pack::make_package(info, function_);
    if (!package.ok()) {
      row.where = package.error().message;
      return row;
    }
    TemporaryDirectory directory = TRY(TemporaryDirectory::create());
    const std::string path = TRY(verify::unpack(*package, directory.path()));
    auto started = verify::start_package(info, function_.manifest.options.name, path, options_);
    if (!started.ok()) {
      row.is_run = true;
      row.cells.assign(events_.size(), {verify::Cell::State::kDifferent, started.error().message});
      return row;
    }
    row.where = started->where;
    row.is_run = started->runner != nullptr;
    if (row.is_run) ask_all(*started->runner, row);
    return row;
  }

  void ask_all(verify::Runner& runner, verify::Row& row) {
    using State = verify::Cell::State;
    for (size_t i = 0; i < events_.size(); i++) {
      auto answer = runner.ask(events_[i]);
      if (!answer.ok()) {
        row.cells.push_back({State::kDifferent, answer.error().message});
      } else if (!*answer) {
        row.cells.push_back({State::kNotSent, "not an event of this platform"});
      } else {
        std::string difference = verify::difference(references_[i], **answer);
        const State state = difference.empty() ? State::kSame : State::kDifferent;
        row.cells.push_back({state, std::move(difference)});
      }
    }
  }

  const VerifyFlags& flags_;
  const Settings& settings_;
  OutboundAccess outbound_;
  std::optional<CompileAndCache> modules_;
  HostParts parts_;
  pack::FunctionToPack function_;
  std::vector<verify::Event> events_;
  std::vector<verify::Reference> references_;
  verify::RunnerOptions options_;
  verify::Matrix matrix_;
};

}  // namespace

int cmd_verify(const VerifyFlags& flags, const Settings& settings) {
  auto code = Verifying(flags, settings).run();
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
