// Result<T>, Error and TRY: how every room reports what the world did wrong.
//
// An Error has a kind (which decides exit codes and HTTP statuses), one lower-case sentence with
// concrete values, and a hint: what to type or change next. Nothing here throws. Values are moved,
// errors are small and copied freely; both may cross threads.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace wherry {

// What went wrong, by who has to act. cli/exit_codes and platform map these one to one.
enum class ErrorKind : uint8_t {
  kInvalid,      // the input is malformed or breaks a rule of its format
  kNotFound,     // a named thing does not exist
  kUnsupported,  // well-formed, but this build, CPU or configuration cannot do it
  kLimit,        // a documented limit was exceeded
  kIo,           // the operating system refused
  kGuest,        // the guest ran and failed by its own account (exit code, no result)
  kTrap,         // the guest trapped
  kInternal,     // our bug
};

const char* name_of(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string
      message;  // lower case, no period: "section size 12 exceeds the 3 bytes left at offset 0x2f"
  std::string hint;  // what to do next, or empty

  Error with_hint(std::string text) && {
    hint = std::move(text);
    return std::move(*this);
  }
  // Puts `outer: ` before the message: context reads from the outside in.
  Error with_context(std::string_view outer) &&;
};

template <typename... Args>
Error make_error(ErrorKind kind, fmt::format_string<Args...> text, Args&&... args) {
  return Error{kind, fmt::format(text, std::forward<Args>(args)...), {}};
}

// The error for a failed system call: `what: strerror(errno_value)`. ENOENT becomes kNotFound.
Error errno_error(int errno_value, std::string_view what);

struct Unit {};

template <typename T = Unit>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

  // Adds what was being attempted to an error; a value passes through untouched.
  template <typename... Args>
  Result context(fmt::format_string<Args...> text, Args&&... args) && {
    if (ok()) return std::move(*this);
    return std::move(*this).error().with_context(fmt::format(text, std::forward<Args>(args)...));
  }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<Unit>;
inline Status ok_status() { return Unit{}; }

// Unwraps a Result or returns its error from the enclosing function.
#define TRY(...)                                   \
  ({                                               \
    auto wherry_try_result = (__VA_ARGS__);        \
    if (!wherry_try_result.ok()) [[unlikely]]      \
      return std::move(wherry_try_result).error(); \
    std::move(wherry_try_result).value();          \
  })

}  // namespace wherry
