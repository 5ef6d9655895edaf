// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/root_complex.h"

#include "vmm/pci/config_regs.h"
#include "vmm/pci/function.h"

namespace lintel::pci {
namespace {

PciBus* route_from(const PciBus& bus, uint8_t number) {
  PciBus* found = nullptr;
  bus.for_each([&](Function& function) {
    PciBus* const behind = found == nullptr ? function.secondary_bus() : nullptr;
    if (behind == nullptr) return;
    const uint8_t secondary = behind->number();
    if (secondary == 0 || number < secondary ||
        number > function.config().read8(reg::kSubordinateBus)) {
      return;
    }
    found = number == secondary ? behind : route_from(*behind, number);
  });
  return found;
}

void visit_all(const PciBus& bus, const std::function<void(Function&)>& visit) {
  bus.for_each([&](Function& function) {
    visit(function);
    if (const PciBus* behind = function.secondary_bus()) visit_all(*behind, visit);
  });
}

}  // namespace

RootComplex::RootComplex(HostResources resources)
    : memory_(resources.memory),
      ports_(resources.ports),
      msi_(resources.msi),
      page_size_(resources.page_size),
      bar_space_(resources.memory, resources.ports),
      intx_lines_(std::move(resources.pins)),
      root_bus_(*this, nullptr) {}

PciBus* RootComplex::route(uint8_t bus_number) {
  return bus_number == 0 ? &root_bus_ : route_from(root_bus_, bus_number);
}

Function* RootComplex::find(Bdf bdf) {
  const PciBus* const bus = route(bdf.bus);
  return bus == nullptr ? nullptr : bus->find(bdf.devfn);
}

uint64_t RootComplex::config_read(Bdf bdf, uint16_t offset, unsigned size) {
  Function* const function = find(bdf);
  uint64_t value = 0;
  for (const DwordPiece& piece : cut_at_dwords(offset, size)) {
    uint32_t part = piece.mask();
    if (function != nullptr && piece.offset < kConfigSize) {
      part &= function->config_read(static_cast<uint16_t>(piece.offset), piece.size);
    }
    value |= static_cast<uint64_t>(part) << piece.shift;
  }
  return value;
}

void RootComplex::config_write(Bdf bdf, uint16_t offset, unsigned size, uint64_t value) {
  MutexLock lock(config_mutex_);
  const uint64_t before = bar_space_.generation();
  for (const DwordPiece& piece : cut_at_dwords(offset, size)) {
    // Looked up for each piece: the one before may have renumbered the buses.
    Function* const function = find(bdf);
    if (function == nullptr || piece.offset >= kConfigSize) break;
    function->config_write(static_cast<uint16_t>(piece.offset), piece.size,
                           static_cast<uint32_t>(value >> piece.shift) & piece.mask());
  }
  if (bar_space_.generation() != before) {
    for_each([](Function& other) { other.update_bars(); });
  }
}

void RootComplex::for_each(const std::function<void(Function&)>& visit) {
  visit_all(root_bus_, visit);
}

void RootComplex::reset() {
  MutexLock lock(config_mutex_);
  for_each([](Function& function) { function.reset(); });
  bus_numbers_written();
}

void RootComplex::bus_numbers_written() {
  if (bus_numbers_changed_) bus_numbers_changed_();
}

}  // namespace lintel::pci
