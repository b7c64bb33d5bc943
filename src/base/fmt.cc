// The one translation unit that compiles fmt's out-of-line code: Debian ships fmt without a static
// library, and wherry-host must be fully static.
#include <fmt/format-inl.h>

namespace fmt {
inline namespace v9 {
namespace detail {
template thousands_sep_result<char> thousands_sep_impl<char>(locale_ref);
template char decimal_point_impl<char>(locale_ref);
}  // namespace detail
}  // namespace v9
}  // namespace fmt
