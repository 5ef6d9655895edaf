// SPDX-License-Identifier: Apache-2.0
// The devices that a machine gets from the host or from other processes: taken before its first
// start and given back after its end. Its reboots lie between.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "passthrough/host/bound_devices.h"
#include "passthrough/session.h"
#include "vmm/config/config.h"

namespace lintel {

class PassedDevices {
 public:
  // Null if the configuration has none. Throws Error; then the host is as it was.
  static std::unique_ptr<PassedDevices> take(const config::Config& config);

  passthrough::Session& session() { return *session_; }

  // Functions that share a slot in the guest, as they share one on the host.
  struct Slot {
    const config::PciConfig* pci = nullptr;
    struct Function {
      size_t device = 0;    // which of the session's
      unsigned number = 0;  // in the slot
      bool named = true;    // in the configuration, and not merely a neighbour
    };
    std::vector<Function> functions;  // function 0 is among them
  };
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  explicit PassedDevices(const config::Config& config);

  passthrough::host::Tree tree_;
  passthrough::host::ForkingWriter writer_{tree_, {}};
  passthrough::host::JournalFolder journals_{tree_, passthrough::host::default_journal_folder()};
  // The session goes first: a driver gets its device back when nobody has it open.
  std::optional<passthrough::host::BoundDevices> bound_;
  std::unique_ptr<passthrough::Session> session_;
  std::vector<Slot> slots_;
};

}  // namespace lintel
