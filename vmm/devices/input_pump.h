// SPDX-License-Identifier: Apache-2.0
// Moves input from a descriptor to a receiver, no faster than the receiver takes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "vmm/base/event_loop.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

// Threads: all methods on the loop's thread, or while the loop does not run.
class InputPump {
 public:
  struct Hooks {
    // What to pass on of bytes that were read.
    std::function<std::vector<std::byte>(std::span<const std::byte>)> filter;
    // Returns how many were taken. After fewer than all, the pump rests until `resume`.
    std::function<size_t(std::span<const std::byte>)> deliver;
    // The other end is gone and all that it sent was delivered. May destroy the pump.
    std::function<void()> ended;
  };

  // `fd` is read only when it is ready, so it need not be non-blocking.
  InputPump(EventLoop& loop, UniqueFd fd, Hooks hooks);
  ~InputPump();
  InputPump(const InputPump&) = delete;
  InputPump& operator=(const InputPump&) = delete;

  // Starts, or goes on after the receiver had no room.
  void resume();

 private:
  void on_ready(uint32_t events);
  // False at the end of the input.
  bool read_some();
  // True if nothing is left to deliver.
  bool deliver();
  void watch();
  void stop_watching();
  void end_if_done();

  EventLoop& loop_;
  UniqueFd fd_;
  const Hooks hooks_;
  std::vector<std::byte> held_;  // read, not yet taken
  bool watching_ = false;
  bool at_end_ = false;   // nothing more to read
  bool hung_up_ = false;  // nor is there anybody to write to
  bool pollable_ = true;  // false for regular files, which are always ready
};

}  // namespace lintel
