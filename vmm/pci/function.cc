// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/function.h"

#include "vmm/base/error.h"
#include "vmm/pci/bar_space.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/pci_bus.h"
#include "vmm/pci/root_complex.h"

namespace lintel::pci {
namespace {

constexpr unsigned kBridgeBars = 2;
constexpr uint64_t kMinMemoryBar = 16;
constexpr uint64_t kMinPortBar = 4;
// Upper address bits of a port BAR may be hardwired to zero where ports have 16 bits (PCI Local Bus
// 3.0, 6.2.5.1).
constexpr uint64_t kPortSpace = 0x10000;
constexpr uint64_t kMaxMemory32 = 2 * kGiB;

constexpr uint16_t bar_offset(unsigned index) {
  return index == kRomBar ? reg::kExpansionRom : static_cast<uint16_t>(reg::kBar0 + 4 * index);
}

constexpr bool touches(uint16_t offset, unsigned size, uint16_t reg_offset, unsigned reg_size) {
  return offset < reg_offset + reg_size && reg_offset < offset + size;
}

constexpr AddressSpace space_of(BarKind kind) {
  return kind == BarKind::kPort ? AddressSpace::kPort : AddressSpace::kMemory;
}

constexpr unsigned register_count(BarKind kind) {
  return kind == BarKind::kMemory64 ? 2 : 1;
}

constexpr uint32_t bar_flags(const BarSpec& spec) {
  if (spec.kind == BarKind::kPort) return reg::kBarPort;
  if (spec.kind == BarKind::kRom) return 0;
  return (spec.kind == BarKind::kMemory64 ? reg::kBarMemory64 : 0) |
         (spec.prefetchable ? reg::kBarPrefetchable : 0);
}

bool makes_sense(const BarSpec& spec) {
  if (spec.device == nullptr || !is_power_of_two(spec.size)) return false;
  switch (spec.kind) {
    case BarKind::kPort:
      return spec.size >= kMinPortBar && spec.size <= kPortSpace / 2 && !spec.prefetchable;
    case BarKind::kMemory32: return spec.size >= kMinMemoryBar && spec.size <= kMaxMemory32;
    case BarKind::kMemory64: return spec.size >= kMinMemoryBar;
    case BarKind::kRom:
      return spec.size > reg::kRomFlags && spec.size <= kMaxMemory32 && !spec.prefetchable;
  }
  return false;
}

}  // namespace

Function::Function(PciBus& bus, Devfn devfn, const FunctionSpec& spec)
    : bus_(bus),
      devfn_(devfn),
      config_(bus.attach(devfn, *this)),
      bar_count_(spec.header == HeaderType::kEndpoint ? kMaxBars : kBridgeBars),
      intx_line_(bus.intx_line(devfn, spec.pin)) {
  define_header(spec);
}

Function::~Function() {
  unmap_bars();
  set_intx(false);
  bus_.detach(devfn_);
}

void Function::define_header(const FunctionSpec& spec) {
  const FunctionIds& ids = spec.ids;
  config_.define16(reg::kVendorId, ids.vendor);
  config_.define16(reg::kDeviceId, ids.device);
  config_.define16(reg::kCommand, 0, reg::kCommandWritable);
  config_.define({.offset = reg::kStatus, .size = 2, .clear_by_one = reg::kStatusErrors});
  config_.define32(reg::kRevision, ids.class_code << 8 | ids.revision);
  config_.define8(reg::kCacheLineSize, 0, 0xff);
  config_.define8(reg::kHeaderType, static_cast<uint8_t>(spec.header));
  if (spec.header == HeaderType::kEndpoint) {
    config_.define16(reg::kSubsystemVendorId, ids.subsystem_vendor);
    config_.define16(reg::kSubsystemId, ids.subsystem);
  }
  // What a PC's firmware leaves in the register: the interrupt's number; 0xff says unconnected
  // (PCI Local Bus 3.0, 6.2.4).
  const uint32_t line = intx_line_ == nullptr ? 0xff : intx_line_->gsi().value & 0xff;
  config_.define8(reg::kInterruptLine, spec.pin == Pin::kNone ? 0 : line, 0xff);
  config_.define8(reg::kInterruptPin, static_cast<uint8_t>(spec.pin));
  bus_.mark_multi_function(devfn_.device());
}

Bdf Function::bdf() const {
  return {bus_.number(), devfn_};
}

void Function::add_bar(const BarSpec& spec) {
  const unsigned registers = register_count(spec.kind);
  const bool rom = spec.kind == BarKind::kRom;
  const bool there =
      rom ? spec.index == kRomBar && bar_count_ == kMaxBars : spec.index + registers <= bar_count_;
  if (!makes_sense(spec) || !there) {
    throw_error("BAR {} of {} bytes of PCI function {} makes no sense", spec.index, spec.size,
                to_string(devfn_));
  }
  for (unsigned i = 0; i < registers; ++i) {
    if (!rom && bar_at(spec.index + i) != nullptr) {
      throw_error("BAR {} of PCI function {} is taken", spec.index + i, to_string(devfn_));
    }
  }
  bars_[spec.index] = Bar{.spec = spec, .mapped = std::nullopt};
  const uint64_t space = spec.kind == BarKind::kPort ? kPortSpace - 1 : UINT64_MAX;
  const uint64_t writable = (space & ~(spec.size - 1)) | (rom ? reg::kRomEnable : 0);
  config_.define32(bar_offset(spec.index), bar_flags(spec), static_cast<uint32_t>(writable));
  if (registers == 2) {
    config_.define32(bar_offset(spec.index + 1), 0, static_cast<uint32_t>(writable >> 32));
  }
}

Function::Bar* Function::bar_at(unsigned register_index) {
  if (register_index >= bar_count_) return nullptr;
  if (bars_[register_index]) return &*bars_[register_index];
  if (register_index == 0) return nullptr;
  auto& below = bars_[register_index - 1];
  return below && below->spec.kind == BarKind::kMemory64 ? &*below : nullptr;
}

uint32_t Function::config_read(uint16_t offset, unsigned size) {
  return config_.read(offset, size);
}

void Function::config_write(uint16_t offset, unsigned size, uint32_t value) {
  config_.write(offset, size, value);
  if (touches(offset, size, reg::kCommand, 2)) {
    {
      MutexLock lock(intx_mutex_);
      update_intx();
    }
    update_bars();
  } else if (touches(offset, size, reg::kBar0, 4 * bar_count_)) {
    note_bar_write(offset, size, value);
  } else if (touches(offset, size, reg::kExpansionRom, 4) && bars_[kRomBar]) {
    update_bar(*bars_[kRomBar]);
  }
  for (const Watch& watch : watches_) {
    if (touches(offset, size, watch.offset, watch.size)) watch.written();
  }
  config_written(offset, size);
}

void Function::watch(uint16_t offset, uint16_t size, std::function<void()> written) {
  watches_.push_back({offset, size, std::move(written)});
}

// Sizing does not move a BAR: after a write of all ones (PCI Local Bus 3.0, 6.2.5.1, implementation
// note) the register holds the size mask, which is read back and is no address. The BAR stays
// decoded where it was until each of its registers was written with something else.
void Function::note_bar_write(uint16_t offset, unsigned size, uint32_t value) {
  const unsigned index = (offset - reg::kBar0) / 4u;
  Bar* const bar = bar_at(index);
  if (bar == nullptr) return;
  const uint8_t bit = index == bar->spec.index ? 1 : 2;
  const bool probe = size == 4 && value == UINT32_MAX;
  bar->probing = static_cast<uint8_t>(probe ? bar->probing | bit : bar->probing & ~bit);
  update_bar(*bar);
}

GuestAddress Function::programmed(const Bar& bar) const {
  const uint32_t low = config_.read32(bar_offset(bar.spec.index));
  if (bar.spec.kind == BarKind::kPort) return GuestAddress(low & ~reg::kBarPortFlags);
  if (bar.spec.kind == BarKind::kRom) return GuestAddress(low & ~reg::kRomFlags);
  const uint64_t high =
      bar.spec.kind == BarKind::kMemory64 ? config_.read32(bar_offset(bar.spec.index + 1)) : 0;
  return GuestAddress(high << 32 | (low & ~reg::kBarMemoryFlags));
}

void Function::update_bars() {
  for (auto& bar : bars_) {
    if (bar) update_bar(*bar);
  }
}

void Function::update_bar(Bar& bar) {
  const AddressSpace space = space_of(bar.spec.kind);
  const uint16_t decode = space == AddressSpace::kPort ? reg::kCommandPorts : reg::kCommandMemory;
  const bool off = bar.spec.kind == BarKind::kRom &&
                   (config_.read32(bar_offset(kRomBar)) & reg::kRomEnable) == 0;
  if (off || (config_.read16(reg::kCommand) & decode) == 0 || !decodes()) {
    unmap(bar);
    return;
  }
  if (bar.probing != 0) return;
  const GuestAddress address = programmed(bar);
  if (bar.mapped == address) return;
  unmap(bar);
  if (!bar_space().map(space, {address, bar.spec.size}, *bar.spec.device)) return;
  bar.mapped = address;
  bar_mapped(bar.spec.index, address);
}

void Function::unmap(Bar& bar) {
  if (!bar.mapped) return;
  const GuestAddress address = *bar.mapped;
  bar.mapped.reset();
  bar_unmapped(bar.spec.index, address);
  bar_space().unmap(space_of(bar.spec.kind), {address, bar.spec.size});
}

void Function::unmap_bars() {
  for (auto& bar : bars_) {
    if (bar) unmap(*bar);
  }
}

void Function::reset() {
  unmap_bars();
  config_.reset();
  for (auto& bar : bars_) {
    if (bar) bar->probing = 0;
  }
  set_intx(false);
}

bool Function::assign_bar(unsigned index, GuestAddress address) {
  if (index >= bars_.size() || !bars_[index]) return false;
  const BarKind kind = bars_[index]->spec.kind;
  config_write(bar_offset(index), 4, static_cast<uint32_t>(address.value));
  if (kind == BarKind::kMemory64) {
    config_write(bar_offset(index + 1), 4, static_cast<uint32_t>(address.value >> 32));
  }
  return true;
}

std::vector<Function::BarState> Function::bars() const {
  std::vector<BarState> result;
  for (const auto& bar : bars_) {
    if (bar) result.push_back({bar->spec, programmed(*bar), bar->mapped});
  }
  return result;
}

IrqLine* Function::intx_line() const {
  return intx_line_ == nullptr ? nullptr : &intx_line_->line();
}

void Function::set_intx(bool level) {
  MutexLock lock(intx_mutex_);
  intx_level_ = level;
  config_.update(reg::kStatus, 2, reg::kStatusInterrupt, level ? reg::kStatusInterrupt : 0);
  update_intx();
}

// PCI Express Base 5.0, 7.5.1.1.3: Interrupt Disable keeps the function from asserting INTx, and
// deasserts what is asserted; Interrupt Status does not depend on it.
void Function::update_intx() {
  const bool drive = intx_level_ && (config_.read16(reg::kCommand) & reg::kCommandIntxDisable) == 0;
  if (drive == intx_driven_) return;
  intx_driven_ = drive;
  if (intx_line_ != nullptr) intx_line_->change(drive);
}

bool Function::bus_master() const {
  return (config_.read16(reg::kCommand) & reg::kCommandBusMaster) != 0;
}

MsiSink& Function::msi_sink() const {
  return bus_.root_complex().msi();
}

BarSpace& Function::bar_space() const {
  return bus_.root_complex().bar_space();
}

}  // namespace lintel::pci
