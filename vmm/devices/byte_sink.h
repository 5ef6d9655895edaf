// SPDX-License-Identifier: Apache-2.0
// Bytes out of and into devices that move bytes: serial ports, consoles, the debug port.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace lintel {

// Threads: any.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void output(std::span<const std::byte> bytes) = 0;
};

// The device's end of a console's input.
class ByteReceiver {
 public:
  virtual ~ByteReceiver() = default;
  // Takes as many of the bytes, from the first on, as there is room for; returns how many. One that
  // took fewer than it was offered calls ConsoleIo::input_room when it has room again.
  // Threads: the console's event loop.
  virtual size_t receive(std::span<const std::byte> bytes) = 0;
};

struct TerminalSize {
  uint16_t columns = 0;
  uint16_t rows = 0;
  bool operator==(const TerminalSize&) const = default;
};

// The host's end of a console.
class ConsoleIo : public ByteSink {
 public:
  // From now on input goes to `receiver`; null: input waits. After the return the previous receiver
  // is not called again. Threads: any but one that holds the receiver's lock.
  virtual void attach(ByteReceiver* receiver) = 0;
  // The receiver has room again. Never calls it from inside. Threads: any.
  virtual void input_room() = 0;
  // Of the terminal behind it, if there is one. Threads: any.
  virtual std::optional<TerminalSize> terminal_size() const { return std::nullopt; }
};

// Nobody listens, nobody types.
class NullConsole final : public ConsoleIo {
 public:
  void output(std::span<const std::byte>) override {}
  void attach(ByteReceiver*) override {}
  void input_room() override {}
};

}  // namespace lintel
