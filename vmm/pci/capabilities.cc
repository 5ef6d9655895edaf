// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/capabilities.h"

#include "vmm/pci/config_regs.h"

namespace lintel::pci {
namespace {

// PCI Bus Power Management 1.2, 3.2: offsets inside the capability.

// PCI Express Base 5.0, 7.5.3: offsets inside the capability.
constexpr uint8_t kExpressSize = 0x3c;
constexpr uint16_t kExpressCapabilities = 0x02;
constexpr uint16_t kDeviceCapabilities = 0x04;
constexpr uint16_t kDeviceControl = 0x08;
constexpr uint16_t kDeviceStatus = 0x0a;
constexpr uint16_t kLinkCapabilities = 0x0c;
constexpr uint16_t kLinkControl = 0x10;
constexpr uint16_t kRootControl = 0x1c;
constexpr uint16_t kRootStatus = 0x20;
constexpr uint16_t kDeviceCapabilities2 = 0x24;
constexpr uint16_t kDeviceControl2 = 0x28;
constexpr uint16_t kLinkCapabilities2 = 0x2c;
constexpr uint16_t kLinkControl2 = 0x30;

constexpr uint16_t kExpressVersion2 = 2;
constexpr uint16_t kSlotImplemented = 1 << 8;
// 7.5.3.3: Role-Based Error Reporting is required of all devices.
constexpr uint32_t kRoleBasedErrors = 1 << 15;
// 7.5.3.4: error reporting enables, relaxed ordering, payload and read request size, no snoop; and
// the defaults: relaxed ordering and no snoop on, reads of 512 bytes.
constexpr uint16_t kDeviceControlWritable = 0x78ff;
constexpr uint16_t kDeviceControlDefault = 0x2810;
constexpr uint16_t kDeviceErrors = 0x000f;
// 7.5.3.6.
constexpr uint32_t kLinkActiveReporting = 1 << 20;
constexpr uint32_t kAspmOptionality = 1 << 22;
// 7.5.3.7: ASPM, common clock, extended synch; and for endpoints the read completion boundary.
constexpr uint16_t kLinkControlWritable = 0x00c3;
constexpr uint16_t kLinkReadCompletionBoundary = 1 << 3;
// 7.5.3.8.
constexpr uint16_t kLinkSlotClock = 1 << 12;
// 7.5.3.9 and 7.5.3.11.
constexpr uint32_t kSlotNoCommandCompleted = 1 << 18;
constexpr uint16_t kSlotPresent = 1 << 6;
// 7.5.3.12: system error enables and the PME interrupt enable.
constexpr uint16_t kRootControlWritable = 0x000f;
constexpr uint32_t kRootPmeStatus = 1 << 16;
// 7.5.3.15 and 7.5.3.16: the completion timeout can be disabled.
constexpr uint32_t kTimeoutDisable = 1 << 4;

uint16_t at(uint8_t base, uint16_t offset) {
  return static_cast<uint16_t>(base + offset);
}

void define_link(ConfigSpace& config, uint8_t base, const ExpressLink& link, bool is_port) {
  const uint32_t speed_and_width = link.speed | static_cast<uint32_t>(link.width) << 4;
  config.define32(at(base, kLinkCapabilities), speed_and_width | kAspmOptionality |
                                                   (is_port ? kLinkActiveReporting : 0) |
                                                   static_cast<uint32_t>(link.port) << 24);
  config.define16(at(base, kLinkControl), 0,
                  kLinkControlWritable | (is_port ? 0 : kLinkReadCompletionBoundary));
  config.define16(at(base, reg::kExpressLinkStatus),
                  speed_and_width | kLinkSlotClock | (is_port ? reg::kExpressLinkActive : 0));
  // 7.5.3.18: bit 1 is 2.5 GT/s, and so on; all speeds up to the highest are supported.
  config.define32(at(base, kLinkCapabilities2), ((1u << link.speed) - 1) << 1);
  config.define16(at(base, kLinkControl2), link.speed, 0xf);
}

void define_root_port(ConfigSpace& config, uint8_t base, const ExpressLink& link) {
  if (link.slot != 0) {
    config.define32(at(base, reg::kExpressSlotCapabilities),
                    static_cast<uint32_t>(link.slot) << 19 | kSlotNoCommandCompleted);
    config.define16(at(base, reg::kExpressSlotStatus), kSlotPresent);
  }
  config.define16(at(base, kRootControl), 0, kRootControlWritable);
  config.define({.offset = at(base, kRootStatus), .size = 4, .clear_by_one = kRootPmeStatus});
}

}  // namespace

uint8_t add_express(ConfigSpace& config, ExpressType type, const ExpressLink& link) {
  const uint8_t base = config.add_capability(reg::kCapExpress, kExpressSize);
  const bool is_port = type == ExpressType::kRootPort;
  config.define16(at(base, kExpressCapabilities),
                  kExpressVersion2 | static_cast<uint32_t>(type) << 4 |
                      (is_port && link.slot != 0 ? kSlotImplemented : 0));
  config.define32(at(base, kDeviceCapabilities), kRoleBasedErrors);
  config.define16(at(base, kDeviceControl), kDeviceControlDefault, kDeviceControlWritable);
  config.define({.offset = at(base, kDeviceStatus), .size = 2, .clear_by_one = kDeviceErrors});
  config.define32(at(base, kDeviceCapabilities2), kTimeoutDisable);
  config.define16(at(base, kDeviceControl2), 0, kTimeoutDisable);
  if (type != ExpressType::kIntegratedEndpoint) define_link(config, base, link, is_port);
  if (is_port) define_root_port(config, base, link);
  return base;
}

}  // namespace lintel::pci
