// SPDX-License-Identifier: Apache-2.0
// The thread that puts a PC's guest into its memory.
#pragma once

#include <future>

#include "firmware/boot/linux_x86.h"
#include "vmm/boards/board.h"

namespace lintel {

class GuestLoad::Work {
 public:
  Work(const config::Config& config, const GuestMemory& memory);

  // Waits for the end of it. Throws the Error that ended it. Call once.
  boot::X86EntryState finish() { return loading_.get(); }

 private:
  std::future<boot::X86EntryState> loading_;  // its destructor waits
};

}  // namespace lintel
