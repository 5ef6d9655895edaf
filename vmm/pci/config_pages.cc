// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/config_pages.h"

#include <sys/mman.h>

#include <algorithm>

#include "vmm/base/error.h"

namespace lintel::pci {
namespace {

constexpr size_t kFunctionsPerDevice = 8;

size_t checked_page_size(size_t page_size) {
  if (page_size % kConfigSize != 0 || !is_power_of_two(page_size)) {
    throw_error("PCI configuration space cannot be in pages of {} bytes", page_size);
  }
  return page_size;
}

}  // namespace

ConfigPages::ConfigPages(unsigned devices, size_t page_size)
    : page_size_(checked_page_size(page_size)),
      places_(devices * kFunctionsPerDevice),
      mapping_(MmapRegion::anonymous(align_up(places_ * kConfigSize, page_size_), page_size_)) {}

bool ConfigPages::has_function(size_t page) const {
  const size_t first = page * page_size_ / kConfigSize;
  const size_t end = std::min(first + page_size_ / kConfigSize, places_);
  for (size_t place = first; place < end; ++place) {
    if (present_[place]) return true;
  }
  return false;
}

ConfigStorage ConfigPages::add(Devfn devfn) {
  if (devfn.value >= places_) {
    throw_error("A PCI function cannot be at {} of a bus with {} device number(s)",
                to_string(devfn), places_ / kFunctionsPerDevice);
  }
  const size_t page = page_of(devfn);
  if (!has_function(page)) {
    std::fill_n(mapping_.data() + page * page_size_, page_size_, std::byte{0xff});
  }
  std::byte* const address = mapping_.data() + devfn.value * kConfigSize;
  std::fill_n(address, kConfigSize, std::byte{0});
  present_.set(devfn.value);
  return ConfigStorage(address, kConfigSize);
}

void ConfigPages::remove(Devfn devfn) {
  std::fill_n(mapping_.data() + devfn.value * kConfigSize, kConfigSize, std::byte{0xff});
  present_.reset(devfn.value);
}

std::vector<ConfigPages::Run> ConfigPages::runs(const std::vector<Devfn>& trapped) const {
  std::vector<bool> mapped(mapping_.size() / page_size_);
  for (size_t page = 0; page < mapped.size(); ++page) mapped[page] = has_function(page);
  for (const Devfn devfn : trapped) {
    if (devfn.value < places_) mapped[page_of(devfn)] = false;
  }
  std::vector<Run> result;
  for (size_t page = 0; page < mapped.size(); ++page) {
    if (!mapped[page]) continue;
    const size_t offset = page * page_size_;
    if (page > 0 && mapped[page - 1]) {
      result.back().size += page_size_;
    } else {
      result.push_back({offset, page_size_, mapping_.data() + offset});
    }
  }
  return result;
}

}  // namespace lintel::pci
