// SPDX-License-Identifier: Apache-2.0
// The slot of a hot-plug capable root port: an attention button, a power controller, indicators,
// and detection of what is in it (PCI Express Base 5.0, 6.7 and 7.5.3.9 to 7.5.3.11).
//
// How a device comes: it is put into the slot, which has no power, and the button is pressed. The
// guest gives power, the link comes up, and the guest enumerates. How it goes: the button is
// pressed, the guest lets its driver go and takes the power away, and what is in the slot can be
// taken out. A guest may switch the power at any time; nothing leaves the slot by that alone.
#pragma once

#include <cstdint>
#include <functional>

#include "vmm/base/sync.h"
#include "vmm/pci/msi.h"

namespace lintel::pci {

class Function;

// Threads: any; the registers are written under the root complex's lock.
class HotplugSlot {
 public:
  // Of a root port that has its Express capability, with a slot, at `express`. Adds an MSI
  // capability, for the events; they use the pin as long as the guest does not enable it.
  HotplugSlot(Function& port, uint8_t express);

  // What the slot is to be at the machine's start: with a device it has power, and the link is up.
  void start_with_device();

  // The device is there, behind the port, or is not any more: with power on, as if someone had torn
  // it out. While no vCPU runs.
  void insert();
  void remove();
  // Wakes the guest's hot-plug driver: it lets go of the device. A second time within some seconds
  // a driver may take for a change of mind.
  void press_attention();

  bool powered() const;

  // Called on the vCPU's thread, under the root complex's lock, when the guest switched the power:
  // as often as it likes. Must not block. Before the guest runs.
  void on_power_change(std::function<void()> call) { power_changed_ = std::move(call); }

  // For the port: after a write to its registers. True if what is behind has lost its power.
  bool config_written();
  void reset();

 private:
  // Of the registers at an offset of the Express capability.
  uint16_t read(uint16_t offset) const;
  void update(uint16_t offset, uint16_t mask, uint16_t value);
  void raise(uint16_t events) REQUIRES(mutex_);
  void set_link(bool up);
  void follow_link() REQUIRES(mutex_);
  void update_interrupt() REQUIRES(mutex_);

  Function& port_;
  const uint8_t express_;
  Msi msi_;
  std::function<void()> power_changed_;
  mutable Mutex mutex_;
  bool occupied_ GUARDED_BY(mutex_) = false;
  bool powered_ GUARDED_BY(mutex_) = false;
  bool interrupting_ GUARDED_BY(mutex_) = false;
};

}  // namespace lintel::pci
