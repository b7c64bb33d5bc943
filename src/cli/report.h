// What people see of an error: `error: what: where, why` and `try: what to type` on standard error.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace wherry::cli {

// Prints the error; returns its exit code.
int report(const Error& error);

// The two lines, with their newlines.
std::string to_text(const Error& error);

// An Error from the text to_text() made, as another program printed it; other text becomes the
// message as it is.
Error error_from_text(ErrorKind kind, std::string_view text);

// Whole texts to a standard stream; what cannot be written is lost, as with every program whose
// reader has gone.
void print_out(std::string_view text);
void print_err(std::string_view text);

}  // namespace wherry::cli
