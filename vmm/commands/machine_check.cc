// SPDX-License-Identifier: Apache-2.0
#include "vmm/commands/machine_check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "passthrough/host/uses.h"
#include "vmm/base/error.h"
#include "vmm/base/text.h"
#include "vmm/base/unique_fd.h"
#include "vmm/commands/used_ports.h"
#include "vmm/config/units.h"
#include "vmm/virtio/backend/disk.h"

namespace lintel::commands {

namespace {

using config::ProblemId;
using passthrough::host::words;

// linux/if_tun.h and linux/if.h.
constexpr uint64_t kIffTap = 0x2;
constexpr uint64_t kIffMultiQueue = 0x100;
constexpr uint64_t kIffUp = 0x1;

// "0-3,8": how many.
unsigned count_cpus(std::string_view list) {
  unsigned count = 0;
  while (!list.empty()) {
    const std::string_view part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), part.size() + 1));
    unsigned first = 0;
    const auto end = std::from_chars(part.data(), part.data() + part.size(), first);
    if (end.ec != std::errc{}) return 0;
    unsigned last = first;
    if (*end.ptr == '-') std::from_chars(end.ptr + 1, part.data() + part.size(), last);
    count += last - first + 1;
  }
  return count;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

bool may(const std::string& path, int mode) {
  return faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

class MachineCheck {
 public:
  MachineCheck(const MachineHost& host, const config::Config& config, const config::Places& places,
               config::Diagnostics& diagnostics)
      : host_(host), config_(config), places_(places), diagnostics_(diagnostics) {}

  void run() {
    check_cpus();
    check_huge_pages();
    check_memory();
    check_console();
    for (size_t i = 0; i < config_.disks.size(); ++i) check_disk(i);
    for (size_t i = 0; i < config_.nets.size(); ++i) check_net(i);
    if (config_.vsock.cid) {
      check_node("/dev/vhost-vsock", "vhost_vsock", places_.of("vsock", "cid"));
    }
    for (size_t i = 0; i < config_.pcis.size(); ++i) check_server(i);
    check_run_folder();
  }

 private:
  struct Trouble {
    std::string message;
    std::string help = {};
  };
  void error(ProblemId id, const config::Origin& origin, Trouble trouble) {
    diagnostics_.error(id, origin, trouble.message).help = std::move(trouble.help);
  }
  void warning(ProblemId id, const config::Origin& origin, Trouble trouble) {
    diagnostics_.warning(id, origin, trouble.message).help = std::move(trouble.help);
  }

  void check_cpus() {
    const uint32_t wanted = config_.cpu.count;
    const config::Origin origin = places_.of("cpu", "count");
    try {
      const unsigned most = host_.kvm_cpus();
      if (wanted > most) {
        error(ProblemId::kCpus, origin,
              {fmt::format("this host's KVM gives a guest at most {} processors, not {}", most,
                           wanted),
               "lower cpu.count"});
      }
    } catch (const Error& failure) {
      error(ProblemId::kKvm, {}, {join(failure.messages(), ": "), failure.help()});
    }
    const unsigned there =
        count_cpus(host_.tree.word("/sys/devices/system/cpu/online").value_or(""));
    if (there == 0 || wanted <= there) return;
    warning(ProblemId::kCpus, origin,
            {fmt::format("the guest has {} processors, and this host {}: they run by turns, and "
                         "wait for each other",
                         wanted, there),
             "lower cpu.count"});
  }

  void check_huge_pages() {
    const HugePages pages = config_.memory.backing.huge_pages;
    if (pages != HugePages::k2MiB && pages != HugePages::k1GiB) return;
    const uint64_t size = pages == HugePages::k2MiB ? 2 * kMiB : kGiB;
    const std::string folder = fmt::format("/sys/kernel/mm/hugepages/hugepages-{}kB", size >> 10);
    const config::Origin origin = places_.of("memory", "hugepages");
    if (!host_.tree.exists(folder)) {
      error(ProblemId::kHostMemory, origin,
            {fmt::format("this host has no pages of {}", format_size(size)),
             "set memory.hugepages to another size, or \"transparent\""});
      return;
    }
    // Documentation/admin-guide/mm/hugetlbpage.rst: what is free but promised, and what may be
    // made.
    const auto number = [&](std::string_view name) {
      return host_.tree.number(fmt::format("{}/{}_hugepages", folder, name)).value_or(0);
    };
    const auto less = [](uint64_t a, uint64_t b) { return a - std::min(a, b); };
    const uint64_t there =
        less(number("free"), number("resv")) + less(number("nr_overcommit"), number("surplus"));
    const uint64_t wanted = config_.memory.size / size;
    if (wanted <= there) return;
    error(
        ProblemId::kHostMemory, origin,
        {fmt::format("the guest's RAM is {} pages of {}, and this host has {} left", wanted,
                     format_size(size), there),
         fmt::format("as root: echo {} > {}/nr_hugepages", number("nr") + wanted - there, folder)});
  }

  void check_memory() {
    const HugePages pages = config_.memory.backing.huge_pages;
    if (pages == HugePages::k2MiB || pages == HugePages::k1GiB) return;
    uint64_t total = 0;
    uint64_t available = 0;
    for (const std::string& line : host_.tree.lines("/proc/meminfo")) {
      const std::vector<std::string> parts = words(line);  // "MemTotal:  16384 kB"
      if (parts.size() < 2) continue;
      uint64_t* value = parts[0] == "MemTotal:"       ? &total
                        : parts[0] == "MemAvailable:" ? &available
                                                      : nullptr;
      if (value == nullptr) continue;
      std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), *value);
    }
    const bool at_once = config_.memory.backing.prefault ||
                         std::ranges::any_of(config_.pcis, [](const config::PciConfig& pci) {
                           return pci.device.has_value();
                         });
    const uint64_t there = (at_once ? available : total) * kKiB;
    if (there == 0 || config_.memory.size <= there) return;
    warning(ProblemId::kHostMemory, places_.of("memory", "size"),
            {fmt::format("the guest's RAM is {} MiB, and this host has {} MiB{}",
                         config_.memory.size / kMiB, there / kMiB,
                         at_once ? " available: all of it is taken at the start" : ""),
             "lower memory.size"});
  }

  void check_console() {
    const config::ConsoleConfig& console = config_.console;
    const config::Origin origin = places_.of("console", "path");
    if (console.type == config::ConsoleType::kNone || console.path.empty()) return;
    struct stat status{};
    const bool there = stat(console.path.c_str(), &status) == 0;
    const bool socket = console.mode == config::ConsoleMode::kSocket;
    if (there && socket && !S_ISSOCK(status.st_mode)) {
      error(ProblemId::kConsole, origin,
            {fmt::format("{} is there and is no socket", console.path), "give another path"});
    } else if (there && S_ISDIR(status.st_mode)) {
      error(ProblemId::kConsole, origin,
            {fmt::format("{} is a directory", console.path), "give the name of a file in it"});
    } else if (socket && console.path.size() >= sizeof sockaddr_un::sun_path) {
      error(ProblemId::kConsole, origin,
            {fmt::format("{} is too long for a socket's path (at most {} bytes)", console.path,
                         sizeof sockaddr_un::sun_path - 1),
             "give a shorter one"});
    } else {
      const std::string needed = there && !socket ? console.path : folder_of(console.path);
      if (!may(needed, W_OK)) {
        const int code = errno;
        error(ProblemId::kConsole, origin,
              {fmt::format("you cannot write to {}: {}", needed, errno_text(code)),
               code == ENOENT ? "make that folder" : "give your user the right to write there"});
      }
    }
  }

  void check_disk(size_t index) {
    const config::DiskConfig& disk = config_.disks[index];
    const config::Origin origin = places_.of("disk", index, "path");
    struct stat status{};
    if (stat(disk.path.c_str(), &status) != 0) {
      error(ProblemId::kDisk, origin,
            {fmt::format("there is no disk {}: {}", disk.path, errno_text(errno)),
             fmt::format("create it, for example: truncate -s 10G {}", disk.path)});
      return;
    }
    const bool block = S_ISBLK(status.st_mode);
    if (!block && !S_ISREG(status.st_mode)) {
      error(ProblemId::kDisk, origin,
            {fmt::format("{} is neither a regular file nor a block device", disk.path),
             "only those can be disks"});
      return;
    }
    if (!disk.readonly && !may(disk.path, W_OK)) {
      error(ProblemId::kDisk, places_.of("disk", index, "path"),
            {fmt::format("you cannot write to {}: {}", disk.path, errno_text(errno)),
             "give your user the right to write it, or set readonly = true for this disk"});
    } else if (const UniqueFd fd(open(disk.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC |
                                                             (disk.direct ? O_DIRECT : 0)));
               !fd) {
      const bool direct = disk.direct && errno == EINVAL;
      error(ProblemId::kDisk, direct ? places_.of("disk", index, "direct") : origin,
            {fmt::format("cannot open {}: {}", disk.path, errno_text(errno)),
             direct ? "its file system has no direct I/O: set direct = false for this disk"
                    : "give your user the right to read it"});
    }
    if (block && !disk.readonly) check_uses(disk.path, origin);
    const std::string holder =
        virtio::disk_lock_holder({.path = disk.path, .readonly = disk.readonly});
    if (holder.empty()) return;
    error(ProblemId::kDisk, origin,
          {fmt::format("{} is locked by {}", disk.path, holder),
           "stop that process first; two machines can share a disk only if both have it with "
           "readonly = true"});
  }

  void check_uses(const std::string& path, const config::Origin& origin) {
    if (!finder_) finder_.emplace(host_.tree);
    for (const passthrough::host::DiskUse& use : finder_->uses_of_disk(path)) {
      error(ProblemId::kDisk, origin,
            {fmt::format("the host uses {}: {} is {}", path, use.disk, use.what),
             use.steps.empty() ? "end that use first" : join(use.steps, "; ")});
    }
  }

  void check_net(size_t index) {
    const config::NetConfig& net = config_.nets[index];
    switch (net.type) {
      case config::NetType::kNone: break;
      case config::NetType::kTap: check_tap(index); break;
      case config::NetType::kUser:
        check_program("passt", places_.of("net", index, "type"));
        for (const config::PortForward& forward : net.forward) {
          check_port(forward, places_.of("net", index, "forward"));
        }
        break;
    }
  }

  void check_tap(size_t index) {
    const config::NetConfig& net = config_.nets[index];
    const config::Origin origin = places_.of("net", index, "tap");
    check_node("/dev/net/tun", "tun", origin);
    if (net.vhost == config::Vhost::kOn) {
      check_node("/dev/vhost-net", "vhost_net", places_.of("net", index, "vhost"));
    }
    const std::string folder = "/sys/class/net/" + net.tap;
    const std::string make = fmt::format(
        "ip tuntap add {0} mode tap vnet_hdr user $USER && ip link set {0} up", net.tap);
    if (!host_.tree.exists(folder)) {
      error(ProblemId::kInterface, origin,
            {fmt::format("there is no interface {}", net.tap), make});
      return;
    }
    const uint64_t kind = host_.tree.number(folder + "/tun_flags").value_or(0);
    if ((kind & (kIffTap | kIffMultiQueue)) != kIffTap) {
      error(ProblemId::kInterface, origin,
            {fmt::format("{} is no plain tap interface", net.tap),
             fmt::format("tun, multi_queue or another kind of interface does not do: ip -d link "
                         "show {}",
                         net.tap)});
      return;
    }
    const auto owner = host_.tree.number(folder + "/owner");  // "-1", anybody, is no number here
    if (owner && *owner != host_.user && host_.user != 0) {
      error(ProblemId::kInterface, origin,
            {fmt::format("{} is the user {}'s, and you are {}", net.tap, *owner, host_.user),
             fmt::format("ip tuntap del {} mode tap && {}", net.tap, make)});
    }
    if ((host_.tree.number(folder + "/flags").value_or(kIffUp) & kIffUp) == 0) {
      warning(ProblemId::kInterface, origin,
              {fmt::format("{} is down, no packet will pass", net.tap),
               fmt::format("ip link set {} up", net.tap)});
    } else if (host_.tree.number(folder + "/carrier") == 1) {
      // It has a carrier as long as a program has it open.
      error(ProblemId::kInterface, origin,
            {fmt::format("another program has {} open", net.tap), "one VM for each interface"});
    }
    const std::string bridge = host_.tree.link_name(folder + "/master").value_or("");
    const uint64_t flags =
        host_.tree.number(fmt::format("/sys/class/net/{}/flags", bridge)).value_or(kIffUp);
    if (bridge.empty() || (flags & kIffUp) != 0) return;
    warning(ProblemId::kInterface, origin,
            {fmt::format("{} is part of {}, which is down", net.tap, bridge),
             fmt::format("ip link set {} up", bridge)});
  }

  void check_program(const std::string& name, const config::Origin& origin) {
    std::string_view rest = host_.search_path;
    while (!rest.empty()) {
      const std::string_view folder = rest.substr(0, rest.find(':'));
      rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
      if (may(fmt::format("{}/{}", folder, name), X_OK)) return;
    }
    error(ProblemId::kProgram, origin,
          {fmt::format("{} is not installed", name),
           fmt::format("apt install {}, or set net.type to \"tap\" or \"none\"", name)});
  }

  void check_port(const config::PortForward& forward, const config::Origin& origin) {
    const bool udp = forward.transport == config::Transport::kUdp;
    const std::string port = fmt::format("{} port {}", udp ? "UDP" : "TCP", forward.host_port);
    if (is_port_used(host_.tree, {udp, forward.host_address, forward.host_port})) {
      error(ProblemId::kPort, origin,
            {fmt::format("{} of this host is taken", port),
             fmt::format("forward another one; `ss -lp{} sport = {}` says who has it",
                         udp ? 'u' : 't', forward.host_port)});
    }
    constexpr std::string_view kFirst = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    if (host_.user == 0 || forward.host_port >= host_.tree.number(kFirst).value_or(0)) return;
    error(ProblemId::kPort, origin,
          {fmt::format("{} is root's", port), fmt::format("forward another one, or as root: sysctl "
                                                          "net.ipv4.ip_unprivileged_port_start={}",
                                                          forward.host_port)});
  }

  void check_node(const std::string& node, const std::string& module,
                  const config::Origin& origin) {
    if (host_.tree.is_writable(node)) return;
    if (!host_.tree.exists(node)) {
      error(ProblemId::kNode, origin,
            {fmt::format("there is no {}", node),
             fmt::format("load the kernel's module: modprobe {}", module)});
    } else {
      error(ProblemId::kNode, origin,
            {fmt::format("you may not open {}", node),
             fmt::format("give the user access, for example: setfacl -m u:$USER:rw {}", node)});
    }
  }

  void check_server(size_t index) {
    const std::string& path = config_.pcis[index].socket;
    if (path.empty()) return;
    const config::Origin origin = places_.of("pci", index, "socket");
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) {
      error(ProblemId::kSocket, origin,
            {fmt::format("there is no socket {}: {}", path, errno_text(errno)),
             "start the device's server first"});
    } else if (!S_ISSOCK(status.st_mode)) {
      error(ProblemId::kSocket, origin,
            {fmt::format("{} is no socket", path), "give that of a vfio-user server"});
    } else if (!may(path, W_OK)) {
      error(ProblemId::kSocket, origin,
            {fmt::format("you may not connect to {}", path),
             "give your user the right to write to it"});
    }
  }

  // Without a control socket a machine runs all the same.
  void check_run_folder() {
    if (host_.run_folder.empty()) {
      warning(ProblemId::kSocket, {},
              {"there will be no control socket: XDG_RUNTIME_DIR is not set",
               "run it in a session of your own, or as root"});
      return;
    }
    std::error_code code;
    const bool there = std::filesystem::exists(host_.run_folder, code);
    const std::string folder = there ? host_.run_folder : folder_of(host_.run_folder);
    if (may(folder, W_OK | X_OK)) return;
    warning(ProblemId::kSocket, {},
            {fmt::format("there will be no control socket: you cannot write to {}: {}", folder,
                         errno_text(errno)),
             "give your user the right to write there"});
  }

  const MachineHost& host_;
  const config::Config& config_;
  const config::Places& places_;
  config::Diagnostics& diagnostics_;
  std::optional<passthrough::host::UseFinder> finder_;
};

}  // namespace

void check_machine(const MachineHost& host, const config::Config& config,
                   const config::Places& places, config::Diagnostics& diagnostics) {
  MachineCheck(host, config, places, diagnostics).run();
}

}  // namespace lintel::commands
