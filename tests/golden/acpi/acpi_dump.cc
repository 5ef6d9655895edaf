// SPDX-License-Identifier: Apache-2.0
// Writes the ACPI tables of a named configuration of a board into a folder, a file for each table.
// The boards describe themselves.
#include <array>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <numeric>
#include <optional>
#include <span>
#include <string>

#include "firmware/acpi/builders.h"
#include "firmware/acpi/tables.h"
#include "vmm/base/error.h"
#include "vmm/boards/pc/tables.h"
#include "vmm/boards/virt/tables.h"
#include "vmm/memory/address_plan.h"

namespace lintel::acpi {
namespace {

// With all that the board has to choose from but the legacy addresses of VGA and 64-bit memory.
pc::TableRequest pc_request(uint32_t cpus) {
  pc::TableRequest request;
  request.apic_ids.resize(cpus);
  std::iota(request.apic_ids.begin(), request.apic_ids.end(), 0);
  request.serial = true;
  request.pci_config_ports = true;
  request.pci_buses = 256;
  return request;
}

PcTables describe_pc(const pc::TableRequest& request) {
  PcTables tables = pc::describe(request);
  // The board's is zero, which does not show where it goes.
  tables.power.soft_off_type = 5;
  return tables;
}

PcTables pc_configuration(const std::string& name) {
  if (name == "serial-1-cpu") return describe_pc(pc_request(1));
  if (name == "plain-8-cpus") {
    pc::TableRequest request = pc_request(8);
    request.serial = request.pci_config_ports = false;
    PcTables tables = describe_pc(request);
    // Less than the board can be.
    tables.clock.reset();
    tables.pvpanic.reset();
    tables.fw_cfg.reset();
    tables.pci.io_windows.clear();
    tables.reliable_timers = false;
    return tables;
  }
  if (name == "high-window-255-cpus") {
    pc::TableRequest request = pc_request(255);
    // Sparse ids, as four threads to a core and six cores to a package make them: some pass 254.
    for (uint32_t i = 0; i < request.apic_ids.size(); ++i) {
      request.apic_ids[i] = (i / 24) * 32 + i % 24;
    }
    request.pci_memory64 = {GuestAddress(512 * kGiB), 256 * kGiB};
    request.legacy_vga = true;
    return describe_pc(request);
  }
  throw_error("There is no configuration '{}'", name);
}

// Of the arm64 board; empty if the name is another one's.
std::optional<VirtTables> virt_configuration(const std::string& name) {
  virt::TableRequest request;
  if (name == "arm64-gicv2-1-cpu") {
    request.gic = virt::Gic::kV2;
    request.serial = true;
    return virt::describe_acpi(request);
  }
  if (name == "arm64-gicv3-its-124-cpus") {
    request.cpus = 124;
    request.its = true;
    request.pmu = true;
    request.high =
        virt::high_windows({.ram_end = 9 * kGiB, .cpus = request.cpus}, std::array{kAllAddresses});
    request.power_button = request.pvpanic = request.fw_cfg = false;
    request.pci_buses = 256;
    return virt::describe_acpi(request);
  }
  return std::nullopt;
}

PlacedTables build(const std::string& name, GuestRange area) {
  if (const auto tables = virt_configuration(name)) return build_virt_tables(*tables, area);
  return build_pc_tables(pc_configuration(name), area);
}

void write_file(const std::string& path, std::span<const std::byte> content) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(content.data()),
             static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) throw_error("Cannot write {}", path);
}

std::span<const std::byte> table_at(const PlacedTables& placed, GuestRange area, uint64_t address) {
  const size_t offset = address - area.base.value;
  const auto length = load_le<uint32_t>(placed.bytes.data() + offset + Table::kLengthOffset);
  return std::span(placed.bytes).subspan(offset, length);
}

// Finds the tables as an operating system does, from the RSDP on.
void dump(const std::string& name, const std::string& folder) {
  const GuestRange area = {GuestAddress(0xe0000), 128 * kKiB};
  const PlacedTables placed = build(name, area);
  const auto write_table = [&](uint64_t address) {
    const auto table = table_at(placed, area, address);
    const std::string signature(reinterpret_cast<const char*>(table.data()), 4);
    write_file(folder + "/" + signature + ".dat", table);
    return table;
  };
  const std::byte* root = placed.bytes.data() + (placed.rsdp.value - area.base.value);
  const auto xsdt = write_table(load_le<uint64_t>(root + rsdp::kXsdt));
  for (size_t at = Table::kHeaderSize; at < xsdt.size(); at += sizeof(uint64_t)) {
    const auto table = write_table(load_le<uint64_t>(xsdt.data() + at));
    if (std::memcmp(table.data(), "FACP", 4) != 0) continue;
    write_table(load_le<uint32_t>(table.data() + fadt::kFirmwareControl));
    write_table(load_le<uint64_t>(table.data() + fadt::kExtendedDsdt));
  }
}

}  // namespace
}  // namespace lintel::acpi

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "Usage: %s CONFIGURATION FOLDER\n", argv[0]);
    return 2;
  }
  try {
    lintel::acpi::dump(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
