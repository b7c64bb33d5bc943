#include "host/admin.h"

#include <unistd.h>

#include <charconv>
#include <future>

#include "base/json.h"
#include "host/metrics_text.h"

namespace wherry::host {

namespace {

using nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr size_t kDefaultLines = 1000;
// Who follows the log may be gone without a word: it is seen when something is sent.
constexpr milliseconds kFollowWait{250};

ordered_json json_of(const HostedFunction& function) {
  FunctionFigures figures = function.metrics().figures(function.name());
  HostedSettings settings = function.settings();
  ordered_json one{{"name", function.name()}};
  if (Code code = function.code()) {
    one["abi"] = function::name_of(code->abi());
    one["memory_limit_bytes"] = code->options().limits.memory_bytes;
    one["time_limit_ms"] = code->options().limits.time.count();
  }
  one["concurrency"] = function.concurrency();
  one["queue_limit"] = settings.queue;
  one["running"] = function.running();
  one["queued"] = function.waiting();
  one["invocations"] = figures.invocations();
  one["errors"] = figures.errors();
  one["rejected"] = figures.rejected;
  one["cold_starts"] = figures.cold_starts;
  one["memory_peak_bytes"] = figures.memory_peak_bytes;
  return one;
}

struct LogQuery {
  std::string function;
  LogFormat format = LogFormat::kText;
  bool follow = false;
  size_t lines = kDefaultLines;
};

Result<LogQuery> log_query_of(const http::Request& request) {
  LogQuery query;
  for (const auto& [name, value] : http::query_pairs(request.query())) {
    if (name == "function") {
      query.function = value;
    } else if (name == "format") {
      auto format = log_format_of_name(value);
      if (!format) return make_error(ErrorKind::kInvalid, "no such format: {}", value);
      query.format = *format;
    } else if (name == "follow") {
      query.follow = value == "1";
    } else if (name == "lines") {
      auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), query.lines);
      if (error != std::errc() || end != value.data() + value.size())
        return make_error(ErrorKind::kInvalid, "not a number of lines: {}", value);
    } else {
      return make_error(ErrorKind::kInvalid, "unknown parameter: {}", name);
    }
  }
  return query;
}

std::string lines_of(const LogRing::Batch& batch, LogFormat format) {
  std::string text;
  for (const LogEvent& event : batch.events) text += line_of(event, format) + "\n";
  return text;
}

// Waits for a client that reads slowly, on a thread that may. False if it is gone.
bool send(http::Exchange& exchange, std::string_view text) {
  for (;;) {
    http::Exchange::State state = exchange.write(as_bytes(text));
    if (state == http::Exchange::State::kReady) return true;
    if (state != http::Exchange::State::kWait) return false;
    auto room = std::make_shared<std::promise<void>>();
    exchange.wake([room] { room->set_value(); });
    room->get_future().wait();
  }
}

}  // namespace

Result<std::unique_ptr<http::Server>> Admin::serve(std::string address) {
  http::ServerOptions options;
  options.listen = std::move(address);
  options.loops = 1;
  options.max_connections = 64;
  options.max_threads = 64;
  options.drain_timeout = milliseconds(1000);
  http::Handlers handlers;
  handlers.handle = [this](const http::ExchangePtr& exchange) { handle(exchange); };
  handlers.body_policy = [](const http::Request&) { return http::BodyPolicy{64 * 1024}; };
  return http::Server::create(std::move(options), std::move(handlers), host_.log().as_log());
}

void Admin::handle(const http::ExchangePtr& exchange) {
  const http::Request& request = exchange->request();
  std::string route = request.method + " " + std::string(request.path());
  if (route == "GET /v1/server") return exchange->respond(http::json_response(200, server_json()));
  if (route == "GET /v1/functions")
    return exchange->respond(http::json_response(200, functions_json()));
  if (route == "GET /v1/metrics")
    return exchange->respond(http::json_response(200, write_json(to_json(host_.figures()))));
  if (route == "GET /v1/logs") {
    // Takes a thread for as long as somebody follows.
    return exchange->post([this, exchange] { send_logs(exchange); }, true);
  }
  if (route == "POST /v1/reload") {
    if (options_.reload) options_.reload();
    return exchange->respond(http::json_response(202, "{}"));
  }
  exchange->respond(http::error_response(404, "nothing here"));
}

std::string Admin::server_json() const {
  auto uptime =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_);
  return write_json({{"version", options_.version},
                     {"pid", ::getpid()},
                     {"address", options_.address},
                     {"uptime_seconds", uptime.count()}});
}

std::string Admin::functions_json() const {
  ordered_json all = ordered_json::array();
  for (const auto& function : host_.catalog().all()) all.push_back(json_of(*function));
  return all.dump();
}

void Admin::send_logs(const http::ExchangePtr& exchange) {
  auto query = log_query_of(exchange->request());
  if (!query.ok()) return exchange->respond(http::error_response(400, query.error().message));
  const LogRing& ring = host_.log().ring();
  uint64_t next = ring.tail(query->lines, query->function);
  http::Response head = http::text_response(200, "");
  exchange->start(std::move(head), {});
  for (;;) {
    LogRing::Batch batch = ring.read(next, query->function);
    bool has_more = batch.next != next;
    next = batch.next;
    std::string text = lines_of(batch, query->format);
    if (batch.missed != 0 && query->follow)
      text.insert(0, fmt::format("({} events came too fast to be shown)\n", batch.missed));
    if (!text.empty() && !send(*exchange, text)) return exchange->abort();
    if (has_more) continue;
    if (!query->follow || is_ending_) return exchange->finish();
    exchange->flush();
    ring.wait_for(next, kFollowWait);
    if (!send(*exchange, "")) return exchange->abort();
  }
}

}  // namespace wherry::host
