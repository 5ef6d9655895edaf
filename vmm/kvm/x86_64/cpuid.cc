// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/x86_64/cpuid.h"

#include <algorithm>
#include <array>
#include <bit>

namespace lintel::kvm {
namespace {

constexpr uint32_t bit(unsigned number) {
  return 1u << number;
}

constexpr uint32_t kHypervisorBase = 0x40000000;
constexpr uint32_t kHypervisorTiming = 0x40000010;
constexpr uint32_t kApicBusKhz = 1'000'000;  // KVM's APIC timer counts nanoseconds

// Number of bits that hold the values 0 to count - 1.
unsigned width(uint32_t count) {
  return static_cast<unsigned>(std::bit_width(count - 1));
}

struct Fields {
  unsigned thread_bits;
  unsigned core_bits;
};

Fields fields(const Topology& topology) {
  return {width(topology.threads), width(topology.cores)};
}

bool is_topology_leaf(uint32_t leaf) {
  return leaf == 0xb || leaf == 0x1f;
}

void filter_leaf_1(CpuidEntry& entry, const CpuidRequest& request) {
  const uint32_t per_package =
      1u << (fields(request.topology).thread_bits + fields(request.topology).core_bits);
  entry.ebx &= 0x0000ffff;
  entry.ebx |= std::min(per_package, 255u) << 16;
  entry.ebx |= (request.apic_id & 0xff) << 24;
  // What needs hardware that the guest does not have: DTES64, MONITOR, DS-CPL, SMX, EIST, TM2,
  // PDCM, xTPR. OSXSAVE follows the guest's CR4, which KVM does.
  entry.ecx &= ~(bit(2) | bit(3) | bit(4) | bit(6) | bit(7) | bit(8) | bit(14) | bit(15) | bit(27));
  if (!request.nested) entry.ecx &= ~bit(5);
  entry.ecx |= bit(31);  // a hypervisor is present
  entry.ecx |= bit(21);  // x2APIC: KVM emulates it on every host
  entry.ecx &= ~bit(24);
  if (request.tsc_deadline_timer) entry.ecx |= bit(24);
  entry.edx &= ~(bit(21) | bit(22) | bit(29) | bit(31));  // DS, ACPI thermal, TM, PBE
  entry.edx &= ~bit(28);
  if (per_package > 1) entry.edx |= bit(28);
}

// Deterministic cache parameters, Intel's leaf 4 and AMD's 0x8000001D alike: the guest's own
// sharing. Levels 1 and 2 belong to a core, level 3 to the package.
void filter_caches(CpuidEntry& entry, const CpuidRequest& request) {
  if ((entry.eax & 0x1f) == 0) return;
  const Fields field = fields(request.topology);
  const unsigned level = (entry.eax >> 5) & 7;
  const uint32_t sharing =
      level >= 3 ? (1u << (field.thread_bits + field.core_bits)) : (1u << field.thread_bits);
  entry.eax &= 0x00003fff;
  entry.eax |= (std::min(sharing, 4096u) - 1) << 14;
  if (entry.leaf == 4) entry.eax |= (std::min(1u << field.core_bits, 64u) - 1) << 26;
}

void append_topology(std::vector<CpuidEntry>& result, uint32_t leaf, const CpuidRequest& request) {
  const Fields field = fields(request.topology);
  const uint32_t threads = request.topology.threads;
  const uint32_t per_package = threads * request.topology.cores;
  result.push_back({leaf, 0, true, field.thread_bits, threads, 0 | (1u << 8), request.apic_id});
  result.push_back({leaf, 1, true, field.thread_bits + field.core_bits, per_package, 1 | (2u << 8),
                    request.apic_id});
  result.push_back({leaf, 2, true, 0, 0, 2, request.apic_id});
}

void filter_leaf_7(CpuidEntry& entry, CpuModel model) {
  if (model != CpuModel::kBaseline) return;
  if (entry.subleaf == 0) {
    // AVX-512 in all its parts, AMX, PKU, CET: state that must be saved and that some hosts of
    // nested guests lack behind their own CPUID.
    entry.ebx &= ~(bit(16) | bit(17) | bit(21) | bit(26) | bit(27) | bit(28) | bit(30) | bit(31));
    entry.ecx &= ~(bit(1) | bit(3) | bit(4) | bit(6) | bit(7) | bit(11) | bit(12) | bit(14));
    entry.edx &= ~(bit(2) | bit(3) | bit(8) | bit(20) | bit(22) | bit(23) | bit(24) | bit(25));
  } else {
    entry.eax = entry.ebx = entry.ecx = entry.edx = 0;
  }
}

// Leaf 0xD describes the XSAVE area. Some hosts, emulated ones for a start, offer components whose
// own subleaf is empty, or supervisor state sizes without XSAVES: the guest's kernel then computes
// another size than the CPU and complains. Only what is described whole remains.
class XsaveFilter {
 public:
  XsaveFilter(std::span<const CpuidEntry> supported, CpuModel model) {
    const CpuidEntry* main = find(supported, 0);
    const CpuidEntry* extended = find(supported, 1);
    if (main == nullptr) return;
    compact_ = extended != nullptr ? extended->eax : 0;
    if (model == CpuModel::kBaseline) compact_ &= bit(0);  // XSAVEOPT at most
    uint64_t user = main->eax | uint64_t{main->edx} << 32;
    uint64_t supervisor = extended != nullptr ? extended->ecx | uint64_t{extended->edx} << 32 : 0;
    if (model == CpuModel::kBaseline) user &= 7;  // x87, SSE, AVX
    if ((compact_ & bit(3)) == 0) supervisor = 0;
    user_ = user & 3;
    size_ = kLegacyAndHeader;
    for (unsigned i = 2; i < 63; ++i) {
      const CpuidEntry* component = find(supported, i);
      if (component == nullptr || component->eax == 0) continue;
      if ((user >> i & 1) != 0) {
        user_ |= 1ull << i;
        size_ = std::max(size_, component->ebx + component->eax);
      } else if ((supervisor >> i & 1) != 0) {
        supervisor_ |= 1ull << i;
      }
    }
  }

  // False: leave the entry out.
  bool apply(CpuidEntry& entry) const {
    if (entry.subleaf == 0) {
      entry.eax = static_cast<uint32_t>(user_);
      entry.edx = static_cast<uint32_t>(user_ >> 32);
      // EBX is the size for the guest's present XCR0, which KVM keeps up to date.
      entry.ebx = kLegacyAndHeader;
      entry.ecx = size_;
      return true;
    }
    if (entry.subleaf == 1) {
      entry.eax = compact_;
      if ((compact_ & (bit(1) | bit(3))) == 0) entry.ebx = 0;
      entry.ecx = static_cast<uint32_t>(supervisor_);
      entry.edx = static_cast<uint32_t>(supervisor_ >> 32);
      return true;
    }
    return entry.subleaf < 63 && ((user_ | supervisor_) >> entry.subleaf & 1) != 0;
  }

 private:
  static constexpr uint32_t kLegacyAndHeader = 512 + 64;

  static const CpuidEntry* find(std::span<const CpuidEntry> entries, uint32_t subleaf) {
    for (const CpuidEntry& entry : entries) {
      if (entry.leaf == 0xd && entry.subleaf == subleaf) return &entry;
    }
    return nullptr;
  }

  uint64_t user_ = 0;
  uint64_t supervisor_ = 0;
  uint32_t compact_ = 0;
  uint32_t size_ = 0;
};

void filter_extended(CpuidEntry& entry, const CpuidRequest& request) {
  const Fields field = fields(request.topology);
  switch (entry.leaf) {
    case 0x80000001:
      if (!request.nested) entry.ecx &= ~bit(2);  // SVM
      // IBS, SKINIT, watchdog, LWP, node ids, and performance counters: not there.
      entry.ecx &= ~(bit(10) | bit(12) | bit(13) | bit(15) | bit(19) | bit(23) | bit(24) | bit(28));
      break;
    case 0x80000008:
      // Number of threads in the package less one, and the width of the APIC id field for them.
      entry.ecx &= ~0xf0ffu;
      entry.ecx |= std::min(request.topology.cores * request.topology.threads - 1, 255u);
      entry.ecx |= (field.thread_bits + field.core_bits) << 12;
      break;
    case 0x8000000a:
      if (!request.nested) entry.eax = entry.ebx = entry.ecx = entry.edx = 0;
      break;
    case 0x8000001d: filter_caches(entry, request); break;
    case 0x8000001e:
      entry.eax = request.apic_id;
      entry.ebx = (request.apic_id >> field.thread_bits) & 0xff;
      entry.ebx |= (request.topology.threads - 1) << 8;
      entry.ecx = (request.apic_id >> (field.thread_bits + field.core_bits)) & 0xff;
      entry.edx = 0;
      break;
    default: break;
  }
}

}  // namespace

uint32_t apic_id(const Topology& topology, uint32_t cpu_index) {
  const Fields field = fields(topology);
  const uint32_t thread = cpu_index % topology.threads;
  const uint32_t core = cpu_index / topology.threads % topology.cores;
  const uint32_t socket = cpu_index / topology.threads / topology.cores;
  return socket << (field.thread_bits + field.core_bits) | core << field.thread_bits | thread;
}

std::vector<CpuidEntry> guest_cpuid(std::span<const CpuidEntry> supported,
                                    const CpuidRequest& request) {
  const XsaveFilter xsave(supported, request.model);
  std::vector<CpuidEntry> result;
  result.reserve(supported.size() + 8);
  std::array<bool, 2> topology_done{};
  for (CpuidEntry entry : supported) {
    if (is_topology_leaf(entry.leaf)) {
      bool& done = topology_done[entry.leaf == 0xb ? 0 : 1];
      if (!done) append_topology(result, entry.leaf, request);
      done = true;
      continue;
    }
    switch (entry.leaf) {
      case 0: entry.eax = std::max(entry.eax, 0xbu); break;
      case 1: filter_leaf_1(entry, request); break;
      case 4: filter_caches(entry, request); break;
      case 5: continue;  // MONITOR
      case 6:
        entry.eax &= bit(2);  // ARAT: the APIC timer never stops
        entry.ebx = entry.ecx = entry.edx = 0;
        break;
      case 7: filter_leaf_7(entry, request.model); break;
      case 0xa: entry.eax = entry.ebx = entry.ecx = entry.edx = 0; break;  // no PMU
      case 0xd:
        if (!xsave.apply(entry)) continue;
        break;
      case kHypervisorBase: entry.eax = kHypervisorTiming; break;
      case kHypervisorTiming: continue;
      default: filter_extended(entry, request); break;
    }
    result.push_back(entry);
  }
  // AMD hosts before Zen 2 have no leaf 0xB; x2APIC guests need it for ids above 255.
  if (!topology_done[0]) append_topology(result, 0xb, request);
  if (request.tsc_khz != 0) {
    result.push_back({kHypervisorTiming, 0, false, request.tsc_khz, kApicBusKhz, 0, 0});
  }
  return result;
}

unsigned physical_address_bits(std::span<const CpuidEntry> entries) {
  for (const CpuidEntry& entry : entries) {
    if (entry.leaf == 0x80000008) return entry.eax & 0xff;
  }
  return 36;
}

}  // namespace lintel::kvm
