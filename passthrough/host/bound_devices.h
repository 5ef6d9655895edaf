// SPDX-License-Identifier: Apache-2.0
// The devices that one machine has from the host, for as long as it has them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "passthrough/host/binder.h"
#include "passthrough/host/inventory.h"
#include "passthrough/host/journal.h"
#include "passthrough/host/sysfs_writer.h"
#include "passthrough/host/tree.h"

namespace lintel::passthrough::host {

// The host that is changed. All of it outlives whoever is given it.
struct HostAccess {
  const Tree& tree;
  SysfsWriter& writer;
  const JournalFolder& journals;
};

enum class BindMode : uint8_t {
  kAuto,    // to vfio-pci now, and back at the end
  kManual,  // it is there already, or it is an error; nothing is changed
  kKeep     // to vfio-pci now, and back when `lintel restore` says so
};

struct BindRequest {
  PciAddress address;
  BindMode mode = BindMode::kAuto;
  BarResize resize = {};
  std::string reset_method = {};  // the only one from now on; empty: those of before we had it
};

// A function that can be opened.
struct BoundFunction {
  PciAddress address;
  PciIds ids;
  std::string group_node;   // "/dev/vfio/14", for containers
  std::string device_node;  // "/dev/vfio/devices/vfio0", for iommufd; empty on older kernels
};

struct ReleaseReport {
  std::vector<std::string> failures;
  std::vector<std::string> waiting;  // a sentence for each function that waits for its group
};

// Constructed before the machine opens a device, destroyed after it has closed them all: the
// kernel waits for that when it takes the driver away. Reboots of the guest lie between.
class BoundDevices {
 public:
  // Binds all, or throws Error and none is changed. The journal of `name` is on disk before the
  // first change. What a machine of the same name left behind when it was killed is taken over, or
  // restored if it is not wanted any more. Does not ask whether the host can spare the devices:
  // that is checks.h.
  BoundDevices(const HostAccess& host, std::string name, const std::vector<BindRequest>& requests);
  // `restore`, with failures in the log.
  ~BoundDevices();
  BoundDevices(const BoundDevices&) = delete;
  BoundDevices& operator=(const BoundDevices&) = delete;

  // In the order of the requests, later ones last.
  const std::vector<BoundFunction>& functions() const { return functions_; }

  // More of them, or some fewer, while the machine runs; journaled as the first ones. `add` throws
  // Error, and then none of its requests has changed anything. Before `release` the functions are
  // closed; it says what failed, as `restore` does. A function whose old driver does DMA stays as
  // it is while the guest has another of its IOMMU group, because the kernel lets no group be
  // shared; it is given back when the last one of them is released, or at the end.
  void add(const std::vector<BindRequest>& requests);
  ReleaseReport release(const std::vector<PciAddress>& addresses) noexcept;
  // Those that are released and wait.
  const std::vector<BoundFunction>& waiting() const { return waiting_; }

  // Gives the devices back. Says what failed; that stays in the journal for `lintel restore`.
  std::vector<std::string> restore() noexcept;

 private:
  void note_resets(const std::vector<BindRequest>& requests);
  std::string mates_of(const BoundFunction& function) const;
  std::vector<OldState> take_leaving(Journal& journal);

  HostAccess host_;
  std::string name_;
  std::vector<BoundFunction> functions_;
  std::vector<BoundFunction> waiting_;
  std::vector<PciAddress> with_our_reset_;  // by the one method of their request
  bool restored_ = false;
};

// The inventory with the reset methods that `BoundDevices` goes by: those of before, where a
// machine that is gone, or `bind_and_keep`, has the function in its journal.
Inventory with_old_resets(Inventory inventory, const JournalFolder& journals);

// Binds until `lintel restore`. Throws Error; then nothing is changed.
void bind_and_keep(const HostAccess& host, const std::vector<PciAddress>& addresses);

struct RestoreReport {
  std::vector<PciAddress> restored;
  std::vector<std::string> failures;
};

// What the journal of `name` holds, of a machine that is gone or of `bind_and_keep` (the empty
// name); nothing if there is none. Failures stay in it, and so does what another process has open.
// Throws Error if its machine still runs.
RestoreReport restore_journal(const HostAccess& host, const std::string& name);

// The journals of machines that are gone, and that of `bind_and_keep`.
std::vector<std::string> restorable(const JournalFolder& journals);

}  // namespace lintel::passthrough::host
