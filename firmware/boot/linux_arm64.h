// SPDX-License-Identifier: Apache-2.0
// Starts an arm64 kernel without firmware (Linux Documentation/arch/arm64/booting.rst).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "firmware/boot/arm64_image.h"
#include "firmware/boot/boot_memory.h"
#include "vmm/base/types.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

// Where things go. The kernel is as low as it can be; the initrd as high; the device tree has two
// megabytes of its own, which is as large as it may be.
struct Arm64Plan {
  GuestRange kernel;  // with the memory that it needs behind its image
  GuestRange initrd;  // size zero: none
  GuestRange device_tree;
};

// Throws Error that names what does not fit.
Arm64Plan plan_arm64(std::span<const MemoryMapEntry> map, const Arm64Image& image,
                     uint64_t initrd_size);

struct Arm64BootRequest {
  std::string kernel_path;
  std::vector<std::string> initrd_paths;
  std::vector<MemoryMapEntry> reserved;  // where nothing may be put
};

// How the first CPU begins: at EL1, with interrupts masked and the MMU off. Registers x1 to x3 are
// zero ("Primary CPU general-purpose register settings").
struct Arm64EntryState {
  uint64_t pc = 0;
  uint64_t x0 = 0;  // the device tree
};

// Holds the files open, so that the guest can be started again (reboot) where files can no longer
// be opened.
class LinuxArm64Loader {
 public:
  // Opens, unpacks and checks the files. Throws Error that names the file and what is wrong.
  explicit LinuxArm64Loader(Arm64BootRequest request);
  ~LinuxArm64Loader();
  LinuxArm64Loader(const LinuxArm64Loader&) = delete;
  LinuxArm64Loader& operator=(const LinuxArm64Loader&) = delete;

  // Puts the kernel and the initrd into the guest's memory. Throws Error that names what does not
  // fit.
  void load(const GuestMemory& memory);
  // Where that was. The device tree names the initrd's place.
  const Arm64Plan& plan() const { return plan_; }
  // Puts the device tree there too, and all is ready. Throws Error if it is too large. After
  // `load`.
  Arm64EntryState finish(const GuestMemory& memory, std::span<const std::byte> device_tree) const;

 private:
  struct Files;

  void load_kernel(const GuestMemory& memory);

  Arm64BootRequest request_;
  std::unique_ptr<Files> files_;
  Arm64Plan plan_;
};

}  // namespace lintel::boot
