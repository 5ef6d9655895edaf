// SPDX-License-Identifier: Apache-2.0
// The thread that puts a PC's guest into its memory.
#pragma once

#include <exception>
#include <thread>

#include "firmware/boot/linux_x86.h"
#include "vmm/boards/board.h"

namespace lintel {

class GuestLoad::Work {
 public:
  Work(const config::Config& config, const GuestMemory& memory);
  ~Work();
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  // Waits for the end of it. Throws the Error that ended it. Call once.
  boot::X86EntryState finish();

 private:
  void load();

  const config::BootConfig& config_;
  const GuestMemory& memory_;
  // The thread's until it has ended.
  boot::X86EntryState state_;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace lintel
