// SPDX-License-Identifier: Apache-2.0
// What devices were like before we changed them, in a file that is on disk before the first change,
// so that whatever happens to us, `lintel restore` can put them back.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "passthrough/host/address.h"
#include "passthrough/host/tree.h"
#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::host {

struct OldBarSize {
  uint8_t bar = 0;
  uint8_t code = 0;  // 2^code MiB

  bool operator==(const OldBarSize&) const = default;
};

// A function before we touched it.
struct OldState {
  PciAddress address;
  PciIds ids;          // so that another card in the slot is left alone
  std::string driver;  // empty: none
  std::string driver_override;
  std::optional<bool> d3cold_allowed;
  std::string power_control;
  std::string reset_methods;   // "flr bus"; empty: none, or the kernel does not tell
  std::string runtime_status;  // for the reader; the kernel derives it from the other two
  std::vector<OldBarSize> bar_sizes;

  bool operator==(const OldState&) const = default;
};

// A process, told from a later one with the same number, and from those of other containers.
struct ProcessId {
  int pid = 0;
  uint64_t start = 0;          // in clock ticks since the host's start (proc(5), /proc/PID/stat)
  uint64_t pid_namespace = 0;  // the inode of its PID namespace (pid_namespaces(7)); 0: not known

  bool operator==(const ProcessId&) const = default;
};

// Nothing if there is no such process.
std::optional<ProcessId> identify(const Tree& tree, int pid);

struct Journal {
  // The machine that has the devices; empty for devices that `lintel bind` keeps from the host.
  std::string name;
  std::optional<ProcessId> owner;  // of the machine
  std::vector<OldState> devices;
};

std::string to_json(const Journal& journal);
// Throws Error.
Journal parse_journal(const std::string& text);

// The journals of this host, below one folder: NAME/restore.json of the machine NAME, and
// bound.json of `lintel bind`. Everything throws Error.
class JournalFolder {
 public:
  // Drivers have 20 s to let go of a device, and a machine may have some.
  static constexpr std::chrono::milliseconds kPatience{120'000};

  // As the host names it: "/run/lintel". Made on the first write. `patience`: how long others may
  // have the lock.
  JournalFolder(const Tree& tree, std::string folder,
                std::chrono::milliseconds patience = kPatience);

  // Held while the journals and the devices in them change: two processes may not interleave.
  // Throws Error that names who has it if that takes longer than the patience.
  [[nodiscard]] UniqueFd lock() const;

  // The file of a journal, for messages.
  std::string file(const std::string& name) const;
  // Nothing if there is none. A broken one throws.
  std::optional<Journal> load(const std::string& name) const;
  // Durable when it returns: a crash leaves the old file or the new one. One without devices is
  // removed.
  void store(const Journal& journal) const;
  // The names of all, the empty one among them; broken ones too.
  std::vector<std::string> names() const;
  // Whether the process that owns it is gone, or there never was one. Never so of a process in
  // another PID namespace, whose number says nothing here.
  bool is_stale(const Journal& journal) const;
  // Of one that is not stale, in words: that its machine runs, or that it may. `help`: what to do
  // about one that runs.
  Error in_use(const Journal& journal, std::string help = {}) const;

 private:
  std::string folder_of(const std::string& name) const;

  bool is_elsewhere(const ProcessId& owner) const;

  const Tree& tree_;
  std::string folder_;
  std::chrono::milliseconds patience_;
};

}  // namespace lintel::passthrough::host
