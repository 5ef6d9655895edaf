// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/ecam.h"

#include <algorithm>

#include "vmm/base/error.h"
#include "vmm/pci/function.h"

namespace lintel::pci {
namespace {

constexpr uint64_t kBusSize = kMiB;

// PCI Express Base 5.0, 7.2.2, table 7-1: bus in bits 27:20, device and function in 19:12.
Bdf bdf_at(uint64_t offset) {
  return {static_cast<uint8_t>(offset >> 20), Devfn(static_cast<uint8_t>(offset >> 12))};
}
uint16_t register_at(uint64_t offset) {
  return static_cast<uint16_t>(offset & 0xfff);
}

}  // namespace

Ecam::Ecam(RootComplex& root_complex, GuestRange window, Bus& memory, MemoryMap* map)
    : root_complex_(root_complex), window_(window), memory_(memory), map_(map) {
  if (!window.valid() || window.size % kBusSize != 0 || window.size > 256 * kBusSize) {
    throw_error("The ECAM window cannot have {} bytes", window.size);
  }
  memory_.add(window_, *this);
  map_bus(root_complex_.root_bus());
  bus_numbers_changed();
  root_complex_.on_bus_numbers([this] { bus_numbers_changed(); });
}

Ecam::~Ecam() {
  root_complex_.on_bus_numbers(nullptr);
  for (const MappedBus& mapped : mapped_) unmap_bus(mapped);
  memory_.remove(window_);
}

uint64_t Ecam::read(uint64_t offset, AccessSize size) {
  return root_complex_.config_read(bdf_at(offset), register_at(offset), bytes(size));
}

void Ecam::write(uint64_t offset, AccessSize size, uint64_t value) {
  root_complex_.config_write(bdf_at(offset), register_at(offset), bytes(size), value);
}

bool Ecam::is_current(const MappedBus& mapped) {
  return root_complex_.route(mapped.number) == mapped.bus;
}

void Ecam::bus_numbers_changed() {
  std::erase_if(mapped_, [this](const MappedBus& mapped) {
    if (is_current(mapped)) return false;
    unmap_bus(mapped);
    return true;
  });
  root_complex_.for_each([this](Function& function) {
    PciBus* const behind = function.secondary_bus();
    if (behind != nullptr && root_complex_.route(behind->number()) == behind) map_bus(*behind);
  });
}

void Ecam::map_bus(PciBus& bus) {
  const uint8_t number = bus.number();
  const uint64_t start = number * kBusSize;
  if (map_ == nullptr || start >= window_.size ||
      std::any_of(mapped_.begin(), mapped_.end(),
                  [&](const MappedBus& mapped) { return mapped.bus == &bus; })) {
    return;
  }
  std::vector<Devfn> trapped;
  bus.for_each([&](Function& function) {
    if (!function.config_is_memory()) trapped.push_back(function.devfn());
  });
  MappedBus mapped{number, &bus, {}};
  for (const ConfigPages::Run& run : bus.pages().runs(trapped)) {
    const GuestRange range{window_.base + start + run.offset, run.size};
    try {
      map_->add({range, run.host, MemoryKind::kReadOnly});
      mapped.ranges.push_back(range);
    } catch (const Error& error) {
      // Nothing is lost but speed: reads exit.
      refused_.warn("PCI: configuration reads of bus {} will exit: {}", number, error.describe());
    }
  }
  mapped_.push_back(std::move(mapped));
}

void Ecam::unmap_bus(const MappedBus& mapped) {
  for (const GuestRange& range : mapped.ranges) map_->remove(range);
}

}  // namespace lintel::pci
