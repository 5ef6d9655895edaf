// SPDX-License-Identifier: Apache-2.0
// One function from its driver to vfio-pci and back, by sysfs alone: driver_override and
// drivers_probe name this one function, where new_id would take every card of its kind.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "passthrough/host/inventory.h"
#include "passthrough/host/journal.h"
#include "passthrough/host/sysfs_writer.h"
#include "passthrough/host/tree.h"

namespace lintel::passthrough::host {

// Which size a function's resizable BARs get before the guest sees them.
struct BarResize {
  enum class Kind : uint8_t { kKeep, kMax, kSize };

  Kind kind = Kind::kKeep;
  uint64_t size = 0;  // of kSize, bytes
};

// The state to come back to. `writer` reads what is in the way of a driver that does not let go;
// throws Error.
OldState old_state(SysfsWriter& writer, const HostFunction& function);

// Threads: one at a time, with JournalFolder's lock held.
class Binder {
 public:
  // Both outlive it.
  Binder(const Tree& tree, SysfsWriter& writer) : tree_(tree), writer_(writer) {}

  // To vfio-pci, awake and kept out of D3cold; a function on a driver of that family stays there.
  // The kernel resets it by `reset_methods`, if there are any. Throws Error at the first step that
  // fails; then `restore` puts back what was done.
  void bind(PciAddress address, const BarResize& resize, const std::string& reset_methods);

  // To the old state, as far as it goes: says what failed. Does nothing where nothing differs. A
  // function that got another driver since then is not ours any more, and keeps it; of the rest it
  // has back what nobody has changed since.
  std::vector<std::string> restore(const OldState& old);
  // Of the old state only how the kernel resets it.
  std::vector<std::string> restore_reset(const OldState& old);

 private:
  void unbind(const HostFunction& function);
  void resize_bars(const HostFunction& function, const BarResize& resize);
  void resize_bar(const HostFunction& function, const HostBar& bar, unsigned code);
  void keep_awake(const HostFunction& function);
  void choose_reset(const HostFunction& function, const std::string& methods);
  void take_old_driver(const OldState& old);
  void take_back_settings(const HostFunction& now, const OldState& old);

  const Tree& tree_;
  SysfsWriter& writer_;
  std::vector<PciAddress> stuck_;  // their drivers have not let go of them in time
};

}  // namespace lintel::passthrough::host
