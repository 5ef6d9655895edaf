// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/device_table.h"

#include <utility>

#include "vmm/base/error.h"
#include "vmm/virtio/console.h"
#include "vmm/virtio/pci_transport.h"
#include "vmm/virtio/rng.h"

namespace lintel {
namespace {

// Puts devices into the slots of the root bus, one after the other.
class Slots {
 public:
  explicit Slots(const DeviceServices& services) : services_(services) {}

  void add(std::unique_ptr<virtio::Device> device) {
    if (next_ > kLastSlot) {
      throw Error(fmt::format("Cannot add {}: all {} slots of the root bus are used",
                              device->name(), kLastSlot))
          .with_help("use fewer disks and network interfaces");
    }
    functions_.push_back(std::make_unique<virtio::PciTransport>(
        virtio::PciAttachment{services_.root_bus, pci::Devfn(next_, 0), services_.memory,
                              services_.doorbells, &services_.memory_map},
        std::move(device)));
    ++next_;
  }

  std::vector<std::unique_ptr<pci::Function>> take() { return std::move(functions_); }

 private:
  static constexpr unsigned kLastSlot = 31;

  const DeviceServices& services_;
  unsigned next_ = 1;  // slot 0 is the host bridge
  std::vector<std::unique_ptr<pci::Function>> functions_;
};

void add_console(const DeviceServices& services, Slots& slots) {
  if (services.config.console.type != config::ConsoleType::kVirtio) return;
  slots.add(std::make_unique<virtio::Console>(
      services.io_loop, std::vector<virtio::ConsolePortConfig>{{.io = &services.console}}));
}

void add_rng(const DeviceServices& services, Slots& slots) {
  if (!services.config.rng.enabled) return;
  slots.add(std::make_unique<virtio::Rng>(
      services.io_loop, virtio::RngOptions{.source = services.config.rng.source}));
}

}  // namespace

std::vector<std::unique_ptr<pci::Function>> make_devices(const DeviceServices& services) {
  Slots slots(services);
  for (const auto& add : {add_console, add_rng}) add(services, slots);
  return slots.take();
}

}  // namespace lintel
