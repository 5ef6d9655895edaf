// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/doctor.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"
#include "vmm/config/doctor_devices.h"

namespace lintel::doctor {

namespace {

// The first word of a small file of the kernel's, or nothing.
std::optional<std::string> read_word(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  if (file >> word) return word;
  return std::nullopt;
}

Finding check_kvm(const Host& host) {
  try {
    host.use_kvm();
    return {"kvm", Verdict::kOk, "/dev/kvm runs guests"};
  } catch (const Error& error) {
    return {"kvm", Verdict::kFail, error.what(), error.help()};
  }
}

Finding check_nested(const Host& host) {
  for (const char* module : {"kvm_intel", "kvm_amd"}) {
    const auto value =
        read_word(fmt::format("{}/sys/module/{}/parameters/nested", host.root, module));
    if (!value) continue;
    if (*value == "Y" || *value == "1") {
      return {"nested", Verdict::kOk, fmt::format("{} lets guests run machines", module)};
    }
    return {"nested", Verdict::kWarn,
            fmt::format("{} does not let guests run machines (cpu.nested)", module),
            fmt::format("load {0} with nested=1: echo options {0} nested=1 > "
                        "/etc/modprobe.d/kvm.conf",
                        module)};
  }
  return {"nested", Verdict::kWarn, "unknown: neither kvm_intel nor kvm_amd is loaded"};
}

Finding check_hugepages(const Host& host) {
  const std::string folder = host.root + "/sys/kernel/mm/";
  std::string text;
  for (const auto& [size, name] : {std::pair{"2M", "2048kB"}, std::pair{"1G", "1048576kB"}}) {
    const auto free =
        read_word(fmt::format("{}hugepages/hugepages-{}/free_hugepages", folder, name));
    text += fmt::format("{} of {} free, ", free.value_or("none"), size);
  }
  std::ifstream file(folder + "transparent_hugepage/enabled");
  std::string modes;
  std::getline(file, modes);
  if (modes.find("[never]") == std::string::npos && !modes.empty()) {
    return {"hugepages", Verdict::kOk, text + "transparent ones on"};
  }
  return {"hugepages", Verdict::kWarn, text + "transparent ones off",
          "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"};
}

Finding check_io_uring(const Host&) {
  io_uring_params params{};
  const UniqueFd fd(static_cast<int>(syscall(__NR_io_uring_setup, 1, &params)));
  if (fd) return {"io_uring", Verdict::kOk, "available"};
  return {"io_uring", Verdict::kWarn,
          fmt::format("not available ({}): disks are slower", errno_text(errno)),
          "sysctl kernel.io_uring_disabled=0, where the kernel has it"};
}

Finding check_device(const Host& host, std::string_view name, std::string_view node,
                     std::string_view use, std::string_view module) {
  const UniqueFd fd(open(fmt::format("{}{}", host.root, node).c_str(), O_RDWR | O_CLOEXEC));
  if (fd) return {std::string(name), Verdict::kOk, fmt::format("{} is usable", node)};
  const bool permission = errno == EACCES || errno == EPERM;
  return {std::string(name), Verdict::kWarn,
          fmt::format("cannot open {} ({}): {}", node, errno_text(errno), use),
          permission ? fmt::format("run as root, or give yourself access to {}", node)
                     : fmt::format("modprobe {}", module)};
}

Finding check_tap(const Host& host) {
  return check_device(host, "tap", "/dev/net/tun", "no net.type \"tap\"", "tun");
}

Finding check_vhost_net(const Host& host) {
  return check_device(host, "vhost-net", "/dev/vhost-net", "tap interfaces are slower",
                      "vhost_net");
}

Finding check_vhost_vsock(const Host& host) {
  return check_device(host, "vhost-vsock", "/dev/vhost-vsock", "no [vsock]", "vhost_vsock");
}

Finding check_passt(const Host& host) {
  std::string_view rest = host.search_path;
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    const std::string program = fmt::format("{}/passt", folder);
    if (access(program.c_str(), X_OK) == 0) return {"passt", Verdict::kOk, program};
  }
  return {"passt", Verdict::kWarn, "not installed: no net.type \"user\"", "apt-get install passt"};
}

struct Check {
  std::string_view name;
  Finding (*run)(const Host& host);
};

constexpr std::array kChecks{Check{"kvm", check_kvm},
                             Check{"nested", check_nested},
                             Check{"virtual", check_virtual_host},
                             Check{"hugepages", check_hugepages},
                             Check{"iommu", check_iommu},
                             Check{"interrupt-remapping", check_interrupts},
                             Check{"vfio-pci", check_vfio_driver},
                             Check{"vfio", check_vfio_nodes},
                             Check{"memlock", check_memlock},
                             Check{"io_uring", check_io_uring},
                             Check{"tap", check_tap},
                             Check{"vhost-net", check_vhost_net},
                             Check{"vhost-vsock", check_vhost_vsock},
                             Check{"passt", check_passt}};

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk: return "ok";
    case Verdict::kWarn: return "warn";
    case Verdict::kFail: return "fail";
  }
  return {};
}

}  // namespace

std::string check_names() {
  std::string names;
  for (const Check& check : kChecks) {
    names += fmt::format("{}{}", names.empty() ? "" : "|", check.name);
  }
  return names;
}

std::vector<Finding> examine(const Host& host, std::string_view only) {
  std::vector<Finding> findings;
  for (const Check& check : kChecks) {
    if (only.empty() || only == check.name) findings.push_back(check.run(host));
  }
  return findings;
}

std::vector<Finding> complaints(std::vector<Finding> findings) {
  std::erase_if(findings, [](const Finding& f) { return f.verdict == Verdict::kOk; });
  return findings;
}

bool failed(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.verdict == Verdict::kFail; });
}

std::string to_text(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    out += fmt::format("{:<5} {}: {}\n", name_of(finding.verdict), finding.name, finding.message);
    if (!finding.help.empty()) out += fmt::format("      help: {}\n", finding.help);
  }
  return out;
}

std::string to_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    nlohmann::ordered_json item;
    item["name"] = finding.name;
    item["verdict"] = name_of(finding.verdict);
    item["message"] = finding.message;
    item["help"] = finding.help;
    list.push_back(std::move(item));
  }
  return list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace lintel::doctor
