// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/log.h"

#include <time.h>

#define FMT_HEADER_ONLY
#define SPDLOG_HEADER_ONLY
#define SPDLOG_FMT_EXTERNAL
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "vmm/base/error.h"

namespace lintel::log {
namespace {

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::kTrace: return spdlog::level::trace;
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarn: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
    case Level::kOff: break;
  }
  return spdlog::level::off;
}

// A JSON string's inside (RFC 8259, section 7).
std::string json_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result;
}

// The logger is the process's one piece of ambient state: a line may come from any depth.
struct Sink {
  std::shared_ptr<spdlog::logger> logger = make_stderr();
  Format format = Format::kText;

  static std::shared_ptr<spdlog::logger> make_stderr() {
    auto logger = std::make_shared<spdlog::logger>(
        "lintel", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_level(spdlog::level::warn);
    logger->set_pattern("lintel: %l: %v");
    return logger;
  }
};

Sink& sink() {
  static Sink instance;
  return instance;
}

}  // namespace

void configure(const Options& options) {
  Sink& target = sink();
  if (!options.file.empty()) {
    try {
      target.logger = std::make_shared<spdlog::logger>(
          "lintel", std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file));
    } catch (const spdlog::spdlog_ex& failure) {
      throw_error("Cannot open the log file {}: {}", options.file, failure.what());
    }
  }
  target.format = options.format;
  target.logger->set_level(spdlog_level(options.level));
  target.logger->flush_on(spdlog::level::trace);
  if (options.format == Format::kJson) {
    target.logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":"%v"})");
  } else if (options.file.empty()) {
    target.logger->set_pattern("lintel: %l: %v");
  } else {
    target.logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l: %v");
  }
}

bool enabled(Level level) {
  return sink().logger->should_log(spdlog_level(level));
}

void write(Level level, std::string_view message) {
  Sink& target = sink();
  if (target.format == Format::kJson) {
    target.logger->log(spdlog_level(level), spdlog::string_view_t(json_escaped(message)));
  } else {
    target.logger->log(spdlog_level(level), spdlog::string_view_t(message.data(), message.size()));
  }
}

bool RateLimited::admit(uint64_t& suppressed) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  const auto second = static_cast<uint64_t>(now.tv_sec) + 1;
  uint64_t window = window_.load(std::memory_order_relaxed);
  if (window != second && window_.compare_exchange_strong(window, second)) {
    admitted_.store(0, std::memory_order_relaxed);
  }
  if (admitted_.fetch_add(1, std::memory_order_relaxed) >= kBurst) {
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  suppressed = suppressed_.exchange(0, std::memory_order_relaxed);
  return true;
}

}  // namespace lintel::log
