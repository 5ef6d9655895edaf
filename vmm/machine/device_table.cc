// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/device_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "passthrough/pci/function.h"
#include "vmm/base/error.h"
#include "vmm/base/timer.h"
#include "vmm/machine/net_device.h"
#include "vmm/machine/passed_devices.h"
#include "vmm/pci/root_port.h"
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
    const pci::Devfn place = take(device->name());
    devices_.functions.add(std::make_unique<virtio::PciTransport>(
        virtio::PciAttachment{services_.root_bus, place, services_.memory, services_.doorbells,
                              &services_.memory_map},
        std::move(device)));
  }

  // All functions of a slot of the host in one of the guest, behind a root port of its own or not.
  void add(const PassedDevices::Slot& slot, passthrough::Session& session) {
    const config::PciConfig& pci = *slot.pci;
    const pci::Devfn place =
        pci.guest_address.empty() ? take(pci.id) : *pci::parse_devfn(pci.guest_address);
    passthrough::Device& first = session.device(slot.functions.front().device);
    pci::PciBus* bus = &services_.root_bus;
    unsigned device = place.device();
    if (wants_root_port(pci, first)) {
      const auto number = static_cast<uint8_t>(place.device());
      auto port = std::make_unique<pci::RootPort>(
          services_.root_bus, place, pci::RootPortConfig{.link = {.port = number, .slot = number}});
      bus = port->secondary_bus();
      device = 0;
      devices_.functions.add(std::move(port));
    }
    for (const PassedDevices::Slot::Function& function : slot.functions) {
      auto passed = std::make_unique<passthrough::pci::PassedFunction>(
          *bus, pci::Devfn(device, function.number), session.device(function.device),
          passthrough::pci::FunctionServices{
              .map = services_.memory_map,
              .loop = services_.io_loop,
              .clock = services_.clock,
              .timer = std::make_unique<LoopTimer>(services_.io_loop)},
          options_of(pci, function.named));
      devices_.passed.push_back(passed.get());
      devices_.functions.add(std::move(passed));
    }
  }

  Devices& devices() { return devices_; }

 private:
  static constexpr unsigned kLastSlot = 31;

  static passthrough::pci::FunctionOptions options_of(const config::PciConfig& pci, bool named) {
    passthrough::pci::FunctionOptions options;
    // Nothing but the whole bus, or nothing at all.
    options.resettable =
        pci.reset != config::PciReset::kBus && pci.reset != config::PciReset::kNone;
    if (!named) return options;
    options.config = {pci.hide, pci.show};
    options.rom_file = pci.rom;
    options.vga = pci.vga;
    return options;
  }

  static bool wants_root_port(const config::PciConfig& pci, passthrough::Device& device) {
    switch (pci.root_port) {
      case config::PciRootPort::kOn: return true;
      case config::PciRootPort::kOff: return false;
      case config::PciRootPort::kAuto: break;
    }
    return passthrough::pci::is_express(device);
  }

  bool is_reserved(unsigned slot) const {
    return std::any_of(services_.config.pcis.begin(), services_.config.pcis.end(),
                       [slot](const config::PciConfig& pci) {
                         const auto place = pci::parse_devfn(pci.guest_address);
                         return place && place->device() == slot;
                       });
  }

  pci::Devfn take(std::string_view name) {
    while (is_reserved(next_)) ++next_;
    if (next_ > kLastSlot) {
      throw Error(
          fmt::format("Cannot add {}: all {} slots of the root bus are used", name, kLastSlot))
          .with_help("use fewer disks and network interfaces");
    }
    return {next_++, 0};
  }

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

void add_passed(const DeviceServices& services, Slots& slots) {
  if (services.passed == nullptr) return;
  for (const PassedDevices::Slot& slot : services.passed->slots()) {
    with_context([&] { return fmt::format("Cannot pass \"{}\" to the guest", slot.pci->id); },
                 [&] { slots.add(slot, services.passed->session()); });
  }
}

}  // namespace

Devices make_devices(const DeviceServices& services) {
  Slots slots(services);
  for (const auto& add :
       {add_console, add_disks, add_nets, add_vsock, add_rng, add_balloon, add_passed}) {
    add(services, slots);
  }
  return std::move(slots.devices());
}

}  // namespace lintel
