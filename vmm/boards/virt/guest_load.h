// SPDX-License-Identifier: Apache-2.0
// The thread that puts an arm64 board's kernel and initrd into its memory.
#pragma once

#include <future>
#include <memory>

#include "firmware/boot/linux_arm64.h"
#include "vmm/boards/board.h"

namespace lintel {

class GuestLoad::Work {
 public:
  Work(const config::Config& config, const GuestMemory& memory);

  // Waits for the end of it, and gives the loader, which still wants the device tree: that is only
  // known once the board is. Throws the Error that ended it. Call once.
  std::unique_ptr<boot::LinuxArm64Loader> finish() { return loading_.get(); }

 private:
  std::future<std::unique_ptr<boot::LinuxArm64Loader>> loading_;  // its destructor waits
};

}  // namespace lintel
