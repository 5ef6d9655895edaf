// SPDX-License-Identifier: Apache-2.0
// The one exception type. A message says what was tried and with which values; `caused by` lines
// say why, innermost last; `help` says what the user can do about it.
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

namespace lintel {

class Error : public std::exception {
 public:
  explicit Error(std::string what, int errno_value = 0);

  // Returns the same error with an outer message in front: the old message becomes a cause.
  Error with_context(std::string outer) &&;
  Error with_help(std::string help) &&;

  // The outermost message alone.
  const char* what() const noexcept override { return messages_.front().c_str(); }
  // The whole chain, a line each: "outer", "  caused by: inner", "  help: ...".
  std::string describe() const;
  // The errno of the innermost failure, or 0.
  int errno_value() const { return errno_; }
  const std::string& help() const { return help_; }
  const std::vector<std::string>& messages() const { return messages_; }  // outermost first

 private:
  std::vector<std::string> messages_;  // outermost first
  std::string help_;
  int errno_;
};

template <typename... Args>
[[noreturn]] void throw_error(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

// Reads errno first, so it may be called directly after the failed system call.
[[noreturn]] void throw_errno_message(int errno_value, std::string what);

template <typename... Args>
[[noreturn]] void throw_errno(int errno_value, fmt::format_string<Args...> format, Args&&... args) {
  throw_errno_message(errno_value, fmt::format(format, std::forward<Args>(args)...));
}

// Runs `body`; an Error that leaves it gets the message that `context()` makes in front.
template <typename Context, typename Body>
decltype(auto) with_context(Context&& context, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (Error& error) {
    throw std::move(error).with_context(context());
  }
}

// "Permission denied (13)"
std::string errno_text(int errno_value);

}  // namespace lintel
