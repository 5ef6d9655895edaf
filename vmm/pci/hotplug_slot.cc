// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/hotplug_slot.h"

#include "vmm/pci/config_regs.h"
#include "vmm/pci/function.h"

namespace lintel::pci {
namespace {

// 7.5.3.10: the enables of the events have the places that the events have in the status register,
// but for the link's. Indicators, interlock and the power controller are the rest.
constexpr uint16_t kEnables = 0x001f;
constexpr uint16_t kInterruptEnable = 1 << 5;
constexpr uint16_t kAttentionIndicator = 3 << 6;
constexpr uint16_t kPowerIndicator = 3 << 8;
constexpr uint16_t kPowerOff = 1 << 10;
constexpr uint16_t kLinkChangedEnable = 1 << 12;
constexpr uint16_t kControlWritable = kEnables | kInterruptEnable | kAttentionIndicator |
                                      kPowerIndicator | kPowerOff | kLinkChangedEnable;
constexpr uint16_t kIndicators = kAttentionIndicator | kPowerIndicator;  // 11b in both: off
constexpr uint16_t kPowerIndicatorOn = kAttentionIndicator | 1 << 8;

// 7.5.3.11.
constexpr uint16_t kAttentionPressed = 1 << 0;
constexpr uint16_t kPresenceChanged = 1 << 3;
constexpr uint16_t kPresent = 1 << 6;
constexpr uint16_t kLinkChanged = 1 << 8;
constexpr uint16_t kEvents = 0x011f;

// 7.5.3.9. A command has no completion to wait for: it is done when its write is.
constexpr uint32_t kCapabilities = 1 << 0      // attention button
                                   | 1 << 1    // power controller
                                   | 1 << 4    // power indicator
                                   | 1 << 6    // hot-plug capable
                                   | 1 << 18;  // no command completed support

constexpr MsiLayout kOneVector{.vectors = 1, .address64 = true, .per_vector_masks = false};

}  // namespace

HotplugSlot::HotplugSlot(Function& port, uint8_t express)
    : port_(port), express_(express), msi_(port, kOneVector) {
  ConfigSpace& config = port_.config();
  const auto at = [&](uint16_t offset) { return static_cast<uint16_t>(express_ + offset); };
  config.define32(at(reg::kExpressSlotCapabilities),
                  config.read32(at(reg::kExpressSlotCapabilities)) | kCapabilities);
  config.define16(at(reg::kExpressSlotControl), kIndicators | kPowerOff, kControlWritable);
  config.define({.offset = at(reg::kExpressSlotStatus), .size = 2, .clear_by_one = kEvents});
  set_link(false);
}

uint16_t HotplugSlot::read(uint16_t offset) const {
  return port_.config().read16(static_cast<uint16_t>(express_ + offset));
}

void HotplugSlot::update(uint16_t offset, uint16_t mask, uint16_t value) {
  port_.config().update(static_cast<uint16_t>(express_ + offset), 2, mask, value);
}

void HotplugSlot::raise(uint16_t events) {
  // The guest may have cleared what was there, and its write is yet to be told: then this is news.
  update_interrupt();
  update(reg::kExpressSlotStatus, events, events);
}

// 6.7.3.3: the link is there while something is in the slot and has power.
void HotplugSlot::set_link(bool up) {
  update(reg::kExpressLinkStatus, reg::kExpressLinkActive, up ? reg::kExpressLinkActive : 0);
}

void HotplugSlot::follow_link() {
  const bool up = occupied_ && powered_;
  if (up == ((read(reg::kExpressLinkStatus) & reg::kExpressLinkActive) != 0)) return;
  set_link(up);
  raise(kLinkChanged);
}

void HotplugSlot::start_with_device() {
  MutexLock lock(mutex_);
  occupied_ = true;
  powered_ = true;
  update(reg::kExpressSlotControl, kPowerOff | kIndicators, kPowerIndicatorOn);
  update(reg::kExpressSlotStatus, kPresent, kPresent);
  set_link(true);
}

// A driver of a slot with a button waits for the button, and looks at what is there when it was
// pressed (6.7.1.5): whoever puts a device in presses it.
void HotplugSlot::insert() {
  MutexLock lock(mutex_);
  occupied_ = true;
  update(reg::kExpressSlotStatus, kPresent, kPresent);
  raise(kPresenceChanged | kAttentionPressed);
  follow_link();
  update_interrupt();
}

void HotplugSlot::remove() {
  MutexLock lock(mutex_);
  occupied_ = false;
  update(reg::kExpressSlotStatus, kPresent, 0);
  raise(kPresenceChanged);
  follow_link();
  update_interrupt();
}

void HotplugSlot::press_attention() {
  MutexLock lock(mutex_);
  raise(kAttentionPressed);
  update_interrupt();
}

bool HotplugSlot::powered() const {
  MutexLock lock(mutex_);
  return powered_;
}

// 6.7.3.4: the interrupt is the AND of its enable with the OR of the events that are enabled. A
// message is sent when that becomes true, a pin follows it.
void HotplugSlot::update_interrupt() {
  const uint16_t control = read(reg::kExpressSlotControl);
  uint16_t enabled = control & kEnables;
  if ((control & kLinkChangedEnable) != 0) enabled |= kLinkChanged;
  const bool wanted =
      (control & kInterruptEnable) != 0 && (read(reg::kExpressSlotStatus) & enabled & kEvents) != 0;
  const bool by_message = msi_.enabled();
  if (wanted && !interrupting_ && by_message) msi_.trigger(0);
  interrupting_ = wanted;
  port_.set_intx(wanted && !by_message);
}

bool HotplugSlot::config_written() {
  bool changed = false;
  bool on = false;
  {
    // Whatever was written: the MSI capability's registers choose between message and pin.
    MutexLock lock(mutex_);
    on = (read(reg::kExpressSlotControl) & kPowerOff) == 0;
    changed = on != powered_;
    powered_ = on;
    follow_link();
    update_interrupt();
  }
  if (changed && power_changed_) power_changed_();
  return changed && !on;
}

void HotplugSlot::reset() {
  msi_.reset();
  bool with_device = false;
  {
    MutexLock lock(mutex_);
    with_device = occupied_;
    powered_ = false;
    interrupting_ = false;
    set_link(false);
  }
  if (with_device) start_with_device();
}

}  // namespace lintel::pci
