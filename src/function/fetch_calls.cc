// The functions of `wherry_1` for calls to other hosts, one by one.
#include <algorithm>

#include "function/fetches.h"
#include "function/guest_arguments.h"
#include "function/http_rules.h"

namespace wherry::function {
namespace {

using http::OutboundCall;
using http::OutboundFailure;
using runtime::HostOutcome;
using State = OutboundCall::State;

constexpr int32_t kAbsent = -1;

HostOutcome give_failure(const GuestArguments& call, OutboundFailure failure) {
  return call.give(-static_cast<int32_t>(failure));
}

// The guest is called again when there is something new.
HostOutcome wait_for(const GuestArguments& call, OutboundCall* awaited) {
  if (!call.may_wait()) return call.stop("called another host where the guest cannot wait");
  call.guest().fetches().set_awaited(awaited);
  return call.wait();
}

// The call of the number that is the first argument, or null.
OutboundCall* find(const GuestArguments& call) {
  Fetches& fetches = call.guest().fetches();
  fetches.set_awaited(nullptr);
  return fetches.find(call.number(0));
}

// Null until the head is there.
const http::Response* response_of(const GuestArguments& call) {
  OutboundCall* found = find(call);
  return found != nullptr && found->head() == State::kReady ? &found->response() : nullptr;
}

// (method, method_length, url, url_length, headers, headers_length, body, body_length) -> number
HostOutcome fetch(const GuestArguments& call) {
  auto method = call.text(0), url = call.text(2), headers = call.text(4), body = call.text(6);
  if (!method || !url || !headers || !body) return call.out_of_bounds();
  return call.give(call.guest().fetches().begin(*method, *url, *headers, *body));
}

// (number) -> status
HostOutcome fetch_wait(const GuestArguments& call) {
  OutboundCall* found = find(call);
  if (found == nullptr) return give_failure(call, OutboundFailure::kInvalid);
  switch (found->head()) {
    case State::kReady: return call.give(static_cast<int32_t>(found->response().status));
    case State::kFailed: return give_failure(call, found->error().failure);
    default: return wait_for(call, found);
  }
}

// (number, name, name_length, into, capacity) -> length
HostOutcome fetch_header(const GuestArguments& call) {
  auto name = call.text(1);
  auto into = call.bytes(3);
  if (!name || !into) return call.out_of_bounds();
  const http::Response* response = response_of(call);
  auto value = response ? joined_header(response->headers, *name) : std::nullopt;
  return value ? call.give_text(*value, *into) : call.give(kAbsent);
}

// (number) -> count
HostOutcome fetch_header_count(const GuestArguments& call) {
  const http::Response* response = response_of(call);
  return call.give(response ? static_cast<int32_t>(response->headers.size()) : kAbsent);
}

// (number, index, name, name_capacity, value, value_capacity, lengths) -> 0
HostOutcome fetch_header_at(const GuestArguments& call) {
  const http::Response* response = response_of(call);
  const auto index = static_cast<uint32_t>(call.number(1));
  if (!response || index >= response->headers.size()) return call.give(kAbsent);
  return call.give_header(response->headers[index], 2);
}

// (number, into, capacity) -> bytes
HostOutcome fetch_read(const GuestArguments& call) {
  auto into = call.bytes(1);
  if (!into) return call.out_of_bounds();
  OutboundCall* found = find(call);
  if (found == nullptr || into->empty()) return give_failure(call, OutboundFailure::kInvalid);
  constexpr size_t kMost = 1 << 30;  // what a positive number can say
  auto read = found->read(into->first(std::min(into->size(), kMost)));
  switch (read.state) {
    case State::kReady: return call.give(static_cast<int32_t>(read.bytes));
    case State::kEnd: return call.give(0);
    case State::kFailed: return give_failure(call, found->error().failure);
    case State::kWait: break;
  }
  return wait_for(call, found);
}

// (number, into, capacity) -> length
HostOutcome fetch_error(const GuestArguments& call) {
  auto into = call.bytes(1);
  if (!into) return call.out_of_bounds();
  return call.give_text(call.guest().fetches().error_of(call.number(0)), *into);
}

// (number) -> 0
HostOutcome fetch_close(const GuestArguments& call) {
  if (find(call) == nullptr) return give_failure(call, OutboundFailure::kInvalid);
  call.guest().fetches().close(call.number(0));
  return call.give(0);
}

template <HostOutcome (*implementation)(const GuestArguments&)>
HostOutcome enter(const runtime::HostCall& host) {
  return implementation(GuestArguments(host));
}

// As WASI's table: one letter a value, `i` for i32.
constexpr wasi::Preview1Function kFunctions[] = {
    {"fetch", "iiiiiiii:i", enter<fetch>, nullptr},
    {"fetch_wait", "i:i", enter<fetch_wait>, nullptr},
    {"fetch_header", "iiiii:i", enter<fetch_header>, nullptr},
    {"fetch_header_count", "i:i", enter<fetch_header_count>, nullptr},
    {"fetch_header_at", "iiiiiii:i", enter<fetch_header_at>, nullptr},
    {"fetch_read", "iii:i", enter<fetch_read>, nullptr},
    {"fetch_error", "iii:i", enter<fetch_error>, nullptr},
    {"fetch_close", "i:i", enter<fetch_close>, nullptr},
};

}  // namespace

const wasi::Preview1Function* find_fetch_function(std::string_view name) {
  auto* found = std::ranges::find(kFunctions, name, &wasi::Preview1Function::name);
  return found != std::end(kFunctions) ? found : nullptr;
}

}  // namespace wherry::function
