// SPDX-License-Identifier: Apache-2.0
// The log on stderr (or a file). Any thread may call it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace lintel::log {

enum class Level : uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kOff };
enum class Format : uint8_t { kText, kJson };

struct Options {
  Level level = Level::kWarn;
  Format format = Format::kText;
  std::string file;  // empty: stderr
};

// Call once, before other threads exist. Throws Error if the file cannot be opened.
void configure(const Options& options);

bool enabled(Level level);
void write(Level level, std::string_view message);

template <typename... Args>
void at(Level level, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(level)) write(level, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::kDebug, format, std::forward<Args>(args)...);
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::kInfo, format, std::forward<Args>(args)...);
}
template <typename... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::kWarn, format, std::forward<Args>(args)...);
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::kError, format, std::forward<Args>(args)...);
}

// For lines that a guest can trigger: at most `kBurst` a second, the rest is counted and the count
// is shown with the next line that passes. One object for each place that logs.
class RateLimited {
 public:
  template <typename... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    at(Level::kError, format, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) {
    at(Level::kWarn, format, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) {
    at(Level::kDebug, format, std::forward<Args>(args)...);
  }

  static constexpr uint32_t kBurst = 5;

 private:
  template <typename... Args>
  void at(Level level, fmt::format_string<Args...> format, Args&&... args) {
    if (!enabled(level)) return;
    uint64_t suppressed = 0;
    if (!admit(suppressed)) return;
    std::string text = fmt::format(format, std::forward<Args>(args)...);
    if (suppressed != 0) text += fmt::format(" ({} more like this)", suppressed);
    write(level, text);
  }
  bool admit(uint64_t& suppressed);

  std::atomic<uint64_t> window_{0};  // the second of the monotonic clock that is being counted
  std::atomic<uint32_t> admitted_{0};
  std::atomic<uint64_t> suppressed_{0};
};

}  // namespace lintel::log
