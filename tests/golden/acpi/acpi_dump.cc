// SPDX-License-Identifier: Apache-2.0
// Writes the ACPI tables of a named configuration into a folder, a file for each table. The
// addresses of the x86_64 board are examples in the shape of a Q35 machine, those of the arm64
// board its own; the goldens fix how tables express them.
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <optional>
#include <span>
#include <string>

#include "firmware/acpi/builders.h"
#include "firmware/acpi/tables.h"
#include "tests/golden/acpi/example.h"
#include "vmm/base/error.h"
#include "vmm/boards/virt/tables.h"
#include "vmm/pci/legacy_vga.h"

namespace lintel::acpi {
namespace {

PcTables configuration(const std::string& name) {
  if (name == "serial-1-cpu") return example_tables(1);
  if (name == "plain-8-cpus") {
    PcTables tables = example_tables(8);
    tables.clock.reset();
    tables.serial.reset();
    tables.serial_console = false;
    tables.pvpanic.reset();
    tables.fw_cfg.reset();
    tables.pci.config_ports.reset();
    tables.pci.io_windows.clear();
    tables.reliable_timers = false;
    return tables;
  }
  if (name == "high-window-255-cpus") {
    PcTables tables = example_tables(255);
    // Sparse ids, as four threads to a core and six cores to a package make them: some pass 254.
    for (uint32_t i = 0; i < tables.apic_ids.size(); ++i) {
      tables.apic_ids[i] = (i / 24) * 32 + i % 24;
    }
    tables.pci.memory_windows.push_back({GuestAddress(512 * kGiB), 256 * kGiB});
    tables.pci.memory_windows.insert(tables.pci.memory_windows.begin(), pci::kVgaMemory);
    tables.pci.io_windows.insert(tables.pci.io_windows.begin(), pci::kVgaPorts.begin(),
                                 pci::kVgaPorts.end());
    tables.vga = true;
    return tables;
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
    request.high = virt::high_windows({.ram_end = 9 * kGiB, .cpus = request.cpus});
    request.power_button = request.pvpanic = request.fw_cfg = false;
    request.pci_buses = 256;
    return virt::describe_acpi(request);
  }
  return std::nullopt;
}

PlacedTables build(const std::string& name, GuestRange area) {
  if (const auto tables = virt_configuration(name)) return build_virt_tables(*tables, area);
  return build_pc_tables(configuration(name), area);
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
