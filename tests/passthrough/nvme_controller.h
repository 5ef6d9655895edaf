// SPDX-License-Identifier: Apache-2.0
// As much of an NVMe driver as shows that registers, DMA and interrupts work (NVM Express Base
// Specification 2.0; section numbers beside the code): one admin command at a time.
#pragma once

#include <cstdint>
#include <span>

#include "passthrough/device.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough {

class NvmeController {
 public:
  // `memory`: three pages that the device reaches at `address`: its submission queue, its
  // completion queue, and where data goes. Completions signal the MSI-X vector 0.
  NvmeController(Device& device, std::span<std::byte> memory, uint64_t address);
  ~NvmeController();

  // Identify Controller (5.17.2.1) with its data written to `to`. Returns the completion's status,
  // 0 for success; -1 if no interrupt came in time.
  int identify(uint64_t to);

 private:
  uint64_t read_register(uint64_t offset, size_t size);
  void write_register(uint64_t offset, uint64_t value, size_t size);
  void wait_until_ready(bool ready);

  Device& device_;
  const std::span<std::byte> memory_;
  const EventFd interrupt_;
  uint32_t commands_ = 0;
};

}  // namespace lintel::passthrough
