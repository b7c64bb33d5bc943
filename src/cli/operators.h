// Asks a running server (host/admin.h) for the operators' verbs.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "cli/flags.h"
#include "http/client.h"

namespace wherry::cli {

// GET of a path, as text. What is not 200 is an error.
Result<std::string> ask_server(const OperatorFlags& flags, const std::string& path);
Result<nlohmann::json> ask_server_for_json(const OperatorFlags& flags, const std::string& path);

// Hands over what comes until the server ends it, or `piece` returns false.
Status follow_server(const OperatorFlags& flags, const std::string& path,
                     const std::function<bool(std::string_view piece)>& piece);

}  // namespace wherry::cli
