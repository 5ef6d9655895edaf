// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/config_pages.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "vmm/base/error.h"

namespace lintel::pci {
namespace {

constexpr size_t kFunctionsPerDevice = 8;

UniqueFd make_memfd() {
  UniqueFd fd(memfd_create("pci-absent", MFD_CLOEXEC));
  if (!fd) throw_errno(errno, "Cannot create a memfd for absent PCI functions");
  return fd;
}

}  // namespace

AbsentPage::AbsentPage(size_t page_size) : page_size_(page_size), fd_(make_memfd()) {
  if (page_size % kConfigSize != 0 || !is_power_of_two(page_size)) {
    throw_error("PCI configuration space cannot be in pages of {} bytes", page_size);
  }
  const std::vector<std::byte> ones(page_size, std::byte{0xff});
  write_exactly(fd_.get(), ones, 0);
}

ConfigPages::ConfigPages(const AbsentPage& absent, unsigned devices)
    : absent_(absent),
      page_size_(absent.page_size()),
      places_(devices * kFunctionsPerDevice),
      mapping_(MmapRegion::anonymous(align_up(places_ * kConfigSize, page_size_), page_size_)),
      own_(mapping_.size() / page_size_) {
  for (size_t page = 0; page < own_.size(); ++page) map_absent(page);
}

// A mapping for each page, not one of a larger block: a fault brings in what is around it in its
// mapping, and each page counts as resident wherever it is mapped.
void ConfigPages::map_absent(size_t page) {
  void* const address = mapping_.data() + page * page_size_;
  if (mmap(address, page_size_, PROT_READ, MAP_SHARED | MAP_FIXED, absent_.fd(), 0) == MAP_FAILED) {
    throw_errno(errno, "Cannot map the page of absent PCI functions");
  }
}

void ConfigPages::map_own(size_t page) {
  std::byte* const address = mapping_.data() + page * page_size_;
  if (mmap(address, page_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
           0) == MAP_FAILED) {
    throw_errno(errno, "Cannot map a page of PCI configuration space");
  }
  std::fill_n(address, page_size_, std::byte{0xff});
  own_[page] = true;
}

ConfigStorage ConfigPages::add(Devfn devfn) {
  if (devfn.value >= places_) {
    throw_error("A PCI function cannot be at {} of a bus with {} device number(s)",
                to_string(devfn), places_ / kFunctionsPerDevice);
  }
  const size_t offset = devfn.value * kConfigSize;
  if (!own_[offset / page_size_]) map_own(offset / page_size_);
  std::byte* const address = mapping_.data() + offset;
  std::fill_n(address, kConfigSize, std::byte{0});
  return ConfigStorage(address, kConfigSize);
}

void ConfigPages::remove(Devfn devfn) {
  std::fill_n(mapping_.data() + devfn.value * kConfigSize, kConfigSize, std::byte{0xff});
}

std::vector<ConfigPages::Run> ConfigPages::runs(const std::vector<Devfn>& trapped) const {
  std::vector<bool> holes(own_.size());
  for (const Devfn devfn : trapped) {
    const size_t page = devfn.value * kConfigSize / page_size_;
    if (page < holes.size()) holes[page] = true;
  }
  std::vector<Run> result;
  size_t begin = 0;
  for (size_t page = 0; page <= holes.size(); ++page) {
    if (page < holes.size() && !holes[page]) continue;
    if (page > begin) {
      const size_t offset = begin * page_size_;
      result.push_back({offset, (page - begin) * page_size_, mapping_.data() + offset});
    }
    begin = page + 1;
  }
  return result;
}

}  // namespace lintel::pci
