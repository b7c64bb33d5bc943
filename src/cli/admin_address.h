// Where a server can be asked by operators of the same user: a local socket that is named after the
// port it serves on.
#pragma once

#include <string>

#include "base/result.h"

namespace wherry::cli {

// `unix:PATH` for a server that listens on `listening`, in a directory that is ours alone and is
// made if it is not there: $XDG_RUNTIME_DIR/wherry, or /tmp/wherry-UID.
Result<std::string> make_admin_address(const std::string& listening);

// The address to ask for what a user typed as --server: where the server listens (empty:
// 127.0.0.1:8080), if its local socket is there; else the operators' address itself. kNotFound if
// nothing was typed and there is no socket.
Result<std::string> find_admin_address(const std::string& server);

}  // namespace wherry::cli
