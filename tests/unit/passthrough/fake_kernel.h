// SPDX-License-Identifier: Apache-2.0
// Answers VFIO's calls like the kernel, as far as the order of steps goes, and else as a test says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "passthrough/uapi/kernel.h"
#include "vmm/base/types.h"

namespace lintel::passthrough {

using Bytes = std::vector<std::byte>;

template <typename Value>
void append(Bytes& bytes, Value value) {
  const size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <typename... Values>
Bytes bytes_of(Values... values) {
  Bytes bytes;
  (append(bytes, values), ...);
  return bytes;
}

// What a kernel knows: an information structure and the capabilities behind it.
struct Reply {
  Bytes fixed;
  size_t cap_offset_at = 0;  // where in `fixed` the offset of the first capability goes
  struct Capability {
    uint16_t id;
    Bytes data;
  };
  std::vector<Capability> capabilities = {};

  Bytes whole() const;
  // Answers like the kernel: all of it, or, if there is no room, the fixed part and how much room
  // would do.
  int answer(void* argument) const;
};

Reply region_reply(uint32_t index, uint32_t flags, uint64_t size, uint64_t offset);
Reply iommu_reply(uint64_t page_sizes);

class FakeKernel final : public uapi::Kernel {
 public:
  UniqueFd open(const std::string& path) override;
  int ioctl(int fd, unsigned long request, uintptr_t argument) override;

  // --- what the host is like
  std::set<std::string> nodes = {"/dev/vfio/vfio", "/dev/vfio/7", "/dev/vfio/9"};
  std::map<std::string, int> open_errors;       // the errno for a path
  std::map<unsigned long, int> failures;        // the errno for a request
  std::map<std::string, uint32_t> group_flags;  // status of a group; else viable
  std::set<int> iommus = {3, 8};                // VFIO_TYPE1v2_IOMMU, VFIO_NOIOMMU_IOMMU
  Reply iommu = iommu_reply(0x40201000);
  std::map<uint32_t, Reply> regions;                            // of any device; else EINVAL
  std::map<unsigned long, std::function<int(void*)>> handlers;  // before anything of the above
  uint32_t device_flags = 0x83;                                 // reset, PCI, capabilities
  std::string device_name = "0000:01:00.0";

  // --- what happened
  std::vector<std::string> steps;  // names of requests, and paths that were opened
  std::vector<GuestRange> mapped;
  std::vector<Bytes> irq_sets;  // vfio_irq_set

 private:
  int container_ioctl(unsigned long request, uintptr_t argument);
  int device_ioctl(unsigned long request, void* argument);

  std::map<int, std::string> open_;  // descriptor to path
  bool has_group_ = false;
  bool has_iommu_ = false;
};

}  // namespace lintel::passthrough
