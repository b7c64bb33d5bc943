// What a function is asked when its packages are compared: HTTP requests, as `wherry serve` gets
// them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace wherry::verify {

struct Event {
  std::string name;
  http::Request request;
};

inline constexpr uint64_t kMaxEventBytes = 6 << 20;  // what Lambda takes

// One a file, by name. `NAME.json`: the body of a POST to /, as it is, said to be JSON.
// `NAME.http`: a request as it is sent, but that lines may end with a newline alone and there is no
// need of Content-Length.
Result<std::vector<Event>> read_events(const std::string& directory);

// For when there are no files: bodies that any JSON function can be asked with, or requests that
// any function that speaks HTTP can be.
std::vector<Event> default_events(bool speaks_http);

// Of a `.http` file. `name` is for messages.
Result<http::Request> parse_event_request(std::string_view text, const std::string& name);

}  // namespace wherry::verify
