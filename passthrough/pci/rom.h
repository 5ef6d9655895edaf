// SPDX-License-Identifier: Apache-2.0
// The expansion ROM that a guest's firmware finds: the device's own, or a file in its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "passthrough/device.h"
#include "vmm/base/sync.h"
#include "vmm/base/types.h"
#include "vmm/bus/device.h"
#include "vmm/pci/rom_image.h"

namespace lintel::passthrough::pci {

using lintel::pci::RomImage;

// The images of a ROM, in order. Throws Error that says what is wrong at which offset.
std::vector<RomImage> parse_rom(std::span<const std::byte> rom);

// The file, once it is known to be a ROM of this device: an error if not one of its images is, a
// warning in the log if UEFI firmware can use none. Throws Error.
std::vector<std::byte> read_rom_file(const std::string& path, uint16_t vendor, uint16_t device);

// Reads a page of the device's ROM when the guest first looks at it, since all of it takes long,
// and from then on serves the copy. Writes are dropped. Threads: any.
class RomBar final : public lintel::Device {
 public:
  // PCI Local Bus 3.0, 6.2.5.2: no ROM has more; what the guest sees of one is a power of two, and
  // at least 2 KiB.
  static constexpr uint64_t kMaxSize = 16 * kMiB;
  static uint64_t shown_size(uint64_t size);

  // The region of a device that outlives this object.
  RomBar(passthrough::Device& device, uint64_t size);
  RomBar(std::string name, std::vector<std::byte> image);

  std::string_view name() const override { return name_; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t, AccessSize, uint64_t) override {}
  void reset() override {}

 private:
  void load(uint64_t offset) REQUIRES(mutex_);

  const std::string name_;
  passthrough::Device* const device_ = nullptr;  // null: the image is a file's
  Mutex mutex_;
  std::vector<bool> loaded_ GUARDED_BY(mutex_);  // for each page of a device's
  std::vector<std::byte> image_ GUARDED_BY(mutex_);
};

}  // namespace lintel::passthrough::pci
