// Apache OpenWhisk's action container contract: POST /init once, then POST /run for each activation
// (OpenWhisk: docs/actions-new.md, the reference proxies where that is silent).
//
// Where the contract leaves a choice:
// - `code` must be `binary` (base64): a WebAssembly module, a zip with one in it, or a compiled
// file.
// - A WASI command has one entry, `_start`; a `main` is accepted and given to the guest as
// __OW_MAIN.
// - A host started with a function is a container with a stub: /run works before /init, and an
// /init
//   without code succeeds (once) and only sets the environment; one with code replaces the stub.
// - A `deadline` in the past is no deadline: OpenWhisk's own test suite sends 123. The function's
//   time limit holds in any case.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "platform/service.h"

namespace wherry::platform {

// What OpenWhisk's proxies say of a result that is none.
inline constexpr std::string_view kNoResult = "The action did not return a dictionary or array.";
inline constexpr std::string_view kSentinel = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n";

// 48 MiB of code as base64, and room for the rest of the JSON.
inline constexpr uint64_t kMaxCodeBytes = 48ull << 20;
inline constexpr uint64_t kMaxInitBodyBytes = kMaxCodeBytes / 3 * 4 + (1ull << 20);
// Arguments are at most 1 MiB; escapes may make six bytes of one.
inline constexpr uint64_t kMaxRunBodyBytes = 8ull << 20;

http::Response openwhisk_init(Service& service, const http::Request& request);
http::Response openwhisk_run(Service& service, const http::Request& request);

// The answer of /run as the line that executables behind OpenWhisk's own proxies give: the body,
// but for a function without result, whose line is no object, so that the proxy refuses it.
std::string openwhisk_result_line(Service& service, const http::Request& request);

// The steady-clock time of a deadline in milliseconds since 1970, as decimal text; nothing if it is
// no number or not in the future.
std::optional<std::chrono::steady_clock::time_point> deadline_of(
    std::string_view epoch_ms, std::chrono::system_clock::time_point system_now,
    std::chrono::steady_clock::time_point steady_now);

}  // namespace wherry::platform
