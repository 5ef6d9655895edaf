// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>

#include <fmt/format.h>

#include "passthrough/host/config_patch.h"
#include "vmm/base/error.h"
#include "vmm/base/run_folder.h"
#include "vmm/base/text.h"
#include "vmm/config/units.h"

namespace lintel::config {

namespace {

// FNV-1a, because the address must be the same in every release.
uint64_t stable_hash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

MacAddress automatic_mac(std::string_view name, size_t index) {
  const uint64_t hash = stable_hash(fmt::format("{}/{}", name, index));
  MacAddress mac{};
  for (size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<uint8_t>(hash >> (8 * i));
  // Locally administered, one station (IEEE 802 section 8.2.2).
  mac[0] = static_cast<uint8_t>((mac[0] & 0xfc) | 0x02);
  return mac;
}

void fill_topology(CpuConfig& cpu) {
  CpuTopology& topology = cpu.topology;
  if (topology.sockets == 0) topology.sockets = 1;
  if (topology.threads == 0) topology.threads = 1;
  if (topology.cores == 0) {
    topology.cores = std::max<uint32_t>(1, cpu.count / (topology.sockets * topology.threads));
  }
}

class Conflicts {
 public:
  Conflicts(const Config& config, const Places& places, Diagnostics& diagnostics)
      : config_(config), places_(places), diagnostics_(diagnostics) {}

  void check_cpu_limit(Architecture architecture) {
    if (architecture != Architecture::kArm64) return;
    const bool v2 = config_.vm.gic == GicVersion::kV2;
    const uint32_t limit = v2 ? kGicV2MaxCpus : kGicV3MaxCpus;
    if (config_.cpu.count <= limit) return;
    Problem& problem =
        diagnostics_.error(ProblemId::kConflict, where("cpu", "count"),
                           fmt::format("cpu.count is {}, but a GICv{} serves at most {} CPUs",
                                       config_.cpu.count, v2 ? 2 : 3, limit));
    if (v2) problem.help = "lower cpu.count, or set vm.gic to \"3\"";
  }

  void check_name() {
    const std::string& name = config_.vm.name;
    if (can_name_machine(name)) return;
    diagnostics_
        .error(ProblemId::kConflict, where("vm", "name"),
               fmt::format("a machine cannot have the name \"{}\"", name))
        .help =
        "no '.' in front, no \".sock\" at the end, and not \"lock\" or \"bound.json\": "
        "files of Lintel's have such names";
  }

  void check_cpu() {
    const CpuTopology& topology = config_.cpu.topology;
    const uint64_t product = uint64_t{topology.sockets} * topology.cores * topology.threads;
    if (product == config_.cpu.count) return;
    diagnostics_.error(
        ProblemId::kConflict, where("cpu", "topology"),
        fmt::format("cpu.topology has {} sockets x {} cores x {} threads = {} CPUs, but "
                    "cpu.count is {}",
                    topology.sockets, topology.cores, topology.threads, product,
                    config_.cpu.count));
  }

  void check_memory() {
    const MemoryConfig& memory = config_.memory;
    const bool gigantic = memory.backing.huge_pages == HugePages::k1GiB;
    const uint64_t unit = gigantic ? uint64_t{1} << 30 : uint64_t{2} << 20;
    if (memory.size % unit == 0) return;
    const uint64_t rounded = (memory.size / unit + 1) * unit;
    diagnostics_
        .error(ProblemId::kConflict, where("memory", "size"),
               fmt::format("memory.size must be a multiple of {}{}", format_size(unit),
                           gigantic ? " with these hugepages" : ""))
        .help = fmt::format("the next multiple is \"{}\"", format_size(rounded));
  }

  void check_console() {
    const ConsoleConfig& console = config_.console;
    const bool wants_path =
        console.mode == ConsoleMode::kFile || console.mode == ConsoleMode::kSocket;
    if (wants_path && console.path.empty()) {
      diagnostics_.error(ProblemId::kMissing, where("console", "mode"),
                         "console.mode \"file\" and \"socket\" need console.path");
    }
    if (!wants_path && !console.path.empty()) {
      diagnostics_
          .error(ProblemId::kConflict, where("console", "path"),
                 "console.path has no use with this console.mode")
          .help = R"(set console.mode to "file" or "socket", or remove the path)";
    }
  }

  // A blank screen is the commonest first experience with a kernel of one's own.
  void warn_silent_console(Architecture architecture) {
    const bool serial = config_.console.type == ConsoleType::kSerial;
    if (config_.console.type == ConsoleType::kNone) return;
    if (config_.boot.format == KernelFormat::kFlat) return;  // no Linux, no command line
    const std::string_view device = !serial                                ? "hvc0"
                                    : architecture == Architecture::kArm64 ? "ttyAMA0"
                                                                           : "ttyS0";
    const std::string wanted = fmt::format("console={}", device);
    if (config_.boot.cmdline.find(wanted) != std::string::npos) return;
    diagnostics_
        .warning(ProblemId::kSilentConsole, where("boot", "cmdline"),
                 fmt::format("without {} in boot.cmdline most kernels print nothing on the {} "
                             "console",
                             wanted, serial ? "serial" : "virtio"))
        .help = fmt::format("add {} to boot.cmdline, or set console.type", wanted);
  }

  void check_disks() {
    for (size_t i = 0; i < config_.disks.size(); ++i) {
      const DiskConfig& disk = config_.disks[i];
      once("disk", i, "id", disk.id, ids_);
      const auto [first, added] = disk_files_.try_emplace(identity(disk.path), i);
      const bool shareable = disk.readonly && config_.disks[first->second].readonly;
      if (added || shareable) continue;
      Problem& problem = diagnostics_.error(
          ProblemId::kConflict, where("disk", i, "path"),
          fmt::format("two disks write to {}: each would destroy the other's file system",
                      disk.path));
      problem.notes.push_back(fmt::format("the first is \"{}\"", config_.disks[first->second].id));
      problem.help = "give each disk a file of its own, or set readonly = true for both";
    }
  }

  void check_pci() {
    const bool passes = !config_.pcis.empty() || config_.pci_bus.hotplug_ports != 0;
    if (passes && config_.balloon.enabled) {
      diagnostics_
          .error(ProblemId::kConflict, where("balloon", 0, "enabled"),
                 "A balloon gives memory back, and passed devices keep all of it pinned")
          .help = config_.pcis.empty() ? "remove [balloon] or pci_bus.hotplug_ports"
                                       : "remove [balloon] or [[pci]]";
    }
    for (size_t i = 0; i < config_.pcis.size(); ++i) {
      const PciConfig& device = config_.pcis[i];
      once("pci", i, "id", device.id, ids_);
      if (device.device.has_value() != device.socket.empty()) {
        diagnostics_
            .error(ProblemId::kConflict, where("pci", i, device.socket.empty() ? "id" : "socket"),
                   "[[pci]] needs either `device` or `socket`")
            .help =
            R"(device = "0000:01:00.0" for one of the host, as `lintel devices` lists them)";
      }
      if (!device.socket.empty() && !config_.memory.backing.shared) {
        diagnostics_
            .error(ProblemId::kConflict, where("pci", i, "socket"),
                   "pci.socket needs the guest's memory in a file that its server can map")
            .help = "set memory.shared = true";
      }
      if (device.device) once("pci", i, "device", to_string(*device.device), pci_devices_);
      if (device.vga) once("pci", i, "vga", "true", vga_);
      if (!device.guest_address.empty()) {
        once("pci", i, "guest_address", lower(device.guest_address), pci_slots_);
      }
      const auto* ids =
          device.device ? std::get_if<passthrough::host::PciIds>(&*device.device) : nullptr;
      if (ids != nullptr && device.expect && *ids != *device.expect) {
        diagnostics_.error(ProblemId::kConflict, where("pci", i, "expect"),
                           fmt::format("pci.expect {} is not pci.device {}",
                                       to_string(*device.expect), to_string(*ids)));
      }
      if (device.rebar != "keep" && device.bind == PciBind::kManual) {
        diagnostics_
            .error(ProblemId::kConflict, where("pci", i, "rebar"),
                   "pci.rebar changes the device, which pci.bind \"manual\" does not")
            .help = R"(set bind = "auto", or rebar = "keep")";
      }
      check_patches(i);
    }
  }

  void check_patches(size_t pci) {
    for (const std::string& text : config_.pcis[pci].patch) {
      try {
        passthrough::host::parse_patch(text);
      } catch (const Error& error) {
        diagnostics_.error(ProblemId::kConflict, where("pci", pci, "patch"), error.what()).help =
            error.help();
      }
    }
  }

  void check_nets() {
    for (size_t i = 0; i < config_.nets.size(); ++i) {
      const NetConfig& net = config_.nets[i];
      once("net", i, "id", net.id, ids_);
      once("net", i, "mac", net.mac ? format_mac(*net.mac) : "", macs_);
      check_net_type(net, i);
      for (const PortForward& forward : net.forward) {
        const bool tcp = forward.transport == Transport::kTcp;
        once("net", i, "forward",
             fmt::format("{} port {}{}", tcp ? "TCP" : "UDP", forward.host_port,
                         forward.host_address.empty() ? "" : " of " + forward.host_address),
             ports_);
      }
    }
  }

 private:
  void check_net_type(const NetConfig& net, size_t index) {
    const bool tap = net.type == NetType::kTap;
    if (tap && net.tap.empty()) {
      diagnostics_
          .error(ProblemId::kMissing, where("net", index, "type"),
                 R"(net.type "tap" needs the interface's name in net.tap)")
          .help = R"(add tap = "tap0")";
    }
    if (!tap && !net.tap.empty()) {
      diagnostics_.error(ProblemId::kConflict, where("net", index, "tap"),
                         R"(net.tap needs net.type "tap")");
    }
    if (!tap && net.vhost == Vhost::kOn) {
      diagnostics_.error(ProblemId::kConflict, where("net", index, "vhost"),
                         R"(net.vhost "on" needs net.type "tap")");
    }
    if (net.type != NetType::kUser && !net.forward.empty()) {
      diagnostics_.error(ProblemId::kConflict, where("net", index, "forward"),
                         R"(net.forward needs net.type "user")");
    }
    if (tap && !net.tap.empty()) once("net", index, "tap", net.tap, taps_);
  }

  static std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
  }

  using Seen = std::map<std::string, std::string>;  // a value and the place of its first use

  void once(std::string_view section, size_t index, std::string_view key, const std::string& value,
            Seen& seen) {
    const std::string place = fmt::format("[[{}]] number {}", section, index + 1);
    const auto [first, added] = seen.try_emplace(value, place);
    if (added) return;
    diagnostics_
        .error(ProblemId::kConflict, where(section, index, key),
               fmt::format("{}.{}: {} is used twice", section, key, value))
        .notes.push_back(fmt::format("first in {}", first->second));
  }

  // Two names of one file are one file.
  static std::string identity(const std::string& path) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) return path;
    if (S_ISBLK(status.st_mode)) return fmt::format("device {}", status.st_rdev);
    return fmt::format("inode {}/{}", status.st_dev, status.st_ino);
  }

  Origin where(std::string_view section, std::string_view key) const {
    return places_.of(section, key);
  }
  Origin where(std::string_view section, size_t index, std::string_view key) const {
    return places_.of(section, index, key);
  }

  const Config& config_;
  const Places& places_;
  Diagnostics& diagnostics_;
  Seen ids_;
  Seen macs_;
  Seen taps_;
  Seen ports_;
  Seen pci_devices_;
  Seen pci_slots_;
  Seen vga_;
  std::map<std::string, size_t> disk_files_;
};

}  // namespace

void fill_automatic(Config& config, std::string_view default_name) {
  if (config.vm.name.empty()) config.vm.name = default_name;
  fill_topology(config.cpu);
  for (size_t i = 0; i < config.disks.size(); ++i) {
    DiskConfig& disk = config.disks[i];
    if (disk.id.empty()) disk.id = fmt::format("disk{}", i);
    if (disk.serial.empty()) disk.serial = disk.id.substr(0, 20);
  }
  for (size_t i = 0; i < config.nets.size(); ++i) {
    NetConfig& net = config.nets[i];
    if (net.id.empty()) net.id = fmt::format("net{}", i);
    if (!net.mac) net.mac = automatic_mac(config.vm.name, i);
  }
  for (size_t i = 0; i < config.pcis.size(); ++i) {
    if (config.pcis[i].id.empty()) config.pcis[i].id = fmt::format("pci{}", i);
  }
}

void check_conflicts(const Config& config, const Places& places, const Reader& reader,
                     Diagnostics& diagnostics) {
  Conflicts conflicts(config, places, diagnostics);
  if (!reader.failed("vm")) conflicts.check_name();
  if (!reader.failed("cpu") && !reader.failed("cpu.topology")) conflicts.check_cpu();
  if (!reader.failed("vm") && !reader.failed("cpu")) {
    conflicts.check_cpu_limit(reader.architecture());
  }
  if (!reader.failed("memory")) conflicts.check_memory();
  if (!reader.failed("console")) conflicts.check_console();
  if (!reader.failed("console") && !reader.failed("boot")) {
    conflicts.warn_silent_console(reader.architecture());
  }
  if (!reader.failed("disk")) conflicts.check_disks();
  if (!reader.failed("net")) conflicts.check_nets();
  if (!reader.failed("pci")) conflicts.check_pci();
}

void check_files(const std::vector<FileReference>& files, Diagnostics& diagnostics) {
  for (const FileReference& file : files) {
    struct stat status{};
    std::string trouble;
    if (stat(file.path.c_str(), &status) != 0 || access(file.path.c_str(), R_OK) != 0) {
      trouble = errno_text(errno);
    } else if (S_ISDIR(status.st_mode)) {
      trouble = "it is a directory";
    } else {
      continue;
    }
    diagnostics.error(ProblemId::kFile, file.origin,
                      fmt::format("{}: cannot use {}: {}", file.key, file.path, trouble));
  }
}

}  // namespace lintel::config
