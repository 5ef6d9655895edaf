// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>

#include <array>
#include <cstring>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/base/mmap_region.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"
#include "vmm/kvm/x86_64/machine.h"

namespace lintel::kvm {
namespace {

constexpr uint16_t kProbePort = 0x80;
constexpr uint8_t kProbeValue = 8;

// The guest's pages, in its physical memory from 0 on.
constexpr uint64_t kPml4 = 0x1000;
constexpr uint64_t kPointers = 0x2000;
constexpr uint64_t kDirectory = 0x3000;
constexpr uint64_t kCode = 0x4000;
constexpr uint64_t kSize = 0x5000;

// mov $0xff, %ecx; popcnt %ecx, %eax; out %al, $0x80; hlt. KVM's instruction emulator does not know
// popcnt, so a back end that only emulates an ordinary guest's kernel fails here, as it would
// later.
constexpr std::array<uint8_t, 12> kProbeCode = {0xb9, 0xff, 0,    0,    0,          0xf3,
                                                0x0f, 0xb8, 0xc1, 0xe6, kProbePort, 0xf4};

MmapRegion probe_memory() {
  constexpr uint64_t kPresentWritable = 3;
  constexpr uint64_t kLargePage = 1 << 7;
  MmapRegion memory =
      MmapRegion::map(kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  store_le<uint64_t>(memory.data() + kPml4, kPointers | kPresentWritable);
  store_le<uint64_t>(memory.data() + kPointers, kDirectory | kPresentWritable);
  store_le<uint64_t>(memory.data() + kDirectory, kPresentWritable | kLargePage);
  std::memcpy(memory.data() + kCode, kProbeCode.data(), kProbeCode.size());
  return memory;
}

EntryRegisters probe_entry() {
  constexpr uint32_t kWhole = 0xffffffff;
  EntryRegisters entry;
  entry.rip = kCode;
  entry.cr3 = kPml4;
  entry.code = {0x10, kWhole, 0xb, true, true, false, true};
  entry.data = {0x18, kWhole, 0x3, true, false, true, true};
  entry.task = {0x20, 0x67, 0xb, false, false, false, false};
  return entry;
}

std::string describe(const Exit& exit) {
  if (const auto* failure = std::get_if<Failure>(&exit)) return failure->what;
  if (std::holds_alternative<CpuShutdown>(exit)) return "the vCPU shut down";
  return "the guest did not do what it was told";
}

}  // namespace

bool runs_a_guest(std::string* why) {
  try {
    const System system;
    Vm vm(system);
    const MmapRegion memory = probe_memory();
    vm.set_slot({0, {GuestAddress(0), memory.size()}, memory.data(), false});
    Vcpu vcpu(vm, 0);
    set_cpuid(vcpu, supported_cpuid(system));
    set_entry(vcpu, probe_entry());
    const Exit exit = vcpu.run();
    const auto* port = std::get_if<PortExit>(&exit);
    if (port != nullptr && port->port == kProbePort && port->write &&
        port->data.front() == std::byte{kProbeValue}) {
      return true;
    }
    *why = describe(exit);
  } catch (const Error& error) {
    *why = error.describe();
  }
  return false;
}

}  // namespace lintel::kvm
