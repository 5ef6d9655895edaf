// SPDX-License-Identifier: Apache-2.0
// fmt's out-of-line part. Debian ships fmt as a shared library and as headers; compiling it here
// once keeps the monitor one file without making every translation unit instantiate it.
#include <fmt/format-inl.h>

namespace fmt::inline v9::detail {

template FMT_API auto thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template FMT_API auto decimal_point_impl(locale_ref) -> char;
template FMT_API void buffer<char>::append(const char*, const char*);
template FMT_API void vformat_to(buffer<char>&, string_view,
                                 basic_format_args<FMT_BUFFER_CONTEXT(char)>, locale_ref);

}  // namespace fmt::inline v9::detail
