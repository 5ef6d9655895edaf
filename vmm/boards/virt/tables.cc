// SPDX-License-Identifier: Apache-2.0
#include "vmm/boards/virt/tables.h"

#include <algorithm>
#include <array>

#include "vmm/base/error.h"
#include "vmm/boards/virt/layout.h"
#include "vmm/memory/address_plan.h"

namespace lintel::virt {
namespace {

// The architecture's limit (DDI 0487, D8.1.6: 52 bits), whatever KVM says.
constexpr unsigned kMaxAddressBits = 52;
// Room for devices that come later, and no more than the guest must build page tables for.
constexpr uint64_t kComfortableMemory64 = 512 * kGiB;

// Takes places one above the other.
class Upwards {
 public:
  Upwards(uint64_t start, uint64_t limit) : at_(start), limit_(limit) {}

  // Empty if it does not fit. `alignment` is a power of two.
  GuestRange take(uint64_t size, uint64_t alignment) {
    const uint64_t start = align_up(at_, alignment);
    if (size == 0 || start < at_ || start >= limit_ || limit_ - start < size) return {};
    at_ = start + size;
    return {GuestAddress(start), size};
  }
  GuestRange left() const { return {GuestAddress(at_), at_ < limit_ ? limit_ - at_ : 0}; }

 private:
  uint64_t at_;
  uint64_t limit_;
};

std::vector<GuestRange> redistributors(uint32_t cpus, const HighWindows& high) {
  std::vector<GuestRange> ranges = {kGicRedistributors.range};
  if (cpus > kLowRedistributors) ranges.push_back(high.redistributors);
  return ranges;
}

arm64::Gic describe_gic(const TableRequest& request) {
  if (request.gic == Gic::kV2) {
    return arm64::GicV2{.distributor = kGicDistributor.range,
                        .cpu_interface = kGicCpuInterface.range,
                        .v2m = kV2mFrame};
  }
  arm64::GicV3 gic{.distributor = kGicDistributor.range,
                   .redistributors = redistributors(request.cpus, request.high),
                   .its = std::nullopt};
  if (request.its) gic.its = kGicIts.range;
  return gic;
}

void describe_parts(const TableRequest& request, arm64::Parts& parts) {
  for (uint32_t vcpu = 0; vcpu < request.cpus; ++vcpu) parts.mpidrs.push_back(mpidr(vcpu));
  parts.gic = describe_gic(request);
  parts.timer = {.secure = kSecureTimerPpi,
                 .physical = kPhysicalTimerPpi,
                 .virtual_timer = kVirtualTimerPpi,
                 .hypervisor = kHypervisorTimerPpi};
  if (request.pmu) parts.pmu = kPmuPpi;
  if (request.serial) parts.serial = arm64::MmioDevice{kSerial.range, kSerialSpi};
  if (request.power_button) {
    parts.power_button =
        arm64::PowerButton{.gpio = {kGpio.range, kGpioSpi}, .line = kPowerButtonLine};
  }
  if (request.fw_cfg) parts.fw_cfg = kFwCfg.range;
  if (request.pvpanic) parts.pvpanic = kPvpanic.range;
}

}  // namespace

HighWindows high_windows(const HighWindowRequest& request, std::span<const GuestRange> usable) {
  Upwards above(std::max(request.ram_end, kRam.value),
                1ull << std::min(request.address_bits, kMaxAddressBits));
  HighWindows high;
  if (request.cpus > kLowRedistributors) {
    const uint64_t size = (request.cpus - kLowRedistributors) * kRedistributorSize;
    // Aligned as the ECAM behind it is, so that a guest maps neither with the other's attributes.
    high.redistributors = above.take(size, 2 * kMiB);
    if (high.redistributors.size == 0) {
      throw_error(
          "There is no room for the interrupt controller of {} CPUs between the end of RAM "
          "at {:#x} and the end of {} address bits",
          request.cpus, request.ram_end, request.address_bits);
    }
  }
  high.ecam = above.take(kHighEcamSize, kHighEcamSize);
  const uint64_t least = std::max(request.pci_demand, kGiB);
  const uint64_t most = std::max(align_up(least, kGiB), kComfortableMemory64);
  auto window = plan_window(above.left(), usable, least, most, kGiB);
  if (!window && !request.peer_to_peer) {
    window = plan_window(above.left(), std::array{kAllAddresses}, least, most, kGiB);
  }
  high.pci_memory64 = window.value_or(GuestRange{});
  return high;
}

GuestRange ecam(uint32_t buses, const HighWindows& high) {
  constexpr uint64_t kBusSize = kMiB;
  const uint64_t size = std::max(buses, 1u) * kBusSize;
  if (size <= kLowEcam.range.size) return {kLowEcam.range.base, size};
  if (size <= high.ecam.size) return {high.ecam.base, size};
  throw_error("{} PCI buses do not fit: there is room for {}", buses,
              std::max(kLowEcam.range.size, high.ecam.size) / kBusSize);
}

std::vector<GuestRange> ram_ranges(uint64_t size, std::span<const GuestRange> usable) {
  constexpr std::array kAreas{GuestRange{kRam, (1ull << kMaxAddressBits) - kRam.value}};
  return plan_ram(size, kAreas, usable, 2 * kMiB);
}

fdt::VirtFdt describe_fdt(const TableRequest& request) {
  fdt::VirtFdt tree;
  describe_parts(request, tree);
  tree.topology = request.topology;
  tree.memory = request.memory;
  if (request.clock) tree.clock = arm64::MmioDevice{kClock.range, kClockSpi};
  if (request.flash) tree.flash = {kFlash0.range, kFlash1.range};
  tree.pci = fdt::PciHost{.ecam = ecam(request.pci_buses, request.high),
                          .io_window = kPciPorts.range,
                          .memory32 = kPciMemory32.range,
                          .memory64 = std::nullopt,
                          .first_interrupt = kFirstPciSpi};
  tree.platform_bus = kPlatformDevices.range;
  if (request.high.pci_memory64.size != 0) tree.pci->memory64 = request.high.pci_memory64;
  return tree;
}

acpi::VirtTables describe_acpi(const TableRequest& request) {
  acpi::VirtTables tables;
  describe_parts(request, tables);
  tables.pci = {.ecam = ecam(request.pci_buses, request.high),
                .config_ports = std::nullopt,
                .io_windows = {{GuestAddress(0), kPciPorts.range.size}},
                .memory_windows = {kPciMemory32.range},
                .first_gsi = Gsi(kFirstPciSpi.intid()),
                .gsi_count = kPciSpiCount,
                .io_memory = kPciPorts.range.base,
                .says_coherent = true};
  if (request.high.pci_memory64.size != 0) {
    tables.pci.memory_windows.push_back(request.high.pci_memory64);
  }
  tables.serial_console = request.serial;
  return tables;
}

}  // namespace lintel::virt
