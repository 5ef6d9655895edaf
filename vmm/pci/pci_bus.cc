// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/pci_bus.h"

#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/function.h"
#include "vmm/pci/root_complex.h"

namespace lintel::pci {
namespace {

constexpr unsigned kRootBusDevices = 32;
// A link leads to one device (PCI Express Base 5.0, 7.3.1).
constexpr unsigned kLinkDevices = 1;

}  // namespace

PciBus::PciBus(RootComplex& root_complex, Function* bridge)
    : root_complex_(root_complex),
      bridge_(bridge),
      pages_(bridge == nullptr ? kRootBusDevices : kLinkDevices, root_complex.page_size()) {}

uint8_t PciBus::number() const {
  return bridge_ == nullptr ? 0 : bridge_->config().read8(reg::kSecondaryBus);
}

ConfigStorage PciBus::attach(Devfn devfn, Function& function) {
  if (functions_[devfn.value] != nullptr) {
    throw_error("PCI place {} is taken by {}", to_string(Bdf(number(), devfn)),
                functions_[devfn.value]->name());
  }
  const ConfigStorage storage = pages_.add(devfn);
  functions_[devfn.value] = &function;
  return storage;
}

void PciBus::detach(Devfn devfn) {
  functions_[devfn.value] = nullptr;
  pages_.remove(devfn);
}

void PciBus::mark_multi_function(unsigned device) {
  Function* const first = find(Devfn(device, 0));
  if (first == nullptr) return;
  for (unsigned function = 1; function < 8; ++function) {
    if (find(Devfn(device, function)) == nullptr) continue;
    ConfigSpace& config = first->config();
    config.define8(reg::kHeaderType, config.read8(reg::kHeaderType) | reg::kHeaderMultiFunction);
    return;
  }
}

SharedLine* PciBus::intx_line(Devfn devfn, Pin pin) const {
  if (pin == Pin::kNone) return nullptr;
  if (bridge_ == nullptr) return root_complex_.intx_lines().line(devfn.device(), pin);
  return bridge_->bus().intx_line(bridge_->devfn(), swizzle(devfn.device(), pin));
}

}  // namespace lintel::pci
