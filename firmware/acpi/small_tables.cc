// SPDX-License-Identifier: Apache-2.0
// RSDP, FACS, MCFG, SPCR and WAET: tables of a few fields.
#include <cstdint>

#include "firmware/acpi/builders.h"
#include "vmm/base/error.h"

namespace lintel::acpi {

Bytes build_rsdp() {
  constexpr uint8_t kRevision = 2;
  Bytes out;
  append(out, std::string_view("RSD PTR "));
  append(out, uint8_t{0});  // checksum of the first part
  append(out, kOemId);
  append(out, kRevision);
  append(out, uint32_t{0});  // RSDT: none, a reader of revision 2 takes the XSDT
  append(out, uint32_t{rsdp::kSize});
  out.resize(rsdp::kSize);
  return out;
}

Bytes build_facs() {
  constexpr uint32_t kSize = 64;
  constexpr size_t kVersionOffset = 32;
  constexpr uint8_t kVersion = 2;
  Bytes out;
  append(out, std::string_view("FACS"));
  append(out, kSize);
  out.resize(kSize);
  out[kVersionOffset] = std::byte{kVersion};
  return out;
}

uint32_t bus_count(const PciHost& pci) {
  constexpr uint64_t kBusSize = kMiB;  // 32 devices, 8 functions, 4 KiB each
  constexpr uint64_t kMaxBuses = 256;
  if (pci.ecam.size == 0 || pci.ecam.size % kBusSize != 0 || pci.ecam.size / kBusSize > kMaxBuses) {
    throw_error("An ECAM range of {:#x} bytes is not 1 to {} MiB", pci.ecam.size, kMaxBuses);
  }
  return static_cast<uint32_t>(pci.ecam.size / kBusSize);
}

Table build_mcfg(const PciHost& pci) {
  constexpr uint8_t kRevision = 1;
  Table table("MCFG", kRevision);
  table.add(uint64_t{0});
  table.add(pci.ecam.base.value);
  table.add(uint16_t{0});  // segment
  table.add(uint8_t{0});   // first bus
  table.add(static_cast<uint8_t>(bus_count(pci) - 1));
  table.add(uint32_t{0});
  return table;
}

Table build_spcr(const SerialConsole& console) {
  constexpr uint8_t kRevision = 2;
  constexpr uint8_t k115200Baud = 7;
  constexpr uint8_t kOneStopBit = 1;
  constexpr uint8_t kAnsiTerminal = 3;
  constexpr uint16_t kNoPciDevice = 0xffff;
  Table table("SPCR", kRevision);
  table.add(console.interface);
  table.add(Bytes(3));
  table.add(console.address);
  table.add(console.interrupt_type);
  table.add(console.isa_interrupt);
  table.add(console.interrupt.value);
  table.add(k115200Baud);
  table.add(uint8_t{0});  // no parity
  table.add(kOneStopBit);
  table.add(uint8_t{0});  // no flow control
  table.add(kAnsiTerminal);
  table.add(uint8_t{0});
  table.add(kNoPciDevice);
  table.add(kNoPciDevice);
  // Bus, device, function; flags in 4 bytes; segment; 4 reserved bytes.
  table.add(Bytes(3 + 4 + 1 + 4));
  return table;
}

Table build_spcr(const IsaDevice& serial) {
  constexpr uint8_t kFull16550 = 0;
  constexpr uint8_t kBoth8259AndIoApic = 0x03;
  return build_spcr({.interface = kFull16550,
                     .address = generic_address(PortRegister{
                         .port = serial.ports.base.value, .bits = 8, .access = AccessWidth::kByte}),
                     .interrupt_type = kBoth8259AndIoApic,
                     .isa_interrupt = static_cast<uint8_t>(serial.interrupt.value),
                     .interrupt = serial.interrupt});
}

Table build_waet() {
  constexpr uint8_t kRevision = 1;
  constexpr uint32_t kClockGood = 1u << 0;  // no read of register C to confirm an interrupt
  constexpr uint32_t kTimerGood = 1u << 1;  // one read gives a reliable value
  Table table("WAET", kRevision);
  table.add(uint32_t{kClockGood | kTimerGood});
  return table;
}

}  // namespace lintel::acpi
