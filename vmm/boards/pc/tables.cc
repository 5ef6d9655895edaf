// SPDX-License-Identifier: Apache-2.0
#include "vmm/boards/pc/tables.h"

#include <algorithm>
#include <array>

#include "vmm/boards/pc/layout.h"
#include "vmm/devices/acpi_pm.h"
#include "vmm/memory/address_plan.h"
#include "vmm/pci/legacy_vga.h"

namespace lintel::pc {

acpi::PcTables describe(const TableRequest& request) {
  acpi::PcTables tables;
  tables.apic_ids = request.apic_ids;
  tables.interrupts = {
      .local_apic = kLocalApic.range.base,
      .io_apic = kIoApic.range.base,
      .io_apic_id = kIoApicId,
      .first_gsi = Gsi(0),
      .has_8259 = true,
      // As kvm::irqchip_routing wires them: the PIT on input 2; the SCI is a level.
      .overrides = {{0, Gsi(2)},
                    {static_cast<uint8_t>(kSciGsi.value), kSciGsi, acpi::Polarity::kActiveHigh,
                     acpi::Trigger::kLevel}},
  };
  tables.power = {
      .event_block = kPmEvent.range,
      .control_block = kPmControl.range,
      .timer = kPmTimer.range,
      .sci = kSciGsi,
      .reset_port = GuestAddress(kResetPort),
      .reset_value = kResetValue,
      .soft_off_type = AcpiPm::kS5SleepType,
  };
  tables.pci = {
      .ecam = {kEcam.range.base, request.pci_buses * kMiB},
      .config_ports = std::nullopt,
      .io_windows = {kPciPorts},
      .memory_windows = {kPciMemory32.range},
      .first_gsi = kFirstPciGsi,
      .gsi_count = kPciGsiCount,
  };
  if (request.pci_config_ports) tables.pci.config_ports = kPciConfigPorts.range;
  if (request.legacy_vga) {
    // In order of their addresses: they are below all others.
    auto& ports = tables.pci.io_windows;
    ports.insert(ports.begin(), pci::kVgaPorts.begin(), pci::kVgaPorts.end());
    auto& memory = tables.pci.memory_windows;
    memory.insert(memory.begin(), pci::kVgaMemory);
    tables.vga = true;
  }
  if (request.pci_memory64.size != 0) tables.pci.memory_windows.push_back(request.pci_memory64);
  tables.clock = acpi::IsaDevice{kCmos.range, kCmosGsi};
  if (request.serial) {
    tables.serial = acpi::IsaDevice{kCom1.range, kCom1Gsi};
    tables.serial_console = true;
  }
  tables.pvpanic = kPvpanic.range;
  tables.fw_cfg = kFwCfg.range;
  tables.reserved_ports = {kDebugExit.range, kDebugConsole.range};
  return tables;
}

GuestRange pci_memory64_window(const WindowRequest& request, std::span<const GuestRange> usable) {
  // Room for devices that come later, and no more than the guest must build page tables for.
  constexpr uint64_t kComfortable = 512 * kGiB;
  // Not below 32 GiB where that is possible: firmware and old kernels expect RAM to grow there.
  constexpr uint64_t kUsualStart = 32 * kGiB;
  const uint64_t limit = 1ull << std::min(request.physical_bits, 52u);
  const uint64_t size = std::max(align_up(request.demand, kGiB), kComfortable);
  const uint64_t lowest = std::max(request.ram_end, kHighRam.value);
  const std::array all{kAllAddresses};
  for (const std::span<const GuestRange> where : {usable, std::span<const GuestRange>(all)}) {
    for (const uint64_t start : {std::max(lowest, kUsualStart), lowest}) {
      if (start >= limit) continue;
      const auto window =
          plan_window({GuestAddress(start), limit - start}, where, request.demand, size, kGiB);
      if (window) return *window;
    }
    if (request.peer_to_peer) break;
  }
  return {};
}

std::vector<GuestRange> ram_ranges(uint64_t size, std::span<const GuestRange> usable) {
  constexpr std::array kAreas{GuestRange{GuestAddress(0), kLowRamLimit},
                              GuestRange{kHighRam, (1ull << 52) - kHighRam.value}};
  return plan_ram(size, kAreas, usable, 2 * kMiB);
}

uint64_t ram_from(GuestAddress start, std::span<const GuestRange> ram) {
  const auto found = std::find_if(ram.begin(), ram.end(),
                                  [&](const GuestRange& range) { return range.base == start; });
  return found == ram.end() ? 0 : found->size;
}

}  // namespace lintel::pc
