// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/device_table.h"

#include <optional>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/machine/net_device.h"
#include "vmm/virtio/balloon.h"
#include "vmm/virtio/blk.h"
#include "vmm/virtio/console.h"
#include "vmm/virtio/pci_transport.h"
#include "vmm/virtio/rng.h"
#include "vmm/virtio/vsock.h"

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
    devices_.functions.push_back(std::make_unique<virtio::PciTransport>(
        virtio::PciAttachment{services_.root_bus, pci::Devfn(next_, 0), services_.memory,
                              services_.doorbells, &services_.memory_map},
        std::move(device)));
    ++next_;
  }

  Devices& devices() { return devices_; }

 private:
  static constexpr unsigned kLastSlot = 31;

  const DeviceServices& services_;
  unsigned next_ = 1;  // slot 0 is the host bridge
  Devices devices_;
};

void add_console(const DeviceServices& services, Slots& slots) {
  if (services.config.console.type != config::ConsoleType::kVirtio) return;
  auto console = std::make_unique<virtio::Console>(
      services.io_loop, std::vector<virtio::ConsolePortConfig>{
                            {.io = &services.console, .console = true, .name = {}}});
  slots.devices().console = console.get();
  slots.add(std::move(console));
}

void add_nets(const DeviceServices& services, Slots& slots) {
  for (const config::NetConfig& net : services.config.nets) {
    slots.add(make_net_device(services, net));
  }
}

void add_vsock(const DeviceServices& services, Slots& slots) {
  const std::optional<uint32_t> cid = services.config.vsock.cid;
  if (cid) slots.add(std::make_unique<virtio::Vsock>(services.io_loop, *cid));
}

void add_disks(const DeviceServices& services, Slots& slots) {
  for (const config::DiskConfig& disk : services.config.disks) {
    const virtio::BlkOptions options{
        .disk = {.path = disk.path, .readonly = disk.readonly, .direct = disk.direct},
        .discard = disk.discard,
        .serial = disk.serial,
    };
    with_context(
        [&] { return fmt::format("Cannot use disk \"{}\"", disk.id); },
        [&] { slots.add(std::make_unique<virtio::Blk>(services.own_loop(disk.id), options)); });
  }
}

void add_rng(const DeviceServices& services, Slots& slots) {
  if (!services.config.rng.enabled) return;
  slots.add(std::make_unique<virtio::Rng>(
      services.io_loop, virtio::RngOptions{.source = services.config.rng.source}));
}

void add_balloon(const DeviceServices& services, Slots& slots) {
  const config::BalloonConfig& balloon = services.config.balloon;
  if (!balloon.enabled) return;
  slots.add(std::make_unique<virtio::Balloon>(
      services.io_loop,
      virtio::BalloonOptions{.free_page_reporting = balloon.free_page_reporting}));
}

}  // namespace

Devices make_devices(const DeviceServices& services) {
  Slots slots(services);
  for (const auto& add : {add_console, add_disks, add_nets, add_vsock, add_rng, add_balloon}) {
    add(services, slots);
  }
  return std::move(slots.devices());
}

}  // namespace lintel
