// SPDX-License-Identifier: Apache-2.0
// A guest that writes anything anywhere in configuration space, BARs and the MSI-X table, over ECAM
// and the configuration ports. Whatever it does, BARs stay inside the windows of the board.
#include <cstdint>
#include <optional>

#include "tests/fakes/capabilities.h"
#include "tests/fakes/fake_irq.h"
#include "tests/fuzz/input.h"
#include "vmm/bus/bus.h"
#include "vmm/memory/memory_map.h"
#include "vmm/pci/capabilities.h"
#include "vmm/pci/cf8.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/ecam.h"
#include "vmm/pci/function.h"
#include "vmm/pci/host_bridge.h"
#include "vmm/pci/msi.h"
#include "vmm/pci/msix.h"
#include "vmm/pci/root_port.h"
#include "vmm/pci/window.h"

namespace lintel::pci {
namespace {

constexpr GuestRange kEcam{GuestAddress(0xb0000000), 256 * kMiB};
constexpr GuestRange kMemory32{GuestAddress(0xc0000000), 256 * kMiB};
constexpr GuestRange kMemory64{GuestAddress(0x800000000), 16 * kGiB};
constexpr GuestRange kPorts{GuestAddress(0xc000), 0x4000};
constexpr GuestRange kConfigPorts{GuestAddress(0xcf8), 8};
constexpr uint16_t kPresenceDetect = 1 << 6;  // Slot Status, PCIe 7.5.3.11

using fuzz::check;
using fuzz::Input;

class Storage final : public Device {
 public:
  std::string_view name() const override { return "storage"; }
  uint64_t read(uint64_t, AccessSize) override { return value_; }
  void write(uint64_t, AccessSize, uint64_t value) override { value_ = value; }
  void reset() override {}

 private:
  uint64_t value_ = 0;
};

class Endpoint final : public Function {
 public:
  Endpoint(PciBus& bus, Devfn devfn)
      : Function(
            bus, devfn,
            {.ids = {.vendor = 0x1af4, .device = 0x1041, .class_code = 0x020000}, .pin = Pin::kA}),
        msix_(*this, MsixLayout::in_bar(0, 0, 40)),
        msi_(*this, {.vectors = 8}) {
    add_bar({.index = 0, .kind = BarKind::kMemory32, .size = 0x2000, .device = &msix_});
    add_bar({.index = 1, .kind = BarKind::kPort, .size = 0x40, .device = &storage_});
    add_bar({.index = 2,
             .kind = BarKind::kMemory64,
             .prefetchable = true,
             .size = 0x10000,
             .device = &storage_});
    add_express(config(), ExpressType::kEndpoint);
  }
  ~Endpoint() override { unmap_bars(); }
  std::string_view name() const override { return "endpoint"; }
  void reset() override {
    msix_.reset();
    msi_.reset();
    Function::reset();
  }
  void interrupt(unsigned vector) {
    msix_.trigger(static_cast<uint16_t>(vector));
    msi_.trigger(vector);
    set_intx((vector & 1) != 0);
  }

 private:
  Storage storage_;
  Msix msix_;
  Msi msi_;
};

struct Machine {
  Bus memory{"memory"};
  Bus ports{"port"};
  FakeMsiSink msi;
  FakeIrqLine line;
  MemoryMap map;
  RootComplex root{
      HostResources{.memory = memory, .ports = ports, .msi = msi, .pins = [this](unsigned, Pin) {
                      return PinTarget{&line, Gsi(16)};
                    }}};
  HostBridge bridge{root.root_bus(), {.ecam = kEcam}};
  RootPort first{root.root_bus(), Devfn(1, 0)};
  RootPort second{root.root_bus(), Devfn(2, 0), {.hot_plug = true}};
  Endpoint integrated{root.root_bus(), Devfn(3, 0)};
  Endpoint behind_first{*first.secondary_bus(), Devfn(0, 0)};
  std::optional<Endpoint> behind_second{std::in_place, *second.secondary_bus(), Devfn(0, 0)};
  Cf8 cf8{root, {}};
  Ecam ecam{root, kEcam, memory, &map};

  Machine() {
    ports.add(kConfigPorts, cf8);
    second.slot()->start_with_device();
    assign_resources(root, {.memory32 = kMemory32, .memory64 = kMemory64, .ports = kPorts});
  }

  void plug_or_unplug() {
    if (behind_second) {
      behind_second.reset();
      second.slot()->remove();
    } else {
      behind_second.emplace(*second.secondary_bus(), Devfn(0, 0));
      second.slot()->insert();
    }
  }

  // There is a link where something is in the slot and has power.
  void check_slot() {
    const HotplugSlot& slot = *second.slot();
    const uint16_t express = find_capability(second.config(), reg::kCapExpress);
    const uint16_t status =
        second.config().read16(static_cast<uint16_t>(express + reg::kExpressLinkStatus));
    const uint16_t slot_status =
        second.config().read16(static_cast<uint16_t>(express + reg::kExpressSlotStatus));
    check(((slot_status & kPresenceDetect) != 0) == behind_second.has_value());
    check(((status & reg::kExpressLinkActive) != 0) ==
          (behind_second.has_value() && slot.powered()));
  }

  void check_bars() {
    root.for_each([](Function& function) {
      for (const auto& bar : function.bars()) {
        if (!bar.mapped) continue;
        const bool port = bar.spec.kind == BarKind::kPort;
        check(port ? kPorts.contains(*bar.mapped, bar.spec.size)
                   : kMemory32.contains(*bar.mapped, bar.spec.size) ||
                         kMemory64.contains(*bar.mapped, bar.spec.size));
      }
    });
  }
};

GuestAddress some_address(Machine& machine, Input& input) {
  const uint64_t choice = input.take(1);
  const uint64_t offset = input.take(2);
  Endpoint* const endpoints[] = {
      &machine.integrated, &machine.behind_first,
      machine.behind_second ? &*machine.behind_second : &machine.behind_first};
  const auto bars = endpoints[choice % 3]->bars();
  return bars[choice / 3 % bars.size()].programmed + offset;
}

// Bus 0 to 3, device 0 to 3: where the functions are, and around it.
uint64_t some_config_offset(Input& input) {
  const uint64_t place = input.take(1);
  return (place & 3) << 20 | (place >> 2 & 3) << 15 | (place >> 4 & 1) << 12 |
         (input.take(2) & 0xfff);
}

void step(Machine& machine, Input& input) {
  constexpr AccessSize kSizes[] = {AccessSize::k1, AccessSize::k2, AccessSize::k4, AccessSize::k8};
  const uint64_t operation = input.take(1);
  const AccessSize size = kSizes[operation >> 6];
  switch (operation & 0x3f) {
    case 0: machine.memory.read(some_address(machine, input), size); break;
    case 1: {
      const GuestAddress address = some_address(machine, input);
      machine.memory.write(address, size, input.take(8));
      machine.ports.write(GuestAddress(address.value & 0xffff), size, input.take(4));
      break;
    }
    case 2: machine.integrated.interrupt(static_cast<unsigned>(input.take(2))); break;
    case 3: machine.behind_first.interrupt(static_cast<unsigned>(input.take(2))); break;
    case 4: machine.root.reset(); break;
    case 5: machine.ports.write(kConfigPorts.base + input.take(1) % 8, size, input.take(8)); break;
    case 6: machine.ports.read(kConfigPorts.base + input.take(1) % 8, size); break;
    case 7: machine.memory.read(kEcam.base + input.take(4) % kEcam.size, size); break;
    case 8:
      machine.memory.write(kEcam.base + input.take(4) % kEcam.size, size, input.take(8));
      break;
    case 9: machine.plug_or_unplug(); break;
    case 10: machine.second.slot()->press_attention(); break;
    default: {
      const uint64_t offset = some_config_offset(input);
      machine.memory.write(kEcam.base + offset, size, input.take(bytes(size)));
      break;
    }
  }
}

}  // namespace
}  // namespace lintel::pci

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lintel;
  log::configure({.level = log::Level::kOff, .format = log::Format::kText, .file = {}});
  pci::Machine machine;
  fuzz::Input input({data, size});
  for (unsigned steps = 0; steps < 200 && !input.empty(); ++steps) {
    pci::step(machine, input);
    machine.check_bars();
    machine.check_slot();
  }
  return 0;
}
