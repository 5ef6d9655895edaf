// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/legacy_vga.h"

#include <array>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/pci/vga.h"

namespace lintel::passthrough::pci {

// An offset into the kernel's region is the address (linux/vfio.h, VFIO_PCI_VGA_REGION_INDEX).
class LegacyVga::Window final : public lintel::Device {
 public:
  Window(passthrough::Device& device, uint64_t base, std::function<bool()> decodes)
      : device_(device),
        base_(base),
        decodes_(std::move(decodes)),
        name_(fmt::format("{} VGA {:#x}", device.name(), base)) {}

  std::string_view name() const override { return name_; }
  uint64_t read(uint64_t offset, AccessSize size) override {
    std::array<std::byte, 8> value;
    const std::span<std::byte> to(value.data(), bytes(size));
    if (!decodes_() || !device_.read(pci_region::kVga, base_ + offset, to)) return all_ones(size);
    return load_le_bytes(value.data(), to.size());
  }
  void write(uint64_t offset, AccessSize size, uint64_t value) override {
    if (!decodes_()) return;
    std::array<std::byte, 8> from;
    store_le_bytes(from.data(), value, bytes(size));
    device_.write(pci_region::kVga, base_ + offset, {from.data(), bytes(size)});
  }
  void reset() override {}

 private:
  passthrough::Device& device_;
  const uint64_t base_;
  const std::function<bool()> decodes_;
  const std::string name_;
};

LegacyVga::LegacyVga(passthrough::Device& device, Bus& memory, Bus& ports,
                     std::function<bool(bool ports)> decodes) {
  const bool known = device.info().regions > pci_region::kVga;
  if (!known || device.region(pci_region::kVga).size < lintel::pci::kVgaMemory.end()) {
    throw Error(fmt::format("{} has no legacy VGA ranges", device.name()))
        .with_help(
            "only VGA controllers have them, and a host's kernel with CONFIG_VFIO_PCI_VGA (and "
            "without disable_vga=1 for vfio-pci); else remove `vga`");
  }
  const auto add = [&](Bus& bus, GuestRange range, bool is_port) {
    auto window = std::make_unique<Window>(device, range.base.value,
                                           [decodes, is_port] { return decodes(is_port); });
    bus.add(range, *window);
    places_.push_back({&bus, range, std::move(window)});
  };
  try {
    add(memory, lintel::pci::kVgaMemory, false);
    for (const GuestRange range : lintel::pci::kVgaPorts) add(ports, range, true);
  } catch (const Error&) {
    for (const Place& place : places_) place.bus->remove(place.range);
    throw;
  }
}

LegacyVga::~LegacyVga() {
  for (const Place& place : places_) place.bus->remove(place.range);
}

}  // namespace lintel::passthrough::pci
