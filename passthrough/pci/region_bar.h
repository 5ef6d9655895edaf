// SPDX-License-Identifier: Apache-2.0
// What of a BAR is not mapped into the guest: accesses go to the device one by one, except for the
// MSI-X structures, which are ours.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "passthrough/device.h"
#include "passthrough/pci/access_count.h"
#include "vmm/bus/device.h"
#include "vmm/pci/msix.h"

namespace lintel::passthrough::pci {

// Where the guest finds the MSI-X structures, if not where the device has them: behind the
// registers, in a BAR shown twice as large. That is for a table that shares its first page with
// registers, when the kernel would let the guest touch that page directly. Nothing if it can stay.
std::optional<lintel::pci::MsixLayout> moved_msix(const lintel::pci::MsixLayout& layout,
                                                  const RegionInfo& table_bar, uint64_t page_size);

// Threads: any.
class RegionBar final : public lintel::Device {
 public:
  // `msix` is null, or the function's, some of whose structures may lie in this BAR. All outlive
  // this object. `answered` is called after each access that the device took.
  RegionBar(passthrough::Device& device, uint32_t region, uint64_t size, lintel::pci::Msix* msix,
            const lintel::pci::MsixLayout* layout, std::function<void()> answered);

  std::string_view name() const override { return name_; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  void reset() override {}

  // The MSI-X structures in this BAR, which must not be mapped; behind the region's end if they
  // were moved there.
  std::vector<RegionPart> msix_parts() const;

  const AccessCount& accesses() const { return accesses_; }

 private:
  passthrough::Device& device_;
  const uint32_t region_;
  const uint64_t size_;
  lintel::pci::Msix* const msix_;
  const std::function<void()> answered_;
  const std::string name_;
  AccessCount accesses_;
  RegionPart table_;  // size 0: not in this BAR
  RegionPart pba_;
};

}  // namespace lintel::passthrough::pci
