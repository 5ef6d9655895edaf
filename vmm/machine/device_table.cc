// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/device_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "passthrough/pci/function.h"
#include "vmm/base/error.h"
#include "vmm/base/timer.h"
#include "vmm/machine/net_device.h"
#include "vmm/pci/root_port.h"
#include "vmm/virtio/balloon.h"
#include "vmm/virtio/blk.h"
#include "vmm/virtio/console.h"
#include "vmm/virtio/pci_transport.h"
#include "vmm/virtio/rng.h"
#include "vmm/virtio/vsock.h"

namespace lintel {
namespace {

passthrough::pci::FunctionOptions options_of(const config::PciConfig& pci, bool named) {
  passthrough::pci::FunctionOptions options;
  // Nothing but the whole bus, or nothing at all.
  options.resettable = pci.reset != config::PciReset::kBus && pci.reset != config::PciReset::kNone;
  if (!named) return options;
  options.config = {pci.hide, pci.show, pci.patch};
  options.rom_file = pci.rom;
  options.vga = pci.vga;
  return options;
}

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
  void add(const PassedDevices::Slot& slot) {
    const pci::Devfn place =
        slot.guest_address.empty() ? take(slot.pci.id) : *pci::parse_devfn(slot.guest_address);
    pci::RootPort* port = nullptr;
    if (wants_root_port(slot)) {
      const auto number = static_cast<uint8_t>(place.device());
      auto owned = std::make_unique<pci::RootPort>(
          services_.root_bus, place,
          pci::RootPortConfig{.link = {.port = number, .slot = number},
                              .hot_plug = true,
                              .reserve = reserve_of(slot)});
      port = owned.get();
      devices_.functions.add(std::move(owned));
    }
    PassedSlot passed(port != nullptr ? *port->secondary_bus() : services_.root_bus,
                      port != nullptr ? 0 : place.device(), port);
    fill(passed, slot, {services_.memory_map, services_.io_loop, services_.clock});
    if (port != nullptr && !slot.functions.empty()) port->slot()->start_with_device();
    devices_.passed.push_back(std::move(passed));
  }

  Devices& devices() { return devices_; }

 private:
  static constexpr unsigned kLastSlot = 31;

  static bool wants_root_port(const PassedDevices::Slot& slot) {
    // Only from behind a port can a device have gone.
    if (slot.functions.empty() || slot.reserved) return true;
    switch (slot.pci.root_port) {
      case config::PciRootPort::kOn: return true;
      case config::PciRootPort::kOff: return false;
      case config::PciRootPort::kAuto: break;
    }
    return passthrough::pci::is_express(*slot.functions.front().device);
  }

  // The windows of what is there at the start have its size.
  pci::WindowReserve reserve_of(const PassedDevices::Slot& slot) const {
    if (!slot.reserved && !slot.functions.empty()) return {};
    return {.memory32 = align_up(services_.config.pci_bus.hotplug_memory32, kMiB),
            .memory64 = align_up(services_.config.pci_bus.hotplug_memory, kMiB)};
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
    with_context([&] { return fmt::format("Cannot pass \"{}\" to the guest", slot.pci.id); },
                 [&] { slots.add(slot); });
  }
}

}  // namespace

PassedSlot::PassedSlot(pci::PciBus& slot_bus, unsigned slot_device, pci::RootPort* slot_port)
    : bus(&slot_bus), device(slot_device), port(slot_port) {}
PassedSlot::PassedSlot(PassedSlot&&) noexcept = default;
PassedSlot::~PassedSlot() = default;

void fill(PassedSlot& place, const PassedDevices::Slot& slot, const PassedServices& services) {
  decltype(place.functions) functions;
  for (const PassedDevices::Function& function : slot.functions) {
    functions.push_back(std::make_unique<passthrough::pci::PassedFunction>(
        *place.bus, pci::Devfn(place.device, function.number), *function.device,
        passthrough::pci::FunctionServices{.map = services.memory_map,
                                           .loop = services.loop,
                                           .clock = services.clock,
                                           .timer = std::make_unique<LoopTimer>(services.loop)},
        options_of(slot.pci, function.named)));
  }
  place.functions = std::move(functions);
}

Devices make_devices(const DeviceServices& services) {
  Slots slots(services);
  for (const auto& add :
       {add_console, add_disks, add_nets, add_vsock, add_rng, add_balloon, add_passed}) {
    add(services, slots);
  }
  return std::move(slots.devices());
}

}  // namespace lintel
