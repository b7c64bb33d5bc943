// The functions of `wherry_1`, one by one.
#include <algorithm>
#include <array>

#include "function/guest_arguments.h"
#include "function/handler.h"
#include "function/http_rules.h"

namespace wherry::function {
namespace {

using runtime::HostOutcome;
using State = http::Exchange::State;

// What guests get instead of a length or zero.
constexpr int32_t kClientIsGone = -1, kAlreadySent = -2, kRefused = -3, kAbsent = -1;

class GuestRequest : public GuestArguments {
 public:
  using GuestArguments::GuestArguments;
  HandlerSession& session() const { return *static_cast<HandlerSession*>(guest().session()); }
};

std::optional<std::string_view> field_of(HandlerSession& session, int32_t field) {
  const http::Request& request = session.request();
  switch (field) {
    case 0: return request.method;
    case 1: return path_behind(request.path(), session.event().mount);
    case 2: return request.query();
    case 3: return session.event().mount;
    case 4: return session.event().remote_address;
    case 5: return session.event().id;
    case 6: {
      const std::string* parent = request.find_header("traceparent");
      return parent ? std::string_view(*parent) : std::string_view();
    }
    case 7: return request.target;
    default: return std::nullopt;
  }
}

// (field, into, capacity) -> length
HostOutcome request_get(GuestRequest& call) {
  auto into = call.bytes(1);
  if (!into) return call.out_of_bounds();
  auto value = field_of(call.session(), call.number(0));
  return value ? call.give_text(*value, *into) : call.give(kAbsent);
}

// (name, name_length, into, capacity) -> length
HostOutcome request_header(GuestRequest& call) {
  auto name = call.text(0);
  auto into = call.bytes(2);
  if (!name || !into) return call.out_of_bounds();
  auto value = joined_header(call.session().request().headers, *name);
  return value ? call.give_text(*value, *into) : call.give(kAbsent);
}

// () -> count
HostOutcome request_header_count(GuestRequest& call) {
  return call.give(static_cast<int32_t>(call.session().request().headers.size()));
}

// (index, name, name_capacity, value, value_capacity, lengths) -> 0
HostOutcome request_header_at(GuestRequest& call) {
  const auto& headers = call.session().request().headers;
  const auto index = static_cast<uint32_t>(call.number(0));
  return index < headers.size() ? call.give_header(headers[index], 1) : call.give(kAbsent);
}

// () -> bytes
HostOutcome request_body_size(GuestRequest& call) {
  auto length = call.session().body().length();
  return call.give64(length ? static_cast<int64_t>(*length) : kAbsent);
}

// (into, capacity) -> bytes
HostOutcome request_read(GuestRequest& call) {
  auto into = call.bytes(0);
  if (!into) return call.out_of_bounds();
  if (into->empty()) return call.give(0);
  constexpr size_t kMost = 1 << 30;  // what a positive number can say
  const auto read = call.session().body().read(into->first(std::min(into->size(), kMost)));
  if (read.state == State::kWait) return call.wait();
  return call.give(read.state == State::kBroken ? kClientIsGone : static_cast<int32_t>(read.bytes));
}

// (status) -> 0
HostOutcome response_status(GuestRequest& call) {
  Answer& answer = call.session().answer();
  if (answer.is_started()) return call.give(kAlreadySent);
  if (call.number(0) < 200 || call.number(0) > 599) return call.give(kRefused);
  answer.head().status = static_cast<unsigned>(call.number(0));
  return call.give(0);
}

// (name, name_length, value, value_length) -> 0
HostOutcome response_header(GuestRequest& call) {
  auto name = call.text(0);
  auto value = call.text(2);
  if (!name || !value) return call.out_of_bounds();
  Answer& answer = call.session().answer();
  if (answer.is_started()) return call.give(kAlreadySent);
  if (!is_header_name(*name) || !is_header_value(*value) || is_hop_by_hop(*name)) {
    return call.give(kRefused);
  }
  if (!call.session().has_room_in_head(name->size() + value->size() + 4)) {
    return call.give(kRefused);
  }
  if (http::equal_ignoring_case(*name, "content-length")) {
    auto length = parse_length(*value);
    if (length) answer.set_length(*length);
    return call.give(length ? 0 : kRefused);
  }
  answer.head().headers.push_back({std::string(*name), std::string(*value)});
  return call.give(0);
}

HostOutcome give_taken(GuestRequest& call, Answer::Taken taken) {
  switch (taken) {
    case Answer::Taken::kAll: return call.give(0);
    case Answer::Taken::kWait: return call.wait();
    case Answer::Taken::kGone: return call.give(kClientIsGone);
    case Answer::Taken::kTooMuch: break;
  }
  if (call.session().answer().is_over_limit())
    return call.stop("wrote more than an answer may have");
  return call.give(kRefused);
}

// (from, length) -> 0
HostOutcome response_write(GuestRequest& call) {
  auto from = call.bytes(0);
  if (!from) return call.out_of_bounds();
  return give_taken(call, call.session().answer().write(*from));
}

// () -> 0
HostOutcome response_flush(GuestRequest& call) {
  return give_taken(call, call.session().answer().flush());
}

// (level, text, length)
HostOutcome log(GuestRequest& call) {
  static constexpr std::array<std::string_view, 4> kLevels = {"error: ", "warning: ", "",
                                                              "debug: "};
  auto text = call.text(1);
  if (!text) return call.out_of_bounds();
  const auto level = static_cast<size_t>(std::clamp(call.number(0), 0, 3));
  // The text as it is: it may be as long as the guest's memory.
  for (std::string_view part : {kLevels[level], *text, std::string_view("\n")}) {
    std::string stop = call.session().output().write(true, as_bytes(part));
    if (!stop.empty()) return call.stop(std::move(stop));
  }
  return HostOutcome::kContinue;
}

template <HostOutcome (*implementation)(GuestRequest&)>
HostOutcome enter(const runtime::HostCall& host) {
  GuestRequest call(host);
  return implementation(call);
}

// As WASI's table: one letter a value, `i` for i32 and `I` for i64.
constexpr wasi::Preview1Function kFunctions[] = {
    {"request_get", "iii:i", enter<request_get>, nullptr},
    {"request_header", "iiii:i", enter<request_header>, nullptr},
    {"request_header_count", ":i", enter<request_header_count>, nullptr},
    {"request_header_at", "iiiiii:i", enter<request_header_at>, nullptr},
    {"request_body_size", ":I", enter<request_body_size>, nullptr},
    {"request_read", "ii:i", enter<request_read>, nullptr},
    {"response_status", "i:i", enter<response_status>, nullptr},
    {"response_header", "iiii:i", enter<response_header>, nullptr},
    {"response_write", "ii:i", enter<response_write>, nullptr},
    {"response_flush", ":i", enter<response_flush>, nullptr},
    {"log", "iii:", enter<log>, nullptr},
};

}  // namespace

const wasi::Preview1Function* find_handler_function(std::string_view name) {
  auto* found = std::ranges::find(kFunctions, name, &wasi::Preview1Function::name);
  return found != std::end(kFunctions) ? found : nullptr;
}

}  // namespace wherry::function
