// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "firmware/acpi/builders.h"
#include "vmm/base/error.h"

namespace lintel::acpi {
namespace {

// ACPI 6.4, 5.2.9, table 5.9: offsets of the fields that are not zero.
enum Field : size_t {
  kSciInterrupt = 46,
  kPm1aEventBlock = 56,
  kPm1aControlBlock = 64,
  kPmTimerBlock = 76,
  kPm1EventLength = 88,
  kPm1ControlLength = 89,
  kPmTimerLength = 91,
  kC2Latency = 96,
  kC3Latency = 98,
  kBootArchitecture = 109,
  kFlags = 112,
  kResetRegister = 116,
  kResetValue = 128,
  kMinorVersion = 131,
  kExtendedPm1aEventBlock = 148,
  kExtendedPm1aControlBlock = 172,
  kExtendedPmTimerBlock = 208,
  kHypervisorVendor = 268,
};
constexpr size_t kSize = 276;
constexpr uint8_t kRevision = 6;
constexpr uint8_t kMinorRevision = 4;

// Latencies (table 5.9, P_LVL2_LAT and P_LVL3_LAT) above these mean that there is no such state.
constexpr uint16_t kNoC2 = 101;
constexpr uint16_t kNoC3 = 1001;

// 5.2.9, table 5.10.
enum FixedFeature : uint32_t {
  kCacheFlushInstruction = 1u << 0,
  kHaltOnAllProcessors = 1u << 2,
  kNoFixedSleepButton = 1u << 5,
  kNoFixedClockWake = 1u << 6,
  kResetRegisterPresent = 1u << 10,
};

// 5.2.9.3, table 5.11. The keyboard controller's bit stays zero: there is none.
enum BootFlag : uint16_t {
  kLegacyDevices = 1u << 0,
  kNoVga = 1u << 2,
  kNoAspmControl = 1u << 4,  // links of passed devices belong to the host
  kNoCmosClock = 1u << 5,
};

void check_block(const char* name, GuestRange block, uint64_t size) {
  if (block.size == size && block.valid() && block.last() <= UINT16_MAX) return;
  throw_error("The {} has to be {} ports below 64 Ki, not {} at {:#x}", name, size, block.size,
              block.base.value);
}

void put_power_registers(Table& table, const PowerManagement& power) {
  // 4.8.3.1 to 4.8.3.3: two 16-bit registers, one 16-bit register, one 32-bit register.
  constexpr uint8_t kEventSize = 4;
  constexpr uint8_t kControlSize = 2;
  constexpr uint8_t kTimerSize = 4;
  check_block("PM1a event block", power.event_block, kEventSize);
  check_block("PM1a control block", power.control_block, kControlSize);
  check_block("PM timer", power.timer, kTimerSize);
  const uint64_t event = power.event_block.base.value;
  const uint64_t control = power.control_block.base.value;
  const uint64_t timer = power.timer.base.value;

  table.put(kPm1aEventBlock, static_cast<uint32_t>(event));
  table.put(kPm1aControlBlock, static_cast<uint32_t>(control));
  table.put(kPmTimerBlock, static_cast<uint32_t>(timer));
  table.put(kPm1EventLength, kEventSize);
  table.put(kPm1ControlLength, kControlSize);
  table.put(kPmTimerLength, kTimerSize);
  table.put(kExtendedPm1aEventBlock,
            generic_address(
                PortRegister{.port = event, .bits = 8 * kEventSize, .access = AccessWidth::kWord}));
  table.put(kExtendedPm1aControlBlock,
            generic_address(PortRegister{
                .port = control, .bits = 8 * kControlSize, .access = AccessWidth::kWord}));
  table.put(kExtendedPmTimerBlock,
            generic_address(PortRegister{
                .port = timer, .bits = 8 * kTimerSize, .access = AccessWidth::kDword}));
}

}  // namespace

Table build_fadt(const PcTables& description) {
  const PowerManagement& power = description.power;
  Table table("FACP", kRevision, kSize);
  table.put(kSciInterrupt, static_cast<uint16_t>(power.sci.value));
  put_power_registers(table, power);
  table.put(kC2Latency, kNoC2);
  table.put(kC3Latency, kNoC3);

  // The century byte (offset 108) stays zero: Linux then takes the 21st and saves an access.
  uint16_t boot = kNoAspmControl;
  if (!description.vga) boot |= kNoVga;
  if (description.serial) boot |= kLegacyDevices;
  if (!description.clock) boot |= kNoCmosClock;
  table.put(kBootArchitecture, boot);
  table.put(kFlags, uint32_t{kCacheFlushInstruction | kHaltOnAllProcessors | kNoFixedSleepButton |
                             kNoFixedClockWake | kResetRegisterPresent});
  table.put(kResetRegister,
            generic_address(PortRegister{
                .port = power.reset_port.value, .bits = 8, .access = AccessWidth::kByte}));
  table.put(kResetValue, power.reset_value);
  table.put(kMinorVersion, kMinorRevision);
  table.put(kHypervisorVendor, std::as_bytes(std::span(kOemId)));
  return table;
}

}  // namespace lintel::acpi
