// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/root_port.h"

#include <functional>

#include "vmm/pci/config_regs.h"
#include "vmm/pci/root_complex.h"

namespace lintel::pci {
namespace {

constexpr uint16_t kBridgeControlWritable = reg::kBridgeControlParity | reg::kBridgeControlSerr |
                                            reg::kBridgeControlIsa | reg::kBridgeControlVga |
                                            reg::kBridgeControlVga16 | reg::kBridgeControlReset;
// PCI-to-PCI Bridge 1.2, 3.2.5.10: the prefetchable window has 64-bit addresses.
constexpr uint16_t kPrefetch64 = 1;

// PCI-to-PCI Bridge 1.2, 3.2.5.
void define_bridge_registers(ConfigSpace& config) {
  config.define8(reg::kPrimaryBus, 0, 0xff);
  config.define8(reg::kSecondaryBus, 0, 0xff);
  config.define8(reg::kSubordinateBus, 0, 0xff);
  config.define8(reg::kIoBase, 0, 0xf0);
  config.define8(reg::kIoLimit, 0, 0xf0);
  config.define({.offset = reg::kSecondaryStatus, .size = 2, .clear_by_one = reg::kStatusErrors});
  config.define16(reg::kMemoryBase, 0, 0xfff0);
  config.define16(reg::kMemoryLimit, 0, 0xfff0);
  config.define16(reg::kPrefetchBase, kPrefetch64, 0xfff0);
  config.define16(reg::kPrefetchLimit, kPrefetch64, 0xfff0);
  config.define32(reg::kPrefetchBaseUpper, 0, UINT32_MAX);
  config.define32(reg::kPrefetchLimitUpper, 0, UINT32_MAX);
  config.define16(reg::kBridgeControl, 0, kBridgeControlWritable);
}

void reset_behind(const PciBus& bus) {
  bus.for_each([](Function& function) {
    function.reset();
    if (const PciBus* behind = function.secondary_bus()) reset_behind(*behind);
  });
}

}  // namespace

// The pin is for hot-plug and power management events; a port without either has it all the same,
// because an operating system's port driver wants an interrupt, and a pin costs it no configuration
// write. Pin D, though a device with one function has pin A (PCI Local Bus 3.0, 2.2.6), because pin
// A of the device behind leads to the same input as the port's: Linux removes a device on the
// thread that serves the port's interrupt, and a driver that waits there for handlers of its own
// interrupt to end (synchronize_irq) would wait for itself.
RootPort::RootPort(PciBus& root_bus, Devfn devfn, const RootPortConfig& port)
    : Function(root_bus, devfn, {.ids = port.ids, .header = HeaderType::kBridge, .pin = Pin::kD}),
      reserve_(port.reserve),
      secondary_(root_bus.root_complex(), this) {
  define_bridge_registers(config());
  const uint8_t express = add_express(config(), ExpressType::kRootPort, port.link);
  if (port.hot_plug) slot_.emplace(*this, express);
}

void RootPort::reset() {
  Function::reset();
  if (slot_) slot_->reset();
  in_reset_ = false;
}

void RootPort::config_written(uint16_t offset, unsigned size) {
  if (offset + size > reg::kPrimaryBus && offset <= reg::kSubordinateBus) {
    bus().root_complex().bus_numbers_written();
  }
  const bool asserted = (config().read16(reg::kBridgeControl) & reg::kBridgeControlReset) != 0;
  if (asserted && !in_reset_) reset_behind(secondary_);
  in_reset_ = asserted;
  // Without power a device forgets everything, and does no DMA.
  if (slot_ && slot_->config_written()) reset_behind(secondary_);
}

}  // namespace lintel::pci
