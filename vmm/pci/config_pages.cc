// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/config_pages.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
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

AbsentPage::AbsentPage() : fd_(make_memfd()) {
  std::array<std::byte, kConfigSize> ones;
  ones.fill(std::byte{0xff});
  write_exactly(fd_.get(), ones, 0);
}

ConfigPages::ConfigPages(const AbsentPage& absent, unsigned devices)
    : absent_(absent),
      pages_(devices * kFunctionsPerDevice),
      mapping_(
          MmapRegion::map(pages_ * kConfigSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
  for (size_t page = 0; page < pages_; ++page) map_absent(Devfn(static_cast<uint8_t>(page)));
}

// A mapping for each page, not one of a larger block: a fault brings in what is around it in its
// mapping, and each page counts as resident wherever it is mapped.
void ConfigPages::map_absent(Devfn devfn) {
  void* const address = mapping_.data() + devfn.value * kConfigSize;
  if (mmap(address, kConfigSize, PROT_READ, MAP_SHARED | MAP_FIXED, absent_.fd(), 0) ==
      MAP_FAILED) {
    throw_errno(errno, "Cannot map the page of an absent PCI function");
  }
}

ConfigStorage ConfigPages::add(Devfn devfn) {
  if (devfn.value >= pages_) {
    throw_error("A PCI function cannot be at {} of a bus with {} device number(s)",
                to_string(devfn), pages_ / kFunctionsPerDevice);
  }
  std::byte* const address = mapping_.data() + devfn.value * kConfigSize;
  if (mmap(address, kConfigSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
           -1, 0) == MAP_FAILED) {
    throw_errno(errno, "Cannot map the configuration space of PCI function {}", to_string(devfn));
  }
  return ConfigStorage(address, kConfigSize);
}

void ConfigPages::remove(Devfn devfn) {
  std::fill_n(mapping_.data() + devfn.value * kConfigSize, kConfigSize, std::byte{0xff});
}

std::vector<ConfigPages::Run> ConfigPages::runs(const std::vector<Devfn>& trapped) const {
  std::vector<Run> result;
  size_t begin = 0;
  for (size_t page = 0; page <= pages_; ++page) {
    const bool hole =
        page == pages_ || std::find(trapped.begin(), trapped.end(),
                                    Devfn(static_cast<uint8_t>(page))) != trapped.end();
    if (!hole) continue;
    if (page > begin) {
      const size_t offset = begin * kConfigSize;
      result.push_back({offset, (page - begin) * kConfigSize, mapping_.data() + offset});
    }
    begin = page + 1;
  }
  return result;
}

}  // namespace lintel::pci
