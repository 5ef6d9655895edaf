// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/debug_ports.h"

#include <utility>

namespace lintel {

uint64_t DebugConsole::read(uint64_t, AccessSize) {
  return kSignature;
}

void DebugConsole::write(uint64_t, AccessSize, uint64_t value) {
  std::string line;
  {
    MutexLock lock(mutex_);
    line_ += static_cast<char>(value);
    if (line_.back() != '\n' && line_.size() < kLineLimit) return;
    line = std::exchange(line_, {});
  }
  flush(line);
}

void DebugConsole::reset() {
  std::string line;
  {
    MutexLock lock(mutex_);
    line = std::exchange(line_, {});
  }
  flush(line);
}

void DebugConsole::flush(const std::string& text) {
  if (!text.empty()) sink_.output(std::as_bytes(std::span(text)));
}

void LogSink::output(std::span<const std::byte> bytes) {
  if (!log::enabled(log::Level::kDebug)) return;
  std::string text = prefix_;
  for (const std::byte byte : bytes) {
    const auto c = static_cast<unsigned char>(byte);
    if (c == '\r' || c == '\n') continue;
    // Escape sequences from a guest must not reach the reader's terminal.
    text += c < 0x20 || c >= 0x7f ? '.' : static_cast<char>(c);
  }
  log::write(log::Level::kDebug, text);
}

void DebugExit::write(uint64_t, AccessSize, uint64_t value) {
  events_.debug_exit(static_cast<uint32_t>(value));
}

}  // namespace lintel
