// SPDX-License-Identifier: Apache-2.0
// What the host itself does with a device: its disks' file systems, volumes and swap, its network
// interfaces' routes, and the programs that have it open. Found by walking what lies below the
// device in sysfs and asking /proc about it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "passthrough/host/inventory.h"
#include "passthrough/host/tree.h"

namespace lintel::passthrough::host {

// Something that would break, or lose data, if the device went away.
struct DiskUse {
  std::string disk;                // "nvme0n1", or a partition of it
  std::string what;                // "mounted at /home"
  std::vector<std::string> steps;  // commands that end the use, in their order
};

struct NetUse {
  std::string interface;               // "eno1"
  std::vector<std::string> addresses;  // IPv4 and IPv6, but for those of the link alone
  std::string default_route;  // the interface that has it: this one, or a bridge above; or empty
};

struct Uses {
  std::vector<std::string> disks;
  std::vector<DiskUse> disk_uses;
  std::vector<NetUse> interfaces;
  std::set<std::string> nodes;  // files below /dev by which programs use the device
};

// The addresses that an interface of this host has.
std::vector<std::string> addresses_of(const std::string& interface);

// Threads: one at a time. Reads the mounts, the swap and the routes when it is made.
class UseFinder {
 public:
  using Addresses = std::function<std::vector<std::string>(const std::string& interface)>;

  // `tree` outlives it.
  explicit UseFinder(const Tree& tree, Addresses addresses = addresses_of);

  Uses find(const HostFunction& function) const;
  // Of a block device, "/dev/vg/guest", and its partitions.
  std::vector<DiskUse> uses_of_disk(const std::string& node) const;

 private:
  struct Mount {
    std::string device;  // "259:2"
    std::string source;  // "nvme0n1p2", "dm-0": the name in /sys/class/block
    std::string point;
  };

  void read_mounts(std::string_view list);
  void read_routes();
  void walk(const std::string& folder, unsigned depth, Uses& uses) const;
  void add_block(const std::string& name, Uses& uses) const;
  std::vector<std::string> partitions_of(const std::string& disk) const;
  // The uses of the block device `name`, for the disk `disk` that it rests on.
  void add_block_uses(const std::string& disk, const std::string& name, const DiskUse& so_far,
                      unsigned depth, std::vector<DiskUse>& out) const;
  DiskUse through_holder(const std::string& disk, const std::string& holder,
                         const DiskUse& so_far) const;
  std::string default_route_of(const std::string& interface, unsigned depth) const;

  const Tree& tree_;
  const Addresses addresses_;
  std::vector<Mount> mounts_;
  std::set<std::string> swaps_;                      // names in /sys/class/block
  std::map<std::string, std::string> raid_members_;  // of /proc/mdstat: member to array
  std::set<std::string> default_routes_;             // interfaces
};

// A process that has one of the files open.
struct Holder {
  int pid = 0;
  std::string name;
  std::string unit;  // of systemd, or empty
  std::string node;
};

// By process. Without root only the caller's own processes can be looked into.
std::vector<Holder> find_holders(const Tree& tree, const std::set<std::string>& nodes);
// Whether it can see all of them. Others' files are for root to see.
bool sees_all_holders(const Tree& tree);

}  // namespace lintel::passthrough::host
