// SPDX-License-Identifier: Apache-2.0
// Random accesses of every width at every offset: no model may crash, hang or trip a sanitizer.
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/fake_console.h"
#include "tests/fakes/fake_irq.h"
#include "tests/fakes/fake_machine_events.h"
#include "tests/fakes/guest_ram.h"
#include "tests/fakes/manual_clock.h"
#include "vmm/devices/acpi_pm.h"
#include "vmm/devices/debug_ports.h"
#include "vmm/devices/fw_cfg.h"
#include "vmm/devices/gic_v2m.h"
#include "vmm/devices/pl011.h"
#include "vmm/devices/pl031.h"
#include "vmm/devices/pl061.h"
#include "vmm/devices/pvpanic.h"
#include "vmm/devices/rtc_cmos.h"
#include "vmm/devices/serial_8250.h"

namespace lintel {
namespace {

TEST(HostileGuest, Random_accesses_leave_every_device_standing) {
  std::mt19937_64 random(20240229);  // fixed: a failure must come back
  ManualClock clock(std::chrono::hours(24 * 365 * 50));
  ManualTimer rtc_timer(clock);
  ManualTimer pm_timer(clock);
  ManualTimer alarm_timer(clock);
  ManualTimer button_timer(clock);
  FakeIrqLine irq;
  FakeConsole console;
  FakeConsole uart_console;
  FakeMachineEvents events;
  const GuestMemory ram = make_guest_ram({{GuestAddress(0), 64 * kKiB}});

  Serial8250 serial(irq, console);
  RtcCmos rtc({.ram_below_4g = kGiB, .ram_above_4g = 0, .cpu_count = 2}, clock, rtc_timer, irq);
  AcpiPm pm({clock, pm_timer, irq, events});
  ResetControl reset_control(events);
  Pl011 uart(irq, uart_console);
  Pl031 clock_chip(clock, alarm_timer, irq);
  Pl061 button(irq, button_timer);
  Pvpanic pvpanic(events);
  DebugConsole debug_console(console);
  DebugExit debug_exit(events);
  FakeEdgeInputs inputs;
  GicV2m v2m({GuestAddress(0), Spi(48), 64}, inputs);
  FwCfg fw_cfg(ram);
  fw_cfg.add_file("etc/writable", std::vector<std::byte>(16), FwCfg::Access::kWritable);

  struct Placed {
    Device* device;
    uint64_t size;
    uint64_t first = 0;  // of the offsets that are tried
  };
  const std::vector<Placed> devices = {
      {&serial, Serial8250::kSize},
      {&rtc, RtcCmos::kSize},
      {&pm.event_block(), AcpiPm::kEventSize},
      {&pm.control_block(), AcpiPm::kControlSize},
      {&pm.timer_block(), AcpiPm::kTimerSize},
      {&reset_control, ResetControl::kSize},
      // Whole, and where most of a mostly empty page's registers are.
      {&uart, Pl011::kSize},
      {&uart, 0x50},
      {&clock_chip, Pl031::kSize},
      {&clock_chip, 0x20},
      {&button, Pl061::kSize},
      {&button, 0x430, 0x3f0},
      {&v2m, GicV2m::kSize},
      {&v2m, 8, 0x40},
      {&pvpanic, Pvpanic::kMemorySize},
      {&debug_console, DebugConsole::kSize},
      {&debug_exit, DebugExit::kSize},
      {&fw_cfg.ports(), FwCfg::kPortSize},
      {&fw_cfg.memory_window(), FwCfg::kMemorySize},
  };
  for (int i = 0; i < 200'000; ++i) {
    const Placed& placed = devices[random() % devices.size()];
    const auto size = static_cast<AccessSize>(1u << random() % 4);
    if (bytes(size) > placed.size) continue;
    const uint64_t offset =
        placed.first + random() % (placed.size - placed.first - bytes(size) + 1);
    if (random() % 2 == 0) {
      EXPECT_EQ(placed.device->read(offset, size) & ~all_ones(size), 0u) << placed.device->name();
    } else {
      placed.device->write(offset, size, random() & all_ones(size));
    }
    if (i % 16 == 0) clock.advance(std::chrono::nanoseconds(random() % 3'000'000'000));
    if (i % 64 == 0) console.type("input");
    if (i % 64 == 0) uart_console.type("input");
    if (i % 96 == 0) button.press();
    if (i % 128 == 0 && rtc_timer.armed()) rtc_timer.expire();
    if (i % 128 == 0 && pm_timer.armed()) pm_timer.expire();
    if (i % 128 == 0 && alarm_timer.armed()) alarm_timer.expire();
    if (i % 128 == 0 && button_timer.armed()) button_timer.expire();
    if (i % 10'000 == 0) {
      for (const Placed& each : devices) each.device->reset();
    }
  }
  for (const Placed& each : devices) each.device->reset();
  EXPECT_FALSE(irq.level());
}

}  // namespace
}  // namespace lintel
