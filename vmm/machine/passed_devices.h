// SPDX-License-Identifier: Apache-2.0
// The devices that a machine gets from the host or from other processes: taken before its first
// start and given back after its end. Its reboots lie between.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "passthrough/host/bound_devices.h"
#include "passthrough/session.h"
#include "vmm/base/run_folder.h"
#include "vmm/base/types.h"
#include "vmm/config/config.h"

namespace lintel {

namespace passthrough::pci {
struct FunctionOptions;
struct FunctionSnapshot;
}  // namespace passthrough::pci

// Threads: one at a time for what opens and closes; the slots are the control thread's.
class PassedDevices {
 public:
  // Null if the guest has none and can get none. Throws Error; then the host is as it was.
  static std::unique_ptr<PassedDevices> take(const config::Config& config);

  const config::Config& config() const { return config_; }
  passthrough::Session& session() { return *session_; }

  struct Function {
    passthrough::Device* device = nullptr;
    unsigned number = 0;  // in the slot
    bool named = true;    // by the user, and not merely a neighbour
    // Of a device that was opened while the guest ran, for the first machine that it comes to.
    std::shared_ptr<const passthrough::pci::FunctionSnapshot> snapshot = {};
    std::optional<passthrough::host::PciAddress> address = {};  // with the host; else it is served
  };
  // Functions that share a slot in the guest, as they share one on the host. The slots stay the
  // same, and at the same places, whatever comes and goes.
  struct Slot {
    config::PciConfig pci;            // what is in it
    std::string guest_address;        // of the slot; empty: any
    bool reserved = false;            // a port, whatever is in it, with room for what comes
    std::vector<Function> functions;  // function 0 is among them; none: the slot is empty
  };
  std::vector<Slot>& slots() { return slots_; }

  // Takes what `pci` says from the host, opens it and reads it. `ram`: where the guest has RAM.
  // Throws Error; then the host is as it was.
  std::vector<Function> open(const config::PciConfig& pci, std::span<const GuestRange> ram);
  // Closes them and gives them back. Nothing uses them any more.
  passthrough::host::ReleaseReport close(const std::vector<Function>& functions);
  // Addresses of those that are closed and wait for others of their IOMMU group.
  std::vector<std::string> waiting() const;

 private:
  explicit PassedDevices(const config::Config& config);
  struct Plan;
  Plan plan(const config::Config& config);
  void bind(const std::vector<passthrough::host::BindRequest>& requests);
  passthrough::host::ReleaseReport give_back(const std::vector<Function>& functions);

  const config::Config& config_;
  passthrough::host::Tree tree_;
  passthrough::host::ForkingWriter writer_{tree_, {}};
  passthrough::host::JournalFolder journals_{tree_, default_run_folder()};
  // The session goes first: a driver gets its device back when nobody has it open.
  std::optional<passthrough::host::BoundDevices> bound_;
  std::unique_ptr<passthrough::Session> session_;
  std::vector<Slot> slots_;
};

// How the configuration wants a function of the slot.
passthrough::pci::FunctionOptions options_of(const config::PciConfig& pci, bool named);

// Those of open functions.
std::vector<passthrough::Device*> devices_of(const std::vector<PassedDevices::Function>& functions);

}  // namespace lintel
