// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/uses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lintel::passthrough::host {

namespace {

// Deeper than any real chain of devices or volumes.
constexpr unsigned kMaxDepth = 32;
constexpr unsigned kMaxHolders = 8;

constexpr uint64_t kRouteUp = 0x1;        // linux/route.h: RTF_UP
constexpr uint64_t kRouteReject = 0x200;  // RTF_REJECT

// /proc writes blanks in names as octal (proc(5), /proc/PID/mounts).
std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 3);
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, 8);
    const bool octal = text[i] == '\\' && digits.size() == 3 && result.ec == std::errc{} &&
                       result.ptr == digits.data() + 3 && value < 256;
    out += octal ? static_cast<char>(value) : text[i];
    if (octal) i += 3;
  }
  return out;
}

// A file of /dev as the kernel names the device: links are followed once, as udev makes them.
std::string kernel_name(const Tree& tree, const std::string& node) {
  return tree.link_name(node).value_or(std::string(last_part(node)));
}

std::string value_of(const Tree& tree, const std::string& file, std::string_view key) {
  for (const std::string& line : tree.lines(file)) {
    if (line.starts_with(key))
      return std::string(trimmed(std::string_view(line).substr(key.size())));
  }
  return {};
}

uint64_t hex_or_0(std::string_view text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

// A path of an NVMe disk with several controllers is hidden: "nvme0c1n2" is a path of "nvme0n2".
std::string multipath_head(const std::string& name) {
  const size_t controller = name.find('c', 4);
  const size_t space = name.find('n', 4);
  const bool path = name.starts_with("nvme") && controller != std::string::npos &&
                    space != std::string::npos && controller < space;
  return path ? name.substr(0, controller) + name.substr(space) : name;
}

std::string block_folder(const std::string& name) {
  return "/sys/class/block/" + name;
}

// The volume group in a device mapper name: up to the first dash that is not doubled.
std::string volume_group(const std::string& name) {
  std::string group;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '-') {
      if (i + 1 == name.size() || name[i + 1] != '-') break;
      ++i;
    }
    group += name[i];
  }
  return group;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::vector<std::string> addresses_of(const std::string& interface) {
  std::vector<std::string> addresses;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || interface != entry->ifa_name) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* address = nullptr;
    if (entry->ifa_addr->sa_family == AF_INET) {
      address = &reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr;
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
      const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr)->sin6_addr;
      if (!IN6_IS_ADDR_LINKLOCAL(&v6)) address = &v6;
    }
    if (address != nullptr &&
        inet_ntop(entry->ifa_addr->sa_family, address, text.data(), text.size()) != nullptr) {
      addresses.emplace_back(text.data());
    }
  }
  freeifaddrs(list);
  return addresses;
}

UseFinder::UseFinder(const Tree& tree, Addresses addresses)
    : tree_(tree), addresses_(std::move(addresses)) {
  read_mounts("/proc/self/mountinfo");
  // A service's mounts may not be ours, but what the system mounts at boot is the first process's.
  read_mounts("/proc/1/mountinfo");
  for (const std::string& line : tree_.lines("/proc/swaps")) {
    const std::vector<std::string> parts = words(line);
    if (parts[0].starts_with('/')) swaps_.insert(kernel_name(tree_, unescaped(parts[0])));
  }
  // "md0 : active raid1 sdb1[1] sda1[0]"
  for (const std::string& line : tree_.lines("/proc/mdstat")) {
    const std::vector<std::string> parts = words(line);
    if (parts.size() < 3 || parts[1] != ":" || !parts[0].starts_with("md")) continue;
    for (const std::string& part : parts) {
      const size_t bracket = part.find('[');
      if (bracket != std::string::npos) raid_members_[part.substr(0, bracket)] = parts[0];
    }
  }
  read_routes();
}

void UseFinder::read_mounts(std::string_view list) {
  // "36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/sda1 rw" (proc(5), mountinfo)
  for (const std::string& line : tree_.lines(list)) {
    const std::vector<std::string> parts = words(line);
    const auto dash = std::find(parts.begin(), parts.end(), "-");
    if (parts.size() < 6 || parts.end() - dash < 3) continue;
    const std::string source = unescaped(*(dash + 2));
    Mount mount{parts[2], source.starts_with('/') ? kernel_name(tree_, source) : "",
                unescaped(parts[4])};
    const bool known = std::any_of(mounts_.begin(), mounts_.end(), [&](const Mount& other) {
      return other.device == mount.device && other.point == mount.point;
    });
    if (!known) mounts_.push_back(std::move(mount));
  }
}

void UseFinder::read_routes() {
  // Iface Destination Gateway Flags RefCnt Use Metric Mask
  for (const std::string& line : tree_.lines("/proc/net/route")) {
    const std::vector<std::string> parts = words(line);
    const bool complete = parts.size() >= 8 && parts[1] == "00000000" && parts[7] == "00000000";
    if (complete && (hex_or_0(parts[3]) & (kRouteUp | kRouteReject)) == kRouteUp) {
      default_routes_.insert(parts[0]);
    }
  }
  // destination, prefix length, source, prefix length, next hop, metric, two counts, flags, device
  for (const std::string& line : tree_.lines("/proc/net/ipv6_route")) {
    const std::vector<std::string> parts = words(line);
    if (parts.size() < 10 || parts[1] != "00" || parts[0] != std::string(32, '0')) continue;
    if ((hex_or_0(parts[8]) & (kRouteUp | kRouteReject)) == kRouteUp && parts[9] != "lo") {
      default_routes_.insert(parts[9]);
    }
  }
}

Uses UseFinder::find(const HostFunction& function) const {
  Uses uses;
  walk(function.folder(), 0, uses);
  // The driver makes these nodes, but not as devices below ours.
  if (function.group && is_vfio_driver(function.driver)) {
    uses.nodes.insert(group_node(tree_, function));
  }
  const std::string minor = value_of(
      tree_, fmt::format("/proc/driver/nvidia/gpus/{}/information", to_string(function.address)),
      "Device Minor:");
  if (!minor.empty()) uses.nodes.insert("/dev/nvidia" + minor);
  return uses;
}

void UseFinder::walk(const std::string& folder, unsigned depth, Uses& uses) const {
  if (depth == kMaxDepth) return;
  for (const std::string& name : tree_.folders(folder)) {
    if (parse_address(name)) continue;  // behind a bridge: another function
    const std::string path = fmt::format("{}/{}", folder, name);
    const std::string subsystem = tree_.link_name(path + "/subsystem").value_or("");
    const std::string node = value_of(tree_, path + "/uevent", "DEVNAME=");
    if (!node.empty()) uses.nodes.insert("/dev/" + node);
    if (subsystem == "block") {
      add_block(name, uses);
      continue;  // with its partitions
    }
    if (subsystem == "net") {
      uses.interfaces.push_back({name, addresses_(name), default_route_of(name, 0)});
    }
    walk(path, depth + 1, uses);
  }
}

void UseFinder::add_block(const std::string& name, Uses& uses) const {
  const std::string disk = multipath_head(name);
  uses.disks.push_back(disk);
  uses.nodes.insert("/dev/" + disk);
  add_block_uses(disk, disk, {}, 0, uses.disk_uses);
  for (const std::string& part : partitions_of(disk)) {
    uses.nodes.insert("/dev/" + part);
    add_block_uses(part, part, {}, 0, uses.disk_uses);
  }
}

std::vector<std::string> UseFinder::partitions_of(const std::string& disk) const {
  std::vector<std::string> parts = tree_.names(block_folder(disk));
  std::erase_if(parts, [&](const std::string& part) {
    return !tree_.exists(fmt::format("{}/{}/partition", block_folder(disk), part));
  });
  return parts;
}

std::vector<DiskUse> UseFinder::uses_of_disk(const std::string& node) const {
  const std::string disk = kernel_name(tree_, node);
  std::vector<DiskUse> uses;
  add_block_uses(disk, disk, {}, 0, uses);
  for (const std::string& part : partitions_of(disk)) add_block_uses(part, part, {}, 0, uses);
  return uses;
}

DiskUse UseFinder::through_holder(const std::string& disk, const std::string& holder,
                                  const DiskUse& so_far) const {
  const std::string folder = block_folder(holder);
  DiskUse use{disk, {}, {}};
  std::string what = fmt::format("part of {}", holder);
  std::string step = fmt::format("end the use of {}", holder);
  const std::string name = tree_.word(folder + "/dm/name").value_or("");
  const std::string uuid = tree_.word(folder + "/dm/uuid").value_or("");
  if (uuid.starts_with("LVM-")) {
    what = fmt::format("part of the LVM volume {}", name);
    step = fmt::format("vgchange -an {}", volume_group(name));
  } else if (uuid.starts_with("CRYPT-")) {
    what = fmt::format("part of the encrypted volume {}", name);
    step = fmt::format("cryptsetup close {}", name);
  } else if (!name.empty()) {
    what = fmt::format("part of the device mapper volume {}", name);
    step = fmt::format("dmsetup remove {}", name);
  } else if (holder.starts_with("md")) {
    what = fmt::format("part of the RAID array {}", holder);
    step = fmt::format("mdadm --stop /dev/{}", holder);
  }
  use.what = so_far.what.empty() ? what : fmt::format("{}, {}", so_far.what, what);
  use.steps = so_far.steps;
  use.steps.insert(use.steps.begin(), step);  // what is on top ends first
  return use;
}

void UseFinder::add_block_uses(const std::string& disk, const std::string& name,
                               const DiskUse& so_far, unsigned depth,
                               std::vector<DiskUse>& out) const {
  const size_t before = out.size();
  const auto add = [&](const std::string& what, const std::string& step) {
    DiskUse use{disk, so_far.what.empty() ? what : fmt::format("{}, {}", so_far.what, what),
                so_far.steps};
    use.steps.insert(use.steps.begin(), step);
    out.push_back(std::move(use));
  };
  const std::string device = tree_.word(block_folder(name) + "/dev").value_or("");
  for (const Mount& mount : mounts_) {
    if (mount.source == name || (!device.empty() && mount.device == device)) {
      add(fmt::format("mounted at {}", mount.point), fmt::format("umount {}", mount.point));
    }
  }
  if (swaps_.contains(name)) add("used as swap", fmt::format("swapoff /dev/{}", name));
  // Members of a ZFS pool have no holders; udev knows the pool, the module whether it is imported.
  const std::string udev = "/run/udev/data/b" + device;
  const std::string pool = value_of(tree_, udev, "E:ID_FS_LABEL=");
  if (value_of(tree_, udev, "E:ID_FS_TYPE=") == "zfs_member" && !pool.empty() &&
      tree_.exists("/proc/spl/kstat/zfs/" + pool)) {
    add(fmt::format("part of the ZFS pool {}", pool), fmt::format("zpool export {}", pool));
  }
  std::vector<std::string> holders = tree_.names(block_folder(name) + "/holders");
  const auto array = raid_members_.find(name);
  if (array != raid_members_.end() &&
      std::find(holders.begin(), holders.end(), array->second) == holders.end()) {
    holders.push_back(array->second);
  }
  if (depth == kMaxHolders) return;
  for (const std::string& holder : holders) {
    add_block_uses(disk, holder, through_holder(disk, holder, so_far), depth + 1, out);
  }
  // Nothing above: that it is held is the use.
  if (out.size() == before && !so_far.what.empty()) out.push_back(so_far);
}

std::string UseFinder::default_route_of(const std::string& interface, unsigned depth) const {
  if (default_routes_.contains(interface)) return interface;
  if (depth == kMaxHolders) return {};
  constexpr std::string_view kUpper = "upper_";
  for (const std::string& name : tree_.names("/sys/class/net/" + interface)) {
    if (!name.starts_with(kUpper)) continue;
    const std::string found = default_route_of(name.substr(kUpper.size()), depth + 1);
    if (!found.empty()) return found;
  }
  return {};
}

bool sees_all_holders(const Tree& tree) {
  return std::ranges::none_of(tree.names("/proc"), [&](const std::string& process) {
    const std::string files = fmt::format("/proc/{}/fd", process);
    return is_number(process) && tree.exists(files) && !tree.is_readable(files);
  });
}

std::vector<Holder> find_holders(const Tree& tree, const std::set<std::string>& nodes) {
  std::vector<Holder> holders;
  if (nodes.empty()) return holders;
  const std::string own = std::to_string(getpid());
  for (const std::string& process : tree.names("/proc")) {
    // What we have open ourselves, a group's node above all, is in nobody's way.
    if (!is_number(process) || process == own) continue;
    const std::string folder = "/proc/" + process;
    std::set<std::string> seen;
    for (const std::string& fd : tree.names(folder + "/fd")) {
      const auto target = tree.link(fmt::format("{}/fd/{}", folder, fd));
      if (!target || !nodes.contains(*target) || !seen.insert(*target).second) continue;
      Holder holder;
      std::from_chars(process.data(), process.data() + process.size(), holder.pid);
      holder.name = tree.word(folder + "/comm").value_or("?");
      const auto cgroup = tree.lines(folder + "/cgroup");
      const std::string unit(cgroup.empty() ? "" : last_part(trimmed(cgroup.back())));
      if (unit.ends_with(".service") || unit.ends_with(".scope")) holder.unit = unit;
      holder.node = *target;
      holders.push_back(std::move(holder));
    }
  }
  std::sort(holders.begin(), holders.end(), [](const Holder& a, const Holder& b) {
    return std::tie(a.pid, a.node) < std::tie(b.pid, b.node);
  });
  return holders;
}

}  // namespace lintel::passthrough::host
