// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/function.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "passthrough/pci/capability_list.h"
#include "passthrough/region_split.h"
#include "passthrough/typed_region.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/root_complex.h"

namespace lintel::passthrough::pci {
namespace {

namespace reg = lintel::pci::reg;
using lintel::pci::BarKind;
using lintel::pci::ConfigSpace;
using lintel::pci::kConfigSize;
using lintel::pci::kMaxBars;
using lintel::pci::kStandardConfigSize;
using lintel::pci::Pin;

uint8_t byte_at(std::span<const std::byte> bytes, size_t offset) {
  return std::to_integer<uint8_t>(bytes[offset]);
}
uint16_t word_at(std::span<const std::byte> bytes, size_t offset) {
  return load_le<uint16_t>(&bytes[offset]);
}
uint32_t dword_at(std::span<const std::byte> bytes, size_t offset) {
  return load_le<uint32_t>(&bytes[offset]);
}

bool write_register(Device& device, uint16_t offset, unsigned size, uint32_t value) {
  std::array<std::byte, 4> from;
  store_le(from.data(), value);
  return device.write(pci_region::kConfig, offset, {from.data(), size});
}

std::optional<uint32_t> read_register(Device& device, uint16_t offset, unsigned size) {
  std::array<std::byte, 4> to{};
  if (!device.read(pci_region::kConfig, offset, {to.data(), size})) return std::nullopt;
  return load_le<uint32_t>(to.data());
}

uint32_t mask_of(std::span<const uint8_t> bits, uint16_t offset, unsigned size) {
  uint32_t mask = 0;
  for (unsigned i = 0; i < size; ++i) mask |= uint32_t{bits[offset + i]} << (8 * i);
  return mask;
}

// Where the capability is that puts the function to sleep; 0: there is none.
uint16_t find_power_management(Device& device) {
  uint16_t found = 0;
  walk_capabilities(
      [&](uint16_t at) { return static_cast<uint16_t>(read_register(device, at, 2).value_or(0)); },
      [&](uint16_t at, uint8_t id) {
        if (id != reg::kCapPowerManagement) return true;
        if (at + reg::kPmSize <= kStandardConfigSize) found = at;
        return false;
      });
  return found;
}

// Whether the function was asleep. `power_management`: the capability, or 0.
bool wake(Device& device, uint16_t power_management) {
  if (power_management == 0) return false;
  const auto control = static_cast<uint16_t>(power_management + reg::kPmControl);
  const std::optional<uint32_t> state = read_register(device, control, 2);
  const bool gone = !state || *state == 0xffff;
  if (gone || (*state & reg::kPmStateMask) == 0) return false;
  if (!write_register(device, control, 2, *state & ~uint32_t{reg::kPmStateMask})) return false;
  // PCI Bus Power Management 1.2, 5.6.1: before the next access. The host's kernel waits by itself,
  // a server may not.
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return true;
}

lintel::pci::FunctionSpec spec_of(std::span<const std::byte> bytes, const IrqInfo& intx) {
  const uint8_t pin = byte_at(bytes, reg::kInterruptPin);
  return {
      .ids = {.vendor = word_at(bytes, reg::kVendorId),
              .device = word_at(bytes, reg::kDeviceId),
              .revision = byte_at(bytes, reg::kRevision),
              .class_code = dword_at(bytes, reg::kRevision) >> 8,
              .subsystem_vendor = word_at(bytes, reg::kSubsystemVendorId),
              .subsystem = word_at(bytes, reg::kSubsystemId)},
      .pin = intx.count == 0 || pin > 4 ? Pin::kNone : static_cast<Pin>(pin),
  };
}

// Nothing works without them or stops at them, so that a device that does not tell has none.
std::vector<RegionInfo> list_typed_regions(Device& device) {
  try {
    return typed_regions(device);
  } catch (const Error& error) {
    log::debug("{}: {}", device.name(), error.describe());
    return {};
  }
}

}  // namespace

std::vector<std::byte> read_config(Device& device, size_t most) {
  const uint64_t size = device.region(pci_region::kConfig).size;
  std::vector<std::byte> bytes(size >= kConfigSize ? most : kStandardConfigSize);
  if (size < kStandardConfigSize) {
    throw_error("{} has a configuration space of {} bytes", device.name(), size);
  }
  const Operation operation(device);
  // At once, unless whoever answers for the device takes single registers only.
  if (device.read(pci_region::kConfig, 0, bytes)) return bytes;
  for (size_t offset = 0; offset < bytes.size(); offset += 4) {
    if (!device.read(pci_region::kConfig, offset, {&bytes[offset], 4})) {
      throw_error("{} does not answer a read of its configuration space at {:#x}", device.name(),
                  offset);
    }
  }
  return bytes;
}

FunctionSnapshot take_snapshot(Device& device, const FunctionOptions& options) {
  const Operation operation(device);
  if (!alive(device)) {
    throw Error(fmt::format("{} does not answer: its configuration reads as ones", device.name()))
        .with_help("it may have been lost by a reset; the host must be powered off and on");
  }
  FunctionSnapshot result{.bytes = read_config(device),
                          .spec = {},
                          .plan = {},
                          .rom = {},
                          .vga = options.vga,
                          .resettable = options.resettable};
  const uint8_t header = byte_at(result.bytes, reg::kHeaderType) & 0x7f;
  if (header != 0) {
    throw_error("{} is a bridge (header type {}), which cannot be passed", device.name(), header);
  }
  result.spec = spec_of(result.bytes, device.irq(pci_irq::kIntx));
  result.plan = plan_config(result.bytes, options.config);
  if (!options.rom_file.empty()) {
    result.rom = read_rom_file(options.rom_file, result.spec.ids.vendor, result.spec.ids.device);
  }
  return result;
}

PassedFunction::PassedFunction(lintel::pci::PciBus& bus, lintel::pci::Devfn devfn, Device& device,
                               FunctionServices services, const FunctionSnapshot& snapshot)
    : Function(bus, devfn, snapshot.spec),
      device_(device),
      services_(std::move(services)),
      plan_(snapshot.plan),
      msix_layout_(place_msix(device, plan_)),
      resettable_(snapshot.resettable && device.info().can_reset),
      interrupts_(device, plan_.msix, intx_line(), *this,
                  {services_.loop, services_.clock, *services_.timer}) {
  define_capabilities(snapshot);
  add_bars(snapshot);
  add_rom(snapshot);
  if (snapshot.vga) add_vga();
  const Operation operation(device_);
  typed_regions_ = list_typed_regions(device_);
  write_command();
  interrupts_.start();
}

PassedFunction::~PassedFunction() {
  const Operation operation(device_);
  unmap_bars();
  interrupts_.stop();
  quiesce(device_, plan_.power_management);
}

std::optional<lintel::pci::MsixLayout> PassedFunction::place_msix(Device& device,
                                                                  const ConfigPlan& plan) {
  if (!plan.msix || plan.msix->table_bar >= kMaxBars || plan.msix->pba_bar >= kMaxBars) {
    return std::nullopt;
  }
  const RegionInfo table_bar = device.region(pci_region::kBar0 + plan.msix->table_bar);
  const auto moved = moved_msix(*plan.msix, table_bar, host_page_size());
  return moved ? moved : plan.msix;
}

// The list in the order of the device's, without what is hidden.
void PassedFunction::define_capabilities(const FunctionSnapshot& snapshot) {
  ConfigSpace& space = config();
  for (const CapabilityPlan& capability : plan_.capabilities) {
    const bool hidden = capability.treatment == Treatment::kHide;
    if (capability.extended) {
      if (hidden && capability.offset != reg::kExtendedStart) continue;
      const uint32_t header = hidden ? 0 : dword_at(snapshot.bytes, capability.offset) & 0x000fffff;
      space.define32(capability.offset, header | uint32_t{capability.next} << 20);
      continue;
    }
    if (hidden) continue;
    if (capability.id == reg::kCapMsi && plan_.msi) {
      msi_.emplace(*this, *plan_.msi, &interrupts_);
    } else if (capability.id == reg::kCapMsix && msix_layout_) {
      msix_.emplace(*this, *msix_layout_, &interrupts_, static_cast<uint8_t>(capability.offset));
    } else {
      space.add_capability_at(static_cast<uint8_t>(capability.id),
                              static_cast<uint8_t>(capability.offset), 2);
    }
  }
  for (const ConfigPlan::Constant& constant : plan_.constants) {
    if (constant.size() == 4) {
      space.define32(constant.offset, constant.value);
    } else {
      space.define16(constant.offset, constant.value);
    }
  }
  for (const ConfigPlan::Patch& patch : plan_.patches) {
    space.fix(patch.offset, patch.size, patch.mask, patch.value);
  }
}

void PassedFunction::add_bars(const FunctionSnapshot& snapshot) {
  for (unsigned index = 0; index < kMaxBars; ++index) {
    const RegionInfo region = device_.region(pci_region::kBar0 + index);
    if (region.size == 0) continue;
    const uint32_t flags = dword_at(snapshot.bytes, reg::kBar0 + 4 * index);
    with_context([&] { return fmt::format("Cannot give BAR {} to the guest", index); },
                 [&] { add_bar_of(region, flags); });
    if ((flags & reg::kBarPort) == 0 && (flags & reg::kBarMemory64) != 0) ++index;
  }
}

void PassedFunction::add_bar_of(const RegionInfo& region, uint32_t flags) {
  const bool port = (flags & reg::kBarPort) != 0;
  decode_bits_ |= port ? reg::kCommandPorts : reg::kCommandMemory;
  // A mappable BAR that is smaller than a page has the page for itself at the host; shown as large,
  // it has it in the guest too.
  const bool small = !port && region.mappable && region.size < host_page_size();
  uint64_t size = small ? host_page_size() : region.size;
  // The MSI-X structures may be behind the region's end.
  if (msix_ && msix_layout_->table_bar == region.index && msix_layout_->table_offset >= size) {
    size *= 2;
  }
  MutexLock lock(mapping_mutex_);
  Bar& bar = bars_[region.index];
  bar.size = size;
  bar.trapped = std::make_unique<RegionBar>(
      device_, region.index, region.size, msix_ ? &*msix_ : nullptr,
      msix_layout_ ? &*msix_layout_ : nullptr, [this] { device_answered(); });
  if (!port) {
    RegionInfo whole_pages = region;
    if (small) whole_pages.size = host_page_size();
    for (const RegionPart& part :
         mapped_parts(whole_pages, bar.trapped->msix_parts(), host_page_size())) {
      try {
        bar.pieces.push_back({part, device_.map(region.index, part)});
      } catch (const Error& error) {
        log::warn("The guest's accesses to [{:#x}, +{:#x}) of BAR {} will exit: {}", part.offset,
                  part.size, region.index, error.describe());
      }
    }
  }
  const bool wide = !port && (flags & reg::kBarMemory64) != 0;
  add_bar({.index = region.index,
           .kind = port   ? BarKind::kPort
                   : wide ? BarKind::kMemory64
                          : BarKind::kMemory32,
           .prefetchable = !port && (flags & reg::kBarPrefetchable) != 0,
           .size = size,
           .device = bar.trapped.get()});
}

void PassedFunction::add_rom(const FunctionSnapshot& snapshot) {
  uint64_t size = snapshot.rom.size();
  if (size != 0) {
    rom_ = std::make_unique<RomBar>(fmt::format("{} expansion ROM", device_.name()), snapshot.rom);
  } else {
    const RegionInfo region = device_.region(pci_region::kRom);
    if (region.size == 0 || !region.readable) return;
    if (region.size > RomBar::kMaxSize) {
      log::warn("{}: an expansion ROM of {:#x} bytes, more than any has, is not shown",
                device_.name(), region.size);
      return;
    }
    size = region.size;
    rom_ = std::make_unique<RomBar>(device_, size);
  }
  decode_bits_ |= reg::kCommandMemory;
  add_bar({.index = lintel::pci::kRomBar,
           .kind = BarKind::kRom,
           .size = RomBar::shown_size(size),
           .device = rom_.get()});
}

void PassedFunction::add_vga() {
  decode_bits_ |= reg::kCommandMemory | reg::kCommandPorts;
  lintel::pci::RootComplex& root = bus().root_complex();
  vga_ = std::make_unique<LegacyVga>(device_, root.memory(), root.ports(), [this](bool ports) {
    const uint16_t bit = ports ? reg::kCommandPorts : reg::kCommandMemory;
    return (config().read16(reg::kCommand) & bit) != 0;
  });
}

uint32_t PassedFunction::config_read(uint16_t offset, unsigned size) {
  const Operation operation(device_);
  config_accesses_.fetch_add(1, std::memory_order_relaxed);
  if (msi_ && plan_.msi->offset <= offset && offset < plan_.msi->offset + plan_.msi->size()) {
    msi_->update_pending();
  }
  const uint32_t ours = config().read(offset, size);
  const uint32_t mask = mask_of(plan_.emulated, offset, size);
  const uint32_t all = UINT32_MAX >> (32 - 8 * size);
  if (mask == all) return ours;
  if (offset >= plan_.size) return 0;
  const uint32_t theirs = read_register(device_, offset, size).value_or(all);
  return (ours & mask) | (theirs & all & ~mask);
}

bool PassedFunction::touches_power_state(uint16_t offset, unsigned size) const {
  const unsigned at = plan_.power_management + reg::kPmControl;
  return plan_.power_management != 0 && plan_.emulated[at] == 0 && offset <= at &&
         at < offset + size;
}

void PassedFunction::config_write(uint16_t offset, unsigned size, uint32_t value) {
  const Operation operation(device_);
  config_accesses_.fetch_add(1, std::memory_order_relaxed);
  if (touches_power_state(offset, size)) {
    const unsigned shift = 8 * (plan_.power_management + reg::kPmControl - offset);
    const bool awake = (value >> shift & reg::kPmStateMask) == 0;
    if (!awake) {
      awake_ = false;
      update_bars();
    }
    write_device(offset, size, value);
    if (awake) {
      awake_ = true;
      update_bars();
    }
  } else {
    write_device(offset, size, value);
  }
  Function::config_write(offset, size, value);
  if (offset <= reg::kCommand + 1 && reg::kCommand < offset + size) write_command();
  interrupts_.accessed();
}

// The bytes of the access that are the device's, in as few accesses as keep to them.
void PassedFunction::write_device(uint16_t offset, unsigned size, uint32_t value) {
  if (offset >= plan_.size) return;
  const auto theirs = [&](unsigned i) { return plan_.emulated[offset + i] != 0xff; };
  bool all = true;
  for (unsigned i = 0; i < size; ++i) all = all && theirs(i);
  if (all && size != 3) {
    write_theirs(offset, size, value);
    return;
  }
  for (unsigned i = 0; i < size; ++i) {
    if (theirs(i)) write_theirs(static_cast<uint16_t>(offset + i), 1, value >> (8 * i));
  }
}

void PassedFunction::write_theirs(uint16_t offset, unsigned size, uint32_t value) {
  const uint32_t patched = mask_of(plan_.patched, offset, size);
  if (patched != 0) {
    const std::optional<uint32_t> old = read_register(device_, offset, size);
    if (!old) return;
    value = (value & ~patched) | (*old & patched);
  }
  if (!write_register(device_, offset, size, value)) return;
  if (sets_reset_bit(offset, size, value)) guest_resets_.fetch_add(1, std::memory_order_relaxed);
}

bool PassedFunction::sets_reset_bit(uint16_t offset, unsigned size, uint32_t value) const {
  return std::ranges::any_of(plan_.reset_bits, [&](const ConfigPlan::ResetBit& bit) {
    return offset <= bit.offset && bit.offset < offset + size &&
           (value >> (8 * (bit.offset - offset)) & bit.mask) != 0;
  });
}

void PassedFunction::write_command() {
  write_register(device_, reg::kCommand, 2, config().read16(reg::kCommand) | decode_bits_);
}

void PassedFunction::bar_mapped(unsigned index, GuestAddress address) {
  if (index >= kMaxBars) return;
  MutexLock lock(mapping_mutex_);
  bars_[index].address = address;
  if (traps_ == 0) map_pieces(index);
}

void PassedFunction::bar_unmapped(unsigned index, GuestAddress) {
  if (index >= kMaxBars) return;
  MutexLock lock(mapping_mutex_);
  unmap_pieces(index);
  bars_[index].address.reset();
}

void PassedFunction::map_pieces(unsigned index) {
  Bar& bar = bars_[index];
  if (!bar.address) return;
  for (Bar::Piece& piece : bar.pieces) {
    try {
      services_.map.add({.range = {*bar.address + piece.part.offset, piece.part.size},
                         .host = piece.mapping.data(),
                         .kind = MemoryKind::kDevice});
      piece.in_guest = true;
    } catch (const Error& error) {
      // The guest works with exits instead.
      lost_.warn("{}: BAR {} is not mapped at {:#x}: {}", device_.name(), index, bar.address->value,
                 error.describe());
    }
  }
}

bool PassedFunction::unmap_pieces(unsigned index) {
  Bar& bar = bars_[index];
  bool any = false;
  for (Bar::Piece& piece : bar.pieces) {
    if (!std::exchange(piece.in_guest, false)) continue;
    services_.map.remove({*bar.address + piece.part.offset, piece.part.size});
    any = true;
  }
  return any;
}

bool PassedFunction::trap(Trap why) {
  const bool mapped = traps_.fetch_or(why) == 0;
  bool any = false;
  for (unsigned index = 0; mapped && index < kMaxBars; ++index) any = unmap_pieces(index) || any;
  return any;
}

void PassedFunction::untrap(Trap why) {
  const uint8_t before = traps_.fetch_and(static_cast<uint8_t>(~why));
  if (before != why) return;
  for (unsigned index = 0; index < kMaxBars; ++index) map_pieces(index);
}

void PassedFunction::trap_everything() {
  MutexLock lock(mapping_mutex_);
  if (traps_ != 0) return;
  if (trap(kUnreachable)) {
    lost_.warn("{}: the host cannot reach the device's memory", device_.name());
  } else {
    untrap(kUnreachable);
  }
}

void PassedFunction::trap_registers(bool trap_them) {
  MutexLock lock(mapping_mutex_);
  if (trap_them) {
    trap(kIntx);
  } else {
    untrap(kIntx);
  }
}

void PassedFunction::device_answered() {
  interrupts_.accessed();
  if ((traps_ & kUnreachable) == 0) return;
  MutexLock lock(mapping_mutex_);
  untrap(kUnreachable);
}

FunctionReport PassedFunction::report() {
  constexpr size_t kTopPages = 4;
  FunctionReport report{.device = std::string(name()),
                        .interrupts = interrupts_.report(),
                        .config_accesses = config_accesses_.load(std::memory_order_relaxed),
                        .guest_resets = guest_resets_.load(std::memory_order_relaxed),
                        .bars = {},
                        .regions = typed_regions_};
  MutexLock lock(mapping_mutex_);
  for (unsigned index = 0; index < kMaxBars; ++index) {
    const Bar& bar = bars_[index];
    if (bar.trapped == nullptr) continue;
    BarReport& shown = report.bars.emplace_back();
    shown = {.index = index,
             .size = bar.size,
             .holes = {},
             .accesses = bar.trapped->accesses().total(),
             .pages = bar.trapped->accesses().top(kTopPages)};
    uint64_t at = 0;
    for (const Bar::Piece& piece : bar.pieces) {
      if (piece.in_guest) shown.mapped += piece.part.size;
      if (piece.part.offset > at) shown.holes.push_back({at, piece.part.offset - at});
      at = piece.part.offset + piece.part.size;
    }
    if (at < bar.size) shown.holes.push_back({at, bar.size - at});
  }
  return report;
}

void PassedFunction::reset() {
  const Operation operation(device_);
  if (msi_) msi_->reset();
  if (msix_) msix_->reset();
  Function::reset();
  awake_ = true;
  interrupts_.stop();
  quiesce(device_, plan_.power_management);
  if (resettable_ && alive(device_)) {
    try {
      device_.reset();
      guest_resets_.fetch_add(1, std::memory_order_relaxed);
    } catch (const Error& error) {
      lost_.warn("{}: {}", device_.name(), error.describe());
    }
  }
  write_command();
  interrupts_.restart();
}

bool is_express(Device& device) {
  return plan_config(read_config(device, kStandardConfigSize), {}).find(reg::kCapExpress) !=
         nullptr;
}

void quiesce(Device& device) {
  const Operation operation(device);
  quiesce(device, find_power_management(device));
}

void quiesce(Device& device, uint16_t power_management) {
  const Operation operation(device);
  for (const uint32_t index : {pci_irq::kMsix, pci_irq::kMsi, pci_irq::kIntx}) {
    try {
      if (device.irq(index).count != 0) device.disable_irqs(index);
    } catch (const Error& error) {
      log::debug("{}: {}", device.name(), error.describe());
    }
  }
  const auto no_dma = [&] { write_register(device, reg::kCommand, 2, reg::kCommandIntxDisable); };
  no_dma();
  // What wakes may have forgotten the register, or have it from before its sleep.
  if (wake(device, power_management)) no_dma();
}

bool alive(Device& device) {
  const Operation operation(device);
  // The kernel keeps the IDs of an open device and shows them when it is gone. The class is read
  // from the device, and none has ones there.
  const std::optional<uint32_t> vendor = read_register(device, reg::kVendorId, 2);
  const std::optional<uint32_t> class_code = read_register(device, reg::kRevision, 4);
  return vendor && *vendor != 0xffff && class_code && *class_code != UINT32_MAX;
}

}  // namespace lintel::passthrough::pci
