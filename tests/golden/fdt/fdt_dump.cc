// SPDX-License-Identifier: Apache-2.0
// Writes the device tree of a named configuration of the arm64 board to standard output.
#include <array>
#include <cstdio>
#include <exception>
#include <string>

#include "firmware/fdt/virt_fdt.h"
#include "vmm/base/error.h"
#include "vmm/boards/virt/layout.h"
#include "vmm/boards/virt/tables.h"
#include "vmm/memory/address_plan.h"

namespace lintel::virt {
namespace {

constexpr std::array kAll{kAllAddresses};

fdt::VirtFdt configuration(const std::string& name) {
  TableRequest request;
  if (name == "gicv2-1-cpu") {
    request.gic = Gic::kV2;
    request.memory = ram_ranges(512 * kMiB, kAll);
    request.serial = true;
    fdt::VirtFdt tree = describe_fdt(request);
    tree.chosen.command_line = "console=ttyAMA0 root=/dev/vda";
    return tree;
  }
  if (name == "gicv3-its-8-cpus") {
    request.cpus = 8;
    request.topology = arm64::CpuTopology{.sockets = 2, .cores = 2, .threads = 2};
    request.its = true;
    request.memory = ram_ranges(8 * kGiB, kAll);
    request.high = high_windows({.ram_end = request.memory.back().end(), .cpus = 8}, kAll);
    request.pmu = true;
    request.flash = true;
    request.serial = true;
    request.pci_buses = 256;
    fdt::VirtFdt tree = describe_fdt(request);
    tree.chosen = {.command_line = "quiet",
                   .initrd = {GuestAddress(0x78000000), 0x123456},
                   .kaslr_seed = 0x0123456789abcdef,
                   .rng_seed = fdt::Bytes(32, std::byte{0x5a}),
                   .keep_pci_config = true};
    return tree;
  }
  if (name == "plain-123-cpus") {
    request.cpus = kLowRedistributors;
    request.memory = ram_ranges(2 * kGiB, kAll);
    request.clock = request.power_button = request.fw_cfg = request.pvpanic = false;
    return describe_fdt(request);
  }
  if (name == "two-redistributor-regions-300-cpus") {
    request.cpus = 300;
    request.its = true;
    request.memory = ram_ranges(300 * kGiB, kAll);
    request.high = high_windows(
        {.ram_end = request.memory.back().end(), .address_bits = 48, .cpus = 300}, kAll);
    return describe_fdt(request);
  }
  if (name == "iommu-with-a-hole-2-cpus") {
    // In RAM, not on whole units of it, and an end below that of the CPU's addresses.
    constexpr std::array kUsable{GuestRange{GuestAddress(0), 0x50101000},
                                 GuestRange{GuestAddress(0x50201000), 0x40'0000'0000 - 0x50201000}};
    request.cpus = 2;
    request.memory = ram_ranges(kGiB, kUsable);
    request.high = high_windows({.ram_end = request.memory.back().end(), .cpus = 2}, kUsable);
    return describe_fdt(request);
  }
  throw_error("There is no configuration '{}'", name);
}

}  // namespace
}  // namespace lintel::virt

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "Usage: %s CONFIGURATION\n", argv[0]);
    return 2;
  }
  try {
    const auto blob = lintel::fdt::build_virt_fdt(lintel::virt::configuration(argv[1]));
    if (std::fwrite(blob.data(), 1, blob.size(), stdout) != blob.size()) return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
