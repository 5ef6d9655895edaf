// SPDX-License-Identifier: Apache-2.0
// A passed device of any shape, as a server of another process may describe it, and a guest that
// writes anything anywhere. Whatever they do, BARs stay inside the windows of the board, what is
// mapped lies in them and leaves out the MSI-X table and the pending bits, what the user fixed
// stays, and no access throws.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "passthrough/pci/function.h"
#include "tests/fakes/capabilities.h"
#include "tests/fakes/fake_irq.h"
#include "tests/fakes/fake_vfio_device.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fuzz/input.h"
#include "tests/unit/pci/test_machine.h"
#include "vmm/base/error.h"
#include "vmm/base/event_loop.h"
#include "vmm/base/log.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/ecam.h"
#include "vmm/pci/window.h"

namespace lintel::passthrough::pci {
namespace {

using fuzz::check;
using fuzz::Input;
using lintel::pci::BarKind;
using lintel::pci::Devfn;
using lintel::pci::Ecam;
using lintel::pci::TestMachine;
namespace reg = lintel::pci::reg;

constexpr size_t kPage = 4096;
constexpr Devfn kPlace(3, 0);
constexpr GuestRange kEcam{GuestAddress(0xb0000000), 1 * kMiB};
constexpr uint8_t kMsi = 0x80;
constexpr uint8_t kMsix = 0x60;
constexpr uint8_t kPm = 0x50;
constexpr AccessSize kSizes[] = {AccessSize::k1, AccessSize::k2, AccessSize::k4, AccessSize::k8};

RegionInfo some_region(uint32_t index, Input& input) {
  const uint64_t shape = input.take(1);
  const uint64_t flags = input.take(1);
  RegionInfo info{.index = index,
                  .size = (shape & 0x0f) == 0 ? 0 : 8ull << (shape & 0x0f),
                  .readable = (flags & 1) == 0,
                  .writable = (flags & 2) == 0,
                  .mappable = (flags & 4) != 0,
                  .msix_mappable = (flags & 8) != 0};
  if ((flags & 0x10) != 0) info.size += input.take(2);
  if ((flags & 0x20) == 0) return info;
  // As their parsers promise: in order, inside, not empty.
  info.sparse.emplace();
  for (uint64_t from = 0; info.sparse->size() < 4;) {
    from += input.take(2);
    const uint64_t size = input.take(2) + 1;
    if (from >= info.size || size > info.size - from) break;
    info.sparse->push_back({from, size});
    from += size;
  }
  return info;
}

void describe(FakeVfioDevice& device, Input& input) {
  const uint64_t has = input.take(1);
  if ((has & 1) != 0) {
    const uint32_t size = (has & 2) != 0 ? 256 : 4096 - static_cast<uint32_t>(input.take(1));
    device.add_region({.index = pci_region::kConfig, .size = size});
    device.config32(reg::kVendorId, 0x56781234);
  }
  for (uint32_t index = pci_region::kBar0; index <= pci_region::kRom; ++index) {
    const RegionInfo region = some_region(index, input);
    if (region.size != 0) device.add_region(region);
    if (index < lintel::pci::kMaxBars) {
      device.config32(static_cast<uint16_t>(reg::kBar0 + 4 * index),
                      static_cast<uint32_t>(input.take(1)));
    }
  }
  device.config8(reg::kInterruptPin, static_cast<uint8_t>(has >> 2 & 1));
  for (const uint32_t index : {pci_irq::kIntx, pci_irq::kMsi, pci_irq::kMsix}) {
    const uint64_t flags = input.take(1);
    if ((flags & 1) != 0) continue;
    device.add_irq({.index = index,
                    .count = static_cast<uint32_t>(input.take(1)),
                    .eventfd = (flags & 2) == 0,
                    .maskable = true,
                    .automasked = (flags & 4) == 0,
                    .noresize = (flags & 8) != 0});
  }
  if ((has & 8) == 0) device.add_capability(kPm, reg::kCapPowerManagement);
  if ((has & 0x10) == 0) {
    device.add_capability(kMsix, reg::kCapMsix);
    device.config16(kMsix + reg::kMsixControl, static_cast<uint16_t>(input.take(2)));
    device.config32(kMsix + reg::kMsixTable, static_cast<uint32_t>(input.take(3)));
    device.config32(kMsix + reg::kMsixPba, static_cast<uint32_t>(input.take(3)));
  }
  if ((has & 0x20) == 0) {
    device.add_capability(kMsi, reg::kCapMsi);
    device.config16(kMsi + reg::kMsiControl, static_cast<uint16_t>(input.take(2)));
  }
  for (uint64_t patches = input.take(1) % 64; patches > 0; --patches) {
    const uint64_t at = input.take(2) % device.config().size();
    device.config8(static_cast<uint16_t>(at), static_cast<uint8_t>(input.take(1)));
  }
}

// Whether memory of this BAR is mapped there; a table behind the BAR's end is nowhere.
bool overlap(const GuestRange& mapped, const std::optional<GuestRange>& bar, uint64_t offset,
             uint64_t size) {
  if (!bar || !bar->contains(mapped.base, mapped.size)) return false;
  const uint64_t from = mapped.base.value - bar->base.value;
  return from < offset + size && offset < from + mapped.size;
}

// Registers that the user fixes, and capabilities that he hides: often what cannot be.
ConfigOptions some_policy(Input& input) {
  ConfigOptions options;
  const uint64_t shape = input.take(1);
  if ((shape & 1) != 0) options.hide = {fmt::format("0x{:02x}", input.take(1))};
  for (uint64_t i = shape >> 1 & 3; i > 0; --i) {
    const uint64_t place = input.take(2);
    const std::string_view width = std::array{"b", "w", "l", "b"}[place >> 14];
    const std::string_view base = std::array{"", "CAP_PM+", "CAP_VNDR+", ""}[place >> 12 & 3];
    options.patch.push_back(fmt::format("{}{:x}.{}={:x}:{:x}", base, place & 0xfff, width,
                                        input.take(1), input.take(1)));
  }
  return options;
}

struct Machine {
  FakeVfioDevice& device;
  TestMachine board{kPage};
  MemoryMap map{kPage};
  EventLoop loop;
  ManualClock clock;
  ManualTimer* timer = nullptr;  // the function's
  std::optional<PassedFunction> function;
  std::optional<Ecam> ecam;
  std::vector<std::byte> before;  // the device's configuration space

  // Throws Error for a device that cannot be passed.
  Machine(FakeVfioDevice& passed, Input& input) : device(passed) {
    const uint64_t options = input.take(1);
    auto own_timer = std::make_unique<ManualTimer>(clock);
    timer = own_timer.get();
    function.emplace(
        board.root.root_bus(), kPlace, device,
        FunctionServices{.map = map, .loop = loop, .clock = clock, .timer = std::move(own_timer)},
        FunctionOptions{.config = (options & 4) != 0 ? some_policy(input) : ConfigOptions(),
                        .vga = (options & 1) != 0,
                        .resettable = (options & 2) == 0});
    before = {device.config().begin(), device.config().end()};
    ecam.emplace(board.root, kEcam, board.memory, nullptr);
    assign_resources(board.root, {.memory32 = TestMachine::kMemory32,
                                  .memory64 = TestMachine::kMemory64,
                                  .ports = TestMachine::kPorts});
  }
  ~Machine() {
    ecam.reset();
    function.reset();
    check(map.all().empty());
  }

  std::optional<GuestRange> bar_at(unsigned index) const {
    for (const auto& bar : function->bars()) {
      if (bar.spec.index == index && bar.mapped) return GuestRange{*bar.mapped, bar.spec.size};
    }
    return std::nullopt;
  }
  uint32_t shown(uint16_t offset) { return function->config_read(offset, 4); }

  void check_bars() const {
    for (const auto& bar : function->bars()) {
      if (!bar.mapped) continue;
      check(bar.spec.kind == BarKind::kPort
                ? TestMachine::kPorts.contains(*bar.mapped, bar.spec.size)
                : TestMachine::kMemory32.contains(*bar.mapped, bar.spec.size) ||
                      TestMachine::kMemory64.contains(*bar.mapped, bar.spec.size));
    }
  }

  // What the user fixed is what the guest reads, and what the device has there is as it was.
  void check_patches() {
    for (const ConfigPlan::Patch& patch : function->plan().patches) {
      check((function->config().read(patch.offset, patch.size) & patch.mask) == patch.value);
      for (unsigned i = 0; i < patch.size; ++i) {
        const size_t at = patch.offset + i;
        check((std::to_integer<uint8_t>(device.config()[at] ^ before[at]) &
               patch.mask >> (8 * i)) == 0);
      }
    }
  }

  void check_mappings() {
    const auto all = map.all();
    for (const MappedMemory& memory : all) {
      bool inside = false;
      for (const auto& bar : function->bars()) {
        inside = inside || (bar.mapped && bar.spec.kind != BarKind::kPort &&
                            GuestRange{*bar.mapped, bar.spec.size}.contains(memory.range.base,
                                                                            memory.range.size));
      }
      check(inside);
    }
    const ConfigPlan& plan = function->plan();
    if (!plan.msix || plan.msix->table_bar >= 6 || plan.msix->pba_bar >= 6) return;
    // Where the guest finds them.
    const uint16_t at = find_capability(function->config(), reg::kCapMsix);
    const uint32_t vectors = (shown(at) >> 16 & 0x7ff) + 1;
    const uint32_t table = shown(static_cast<uint16_t>(at + reg::kMsixTable));
    const uint32_t pba = shown(static_cast<uint16_t>(at + reg::kMsixPba));
    check(vectors == plan.msix->vectors);
    for (const MappedMemory& memory : all) {
      check(!overlap(memory.range, bar_at(table & 7), table & ~7u,
                     uint64_t{vectors} * reg::kMsixEntrySize));
      check(!overlap(memory.range, bar_at(pba & 7), pba & ~7u, (vectors + 63) / 64 * 8));
    }
  }
};

void toggle_failure(FakeVfioDevice& device, Input& input) {
  constexpr std::array kCalls{"set_triggers", "disable_irqs", "set_unmask_event", "reset"};
  const uint64_t choice = input.take(1);
  const char* const call = kCalls[choice % kCalls.size()];
  if ((choice & 0x80) != 0) {
    device.fail(call);
  } else {
    device.work(call);
  }
}

void access_bar(Machine& machine, Input& input, AccessSize size, bool write) {
  const auto bars = machine.function->bars();
  if (bars.empty()) return;
  const auto& bar = bars[input.take(1) % bars.size()];
  const GuestAddress address = bar.programmed + input.take(3) % bar.spec.size;
  Bus& bus = bar.spec.kind == BarKind::kPort ? machine.board.ports : machine.board.memory;
  if (write) {
    bus.write(address, size, input.take(bytes(size)));
  } else {
    bus.read(address, size);
  }
}

void step(Machine& machine, Input& input) {
  const uint64_t operation = input.take(1);
  const AccessSize size = kSizes[operation >> 6];
  const uint64_t config = kEcam.base.value + (uint64_t{kPlace.value} << 12);
  switch (operation & 0x3f) {
    case 0: machine.function->reset(); break;
    case 1: machine.function->trap_everything(); break;
    case 2: machine.function->report(); break;
    case 3:
      if (machine.timer->armed()) machine.timer->expire();
      break;
    case 4: toggle_failure(machine.device, input); break;
    case 5: machine.device.vanish(); break;
    case 6: machine.device.lose(); break;
    case 7: machine.board.root.reset(); break;
    case 8:
    case 9:
    case 10:
    case 11: access_bar(machine, input, size, false); break;
    case 12:
    case 13:
    case 14:
    case 15:
    case 16:
    case 17:
    case 18: access_bar(machine, input, size, true); break;
    case 19:
    case 20: machine.board.memory.read(GuestAddress(config + input.take(2) % kPage), size); break;
    default:
      machine.board.memory.write(GuestAddress(config + input.take(2) % kPage), size,
                                 input.take(bytes(size)));
      break;
  }
  machine.device.take_calls();
}

void run(std::span<const uint8_t> bytes) {
  log::configure({.level = log::Level::kOff, .format = log::Format::kText, .file = {}});
  Input input(bytes);
  FakeVfioDevice device;
  describe(device, input);
  std::optional<Machine> machine;
  try {
    machine.emplace(device, input);
  } catch (const Error&) {
    return;  // it cannot be passed, and we say so
  }
  for (unsigned steps = 0; steps < 200 && !input.empty(); ++steps) {
    step(*machine, input);
    machine->check_bars();
    machine->check_mappings();
    machine->check_patches();
  }
}

}  // namespace
}  // namespace lintel::passthrough::pci

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lintel::passthrough::pci::run({data, size});
  return 0;
}
