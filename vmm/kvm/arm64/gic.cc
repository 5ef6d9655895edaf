// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/arm64/gic.h"

#include <linux/kvm.h>

#include "vmm/base/error.h"
#include "vmm/kvm/arm64/device.h"

namespace lintel::kvm {
namespace {

// GICv3 (IHI 0069), 12.10: a CPU's redistributor has two frames of 64 KiB.
constexpr uint64_t kRedistributorSize = 128 * kKiB;

constexpr uint32_t device_type(GicVersion version) {
  return version == GicVersion::kV3 ? KVM_DEV_TYPE_ARM_VGIC_V3 : KVM_DEV_TYPE_ARM_VGIC_V2;
}

void set_address(int fd, uint64_t type, GuestAddress address, const char* name) {
  set_attribute(fd, {KVM_DEV_ARM_VGIC_GRP_ADDR, type, name}, &address.value);
}

// arm-vgic-v3.rst, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION: the count from bit 52 on, the index lowest.
void add_redistributors(int fd, const std::vector<GuestRange>& regions) {
  for (size_t i = 0; i < regions.size(); ++i) {
    const uint64_t value =
        regions[i].size / kRedistributorSize << 52 | regions[i].base.value | uint64_t{i};
    set_attribute(fd,
                  {KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION,
                   "a region of redistributors"},
                  &value);
  }
}

}  // namespace

bool has_gic(const Vm& vm, GicVersion version) {
  return has_device(vm, device_type(version));
}

bool has_its(const Vm& vm) {
  return has_device(vm, KVM_DEV_TYPE_ARM_VGIC_ITS);
}

Gic::Gic(Vm& vm, GicVersion version, const GicPlacement& placement)
    : vm_(vm),
      version_(version),
      fd_(create_device(vm, device_type(version),
                        version == GicVersion::kV3 ? "the interrupt controller GICv3"
                                                   : "the interrupt controller GICv2")) {
  const uint32_t interrupts = Spi(placement.spi_count).intid();
  set_attribute(fd_.get(), {KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, "the number of interrupts"},
                &interrupts);
  if (version == GicVersion::kV2) {
    set_address(fd_.get(), KVM_VGIC_V2_ADDR_TYPE_DIST, placement.distributor, "the distributor");
    set_address(fd_.get(), KVM_VGIC_V2_ADDR_TYPE_CPU, placement.cpu_interface, "the CPU interface");
    return;
  }
  set_address(fd_.get(), KVM_VGIC_V3_ADDR_TYPE_DIST, placement.distributor, "the distributor");
  add_redistributors(fd_.get(), placement.redistributors);
  if (placement.its) {
    its_ = create_device(vm, KVM_DEV_TYPE_ARM_VGIC_ITS, "the interrupt translation service");
    set_address(its_.get(), KVM_VGIC_ITS_ADDR_TYPE, *placement.its, "the ITS");
  }
}

void Gic::start() {
  const Attribute init{KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, "the GIC going"};
  set_attribute(fd_.get(), init, nullptr);
  if (its_) set_attribute(its_.get(), init, nullptr);
  vm_.interrupt_controllers_changed();
}

std::vector<IrqRouting::Fixed> gic_routing(uint32_t spi_count) {
  std::vector<IrqRouting::Fixed> routing;
  routing.reserve(spi_count);
  for (uint32_t spi = 0; spi < spi_count; ++spi) routing.push_back({spi, 0, spi});
  return routing;
}

}  // namespace lintel::kvm
