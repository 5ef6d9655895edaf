// SPDX-License-Identifier: Apache-2.0
// The guest's CPUID: the host's, filtered, with the topology written anew. A pure function, so that
// it is tested without KVM. Leaf numbers as in the Intel SDM, volume 2A, CPUID, and the AMD APM,
// volume 3, appendix E; the hypervisor's leaves in Linux Documentation/virt/kvm/x86/cpuid.rst.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vmm/base/unique_fd.h"

namespace lintel::kvm {

struct CpuidEntry {
  uint32_t leaf = 0;
  uint32_t subleaf = 0;
  bool subleaf_matters = false;
  uint32_t eax = 0;
  uint32_t ebx = 0;
  uint32_t ecx = 0;
  uint32_t edx = 0;
  bool operator==(const CpuidEntry&) const = default;
};

// sockets * cores * threads is the number of vCPUs.
struct Topology {
  uint32_t sockets = 1;
  uint32_t cores = 1;
  uint32_t threads = 1;
};

enum class CpuModel : uint8_t {
  kHost,
  kBaseline,  // x86-64-v3 at most, without the state that nested hosts often cannot back
};

struct CpuidRequest {
  uint32_t apic_id = 0;
  Topology topology;
  CpuModel model = CpuModel::kHost;
  bool nested = false;              // show VMX or SVM to the guest
  bool tsc_deadline_timer = false;  // KVM emulates it
  uint32_t tsc_khz = 0;             // 0: unknown
};

// APIC ids leave room so that threads and cores each fill a field of whole bits, as leaf 0xB
// describes them; with powers of two they are simply 0, 1, 2...
uint32_t apic_id(const Topology& topology, uint32_t cpu_index);

std::vector<CpuidEntry> guest_cpuid(std::span<const CpuidEntry> supported,
                                    const CpuidRequest& request);

// The bits of a guest physical address (leaf 0x80000008), 36 where the host does not tell.
unsigned physical_address_bits(std::span<const CpuidEntry> entries);

}  // namespace lintel::kvm
