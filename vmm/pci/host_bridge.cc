// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/host_bridge.h"

#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"

namespace lintel::pci {
namespace {

// Intel 3 Series datasheet, 5.1.
constexpr uint16_t kPciExpressBar = 0x60;
constexpr uint16_t kPam0 = 0x90;
constexpr unsigned kPamCount = 7;
constexpr uint8_t kPam0Writable = 0x30;
constexpr uint8_t kPamWritable = 0x33;
constexpr uint16_t kSmram = 0x9d;
constexpr uint8_t kSmramDefault = 0x02;
constexpr uint8_t kSmramWritable = 0x78;
constexpr uint16_t kExtendedSmram = 0x9e;
constexpr uint8_t kExtendedSmramWritable = 0x87;

uint64_t pci_express_bar(GuestRange ecam) {
  constexpr uint64_t kEnable = 1;
  switch (ecam.size) {
    case 256 * kMiB: return ecam.base.value | 0 << 1 | kEnable;
    case 128 * kMiB: return ecam.base.value | 1 << 1 | kEnable;
    case 64 * kMiB: return ecam.base.value | 2 << 1 | kEnable;
    default:
      throw_error("The host bridge has no encoding for an ECAM window of {} bytes", ecam.size);
  }
}

}  // namespace

HostBridge::HostBridge(PciBus& root_bus, const HostBridgeConfig& host)
    : Function(root_bus, Devfn(0, 0), {.ids = host.ids}) {
  if (!host.pc_registers) return;
  const uint64_t bar = pci_express_bar(host.ecam);
  config().define32(kPciExpressBar, static_cast<uint32_t>(bar));
  config().define32(kPciExpressBar + 4, static_cast<uint32_t>(bar >> 32));
  config().define8(kPam0, 0, kPam0Writable);
  for (unsigned i = 1; i < kPamCount; ++i) {
    config().define8(static_cast<uint16_t>(kPam0 + i), 0, kPamWritable);
  }
  config().define8(kSmram, kSmramDefault, kSmramWritable);
  config().define8(kExtendedSmram, 0, kExtendedSmramWritable);
}

}  // namespace lintel::pci
