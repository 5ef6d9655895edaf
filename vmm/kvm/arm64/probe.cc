// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>

#include <array>
#include <cstring>

#include "vmm/base/error.h"
#include "vmm/base/mmap_region.h"
#include "vmm/kvm/arm64/machine.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"

namespace lintel::kvm {
namespace {

constexpr GuestAddress kCode{0x80000000};
constexpr size_t kSize = 64 * kKiB;  // a page of every host
constexpr uint64_t kProbeAddress = 0x10000;
constexpr uint8_t kProbeValue = 8;

// mov x1, #0x10000; mov w2, #8; str w2, [x1]; b .
constexpr std::array<uint32_t, 4> kProbeCode = {0xd2a00021, 0x52800102, 0xb9000022, 0x14000000};

std::string describe(const Exit& exit) {
  if (const auto* failure = std::get_if<Failure>(&exit)) return failure->what;
  return "the guest did not do what it was told";
}

}  // namespace

bool runs_a_guest(std::string* why) {
  try {
    const System system;
    Vm vm(system);
    const MmapRegion memory =
        MmapRegion::map(kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::memcpy(memory.data(), kProbeCode.data(), sizeof kProbeCode);
    vm.set_slot({0, {kCode, memory.size()}, memory.data(), false});
    Vcpu vcpu(vm, 0);
    initialise_bare(vm, vcpu);
    set_entry(vcpu, kCode.value, 0);
    const Exit exit = vcpu.run();
    const auto* access = std::get_if<MmioExit>(&exit);
    if (access != nullptr && access->write && access->address.value == kProbeAddress &&
        access->data.front() == std::byte{kProbeValue}) {
      return true;
    }
    *why = describe(exit);
  } catch (const Error& error) {
    *why = error.describe();
  }
  return false;
}

}  // namespace lintel::kvm
