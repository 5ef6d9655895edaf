// SPDX-License-Identifier: Apache-2.0
// Two ports that real PCs lack and firmware and test guests know: one takes debug output, the other
// ends the machine with a value. A board without ports has the latter in memory.
#pragma once

#include <string>

#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/bus/device.h"
#include "vmm/devices/byte_sink.h"
#include "vmm/devices/machine_events.h"

namespace lintel {

// Firmware's debug output: each byte written is a character.
class DebugConsole final : public Device {
 public:
  static constexpr uint64_t kSize = 1;
  // What a read returns: how firmware finds the port.
  static constexpr uint8_t kSignature = 0xe9;

  // The sink must outlive the device. It gets whole lines, or what there is once it is `kLineLimit`
  // long.
  explicit DebugConsole(ByteSink& sink) : sink_(sink) {}
  ~DebugConsole() override { reset(); }

  std::string_view name() const override { return "debug-console"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  // Passes an unfinished line on.
  void reset() override;

  static constexpr size_t kLineLimit = 1024;

 private:
  void flush(const std::string& text);

  ByteSink& sink_;
  Mutex mutex_;
  std::string line_ GUARDED_BY(mutex_);
};

// Writes lines to the log at level debug, where a guest fills it only if its owner asked to see.
class LogSink final : public ByteSink {
 public:
  explicit LogSink(std::string prefix) : prefix_(std::move(prefix)) {}
  void output(std::span<const std::byte> bytes) override;

 private:
  const std::string prefix_;
};

// A test guest's exit: the value written, of any width. The same on a port bus and in memory, where
// it is one 32-bit word.
class DebugExit final : public Device {
 public:
  static constexpr uint64_t kSize = 4;

  explicit DebugExit(MachineEvents& events) : events_(events) {}

  std::string_view name() const override { return "debug-exit"; }
  uint64_t read(uint64_t, AccessSize) override { return 0; }
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  void reset() override {}

 private:
  MachineEvents& events_;
};

}  // namespace lintel
