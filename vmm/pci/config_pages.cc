// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/config_pages.h"

#include <sys/mman.h>

#include <algorithm>

#include "vmm/base/error.h"

namespace lintel::pci {
namespace {

constexpr size_t kFunctionsPerDevice = 8;

}  // namespace

ConfigPages::ConfigPages(unsigned devices)
    : pages_(devices * kFunctionsPerDevice),
      mapping_(MmapRegion::map(pages_ * kConfigSize, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {}

ConfigStorage ConfigPages::add(Devfn devfn) {
  if (devfn.value >= pages_) {
    throw_error("A PCI function cannot be at {} of a bus with {} device number(s)",
                to_string(devfn), pages_ / kFunctionsPerDevice);
  }
  std::byte* const address = mapping_.data() + devfn.value * kConfigSize;
  std::fill_n(address, kConfigSize, std::byte{0});
  present_.set(devfn.value);
  return ConfigStorage(address, kConfigSize);
}

std::vector<ConfigPages::Run> ConfigPages::runs(const std::vector<Devfn>& trapped) const {
  std::bitset<256> mapped = present_;
  for (const Devfn devfn : trapped) mapped.reset(devfn.value);
  std::vector<Run> result;
  for (size_t page = 0; page < pages_; ++page) {
    if (!mapped[page]) continue;
    const size_t offset = page * kConfigSize;
    if (page > 0 && mapped[page - 1]) {
      result.back().size += kConfigSize;
    } else {
      result.push_back({offset, kConfigSize, mapping_.data() + offset});
    }
  }
  return result;
}

}  // namespace lintel::pci
