// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/doctor_devices.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "passthrough/host/inventory.h"
#include "passthrough/host/limits.h"
#include "passthrough/host/tree.h"

namespace lintel::doctor {

namespace {

using namespace passthrough::host;

// The first value of a key in /proc/cpuinfo.
std::string cpu_value(const Tree& tree, std::string_view key) {
  for (const std::string& line : tree.lines("/proc/cpuinfo")) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    if (trimmed(std::string_view(line).substr(0, colon)) != key) continue;
    return std::string(trimmed(std::string_view(line).substr(colon + 1)));
  }
  return {};
}

bool has_word(const std::string& text, std::string_view word) {
  const std::vector<std::string> all = words(text);
  return std::ranges::find(all, word) != all.end();
}

enum class Maker : uint8_t { kIntel, kAmd, kArm };

Maker maker_of(const Tree& tree) {
  const std::string vendor = cpu_value(tree, "vendor_id");
  if (vendor == "AuthenticAMD" || vendor == "HygonGenuine") return Maker::kAmd;
  return vendor.empty() ? Maker::kArm : Maker::kIntel;
}

// Who runs this host as a guest: "QEMU"; nothing if nobody is known to.
std::optional<std::string> hypervisor(const Tree& tree) {
  constexpr std::string_view kNames[] = {"QEMU",       "KVM",    "VMware",          "VirtualBox",
                                         "Amazon EC2", "Google", "Virtual Machine", "Parallels"};
  std::string dmi;
  for (const std::string_view file : {"sys_vendor", "product_name"}) {
    dmi += tree.word(fmt::format("/sys/class/dmi/id/{}", file)).value_or("") + " ";
  }
  const auto* const known = std::ranges::find_if(
      kNames, [&](std::string_view name) { return dmi.find(name) != std::string::npos; });
  // CPUID.1:ECX[31] on x86; a node of the device tree on arm64.
  const bool told = has_word(cpu_value(tree, "flags"), "hypervisor") ||
                    tree.exists("/proc/device-tree/hypervisor");
  if (!told && (known == std::end(kNames) || maker_of(tree) != Maker::kArm)) return std::nullopt;
  return std::string(known == std::end(kNames) ? "an unknown hypervisor" : *known);
}

// Of the command line of the host's kernel, "intel_iommu=off".
std::optional<std::string> switched_off_by(const Tree& tree) {
  for (const std::string& word : words(tree.text("/proc/cmdline"))) {
    if (word == "intel_iommu=off" || word == "amd_iommu=off" || word == "iommu=off") return word;
  }
  return std::nullopt;
}

std::string how_to_get_an_iommu(const Tree& tree) {
  if (const auto word = switched_off_by(tree)) {
    return fmt::format("remove {} from the command line of the host's kernel", *word);
  }
  if (hypervisor(tree)) {
    return "give this virtual machine an IOMMU, as QEMU's `-device intel-iommu,intremap=on` or "
           "`-machine iommu=smmuv3`, and on Intel boot it with intel_iommu=on";
  }
  switch (maker_of(tree)) {
    case Maker::kIntel:
      return tree.exists("/sys/firmware/acpi/tables/DMAR")
                 ? "boot the host with intel_iommu=on on its kernel's command line"
                 : "switch VT-d on in the firmware's setup, and boot the host with intel_iommu=on";
    case Maker::kAmd:
      return "switch AMD-Vi (IOMMU) on in the firmware's setup; the kernel then uses it by itself";
    case Maker::kArm: break;
  }
  return "the firmware's tables (IORT, or the device tree) must have an SMMU, and the host's "
         "kernel "
         "CONFIG_ARM_SMMU_V3; the kernel then uses it by itself";
}

std::string module_file(std::string_view name) {
  return fmt::format("/{}.ko", name);
}

// Whether the kernel that runs has the module, in itself or as a file.
bool has_module(const Tree& tree, std::string_view name) {
  const std::string folder = "/lib/modules/" + tree.word("/proc/sys/kernel/osrelease").value_or("");
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"modules.dep", "modules.builtin"},
      [&](std::string_view list) {
        return tree.text(fmt::format("{}/{}", folder, list)).find(module_file(name)) !=
               std::string::npos;
      });
}

std::string mib_or_no_limit(const std::optional<uint64_t>& bytes) {
  return bytes ? fmt::format("{} MiB", *bytes >> 20) : "any amount";
}

}  // namespace

Finding check_iommu(const Host& host) {
  const Tree tree(host.root);
  const Inventory inventory = take_inventory(tree);
  if (!inventory.has_iommu) {
    return {"iommu", Verdict::kWarn, "off, or there is none: no [[pci]] device can be passed",
            how_to_get_an_iommu(tree)};
  }
  return {"iommu", Verdict::kOk, fmt::format("on, with {} groups", inventory.groups.size())};
}

// The kernel names the chips of interrupts so: "IR-PCI-MSI", "ITS-PCI-MSI".
Finding check_interrupts(const Host& host) {
  const Tree tree(host.root);
  constexpr std::string_view kName = "interrupt-remapping";
  const bool arm = maker_of(tree) == Maker::kArm;
  const std::string interrupts = tree.text("/proc/interrupts");
  if (interrupts.find(arm ? " ITS-" : " IR-") != std::string::npos) {
    return {std::string(kName), Verdict::kOk, arm ? "an ITS tells devices' messages apart" : "on"};
  }
  const std::string allowed =
      tree.word("/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts").value_or("N");
  if (allowed == "Y" || allowed == "1") {
    return {std::string(kName), Verdict::kWarn,
            "not seen, and unsafe interrupts are allowed: a guest can raise any interrupt of this "
            "host by a device's DMA",
            "pass devices to guests that you trust alone"};
  }
  return {std::string(kName), Verdict::kWarn,
          "not seen: VFIO refuses devices whose DMA could raise any interrupt of this host",
          arm ? "the host needs a GICv3 with an ITS; for guests that you trust `modprobe "
                "vfio_iommu_type1 allow_unsafe_interrupts=1`"
              : "switch it on in the firmware's setup (x2APIC, interrupt remapping; of a virtual "
                "machine intremap=on) and boot without intremap=off; for guests that you trust "
                "`modprobe vfio_iommu_type1 allow_unsafe_interrupts=1`"};
}

Finding check_vfio_driver(const Host& host) {
  const Tree tree(host.root);
  if (tree.exists("/sys/bus/pci/drivers/vfio-pci")) return {"vfio-pci", Verdict::kOk, "loaded"};
  if (has_module(tree, "vfio-pci")) {
    return {"vfio-pci", Verdict::kOk, "not loaded; `lintel run` and `lintel bind` do that"};
  }
  return {"vfio-pci", Verdict::kWarn, "the kernel has no such driver: no [[pci]] device",
          "install the kernel's modules, or a kernel with CONFIG_VFIO_PCI"};
}

Finding check_vfio_nodes(const Host& host) {
  const Tree tree(host.root);
  std::string text;
  std::string closed;
  const auto look_at = [&](const std::string& node) {
    if (!tree.is_writable(node)) closed += (closed.empty() ? "" : " ") + node;
  };
  if (tree.exists("/dev/vfio/vfio")) {
    text = "containers";
    look_at("/dev/vfio/vfio");
  }
  if (tree.exists("/dev/iommu")) {
    text += fmt::format("{}iommufd", text.empty() ? "" : " and ");
    look_at("/dev/iommu");
  }
  if (text.empty()) {
    return {"vfio", Verdict::kWarn, "neither /dev/vfio/vfio nor /dev/iommu is there",
            "they come with the first device that is bound; now by `modprobe vfio-pci`, or "
            "`modprobe iommufd` (Linux 6.6)"};
  }
  for (const std::string& name : tree.names("/dev/vfio")) {
    if (name != "vfio" && name != "devices") look_at("/dev/vfio/" + name);
  }
  for (const std::string& name : tree.names("/dev/vfio/devices")) {
    look_at("/dev/vfio/devices/" + name);
  }
  if (closed.empty()) return {"vfio", Verdict::kOk, text};
  return {"vfio", Verdict::kWarn, fmt::format("{}, but you may not open {}", text, closed),
          fmt::format("run as root, or as root: chown USER {}", closed)};
}

Finding check_memlock(const Host& host) {
  const LockedMemoryLimits limits = locked_memory_limits(Tree(host.root));
  if (!limits.hard) return {"memlock", Verdict::kOk, "unlimited"};
  return {"memlock", Verdict::kWarn,
          fmt::format("{} may be locked (the soft limit is {}); device passthrough needs all of "
                      "the guest's RAM",
                      mib_or_no_limit(limits.hard), mib_or_no_limit(limits.soft)),
          "ulimit -l unlimited, or LimitMEMLOCK=infinity in the systemd unit"};
}

Finding check_virtual_host(const Host& host) {
  const auto by = hypervisor(Tree(host.root));
  if (!by) return {"virtual", Verdict::kOk, "this host is no virtual machine, as far as it tells"};
  return {"virtual", Verdict::kWarn,
          fmt::format("this host is itself a guest, of {}: its guests are nested and slower, and "
                      "have devices only by an IOMMU that it is given",
                      *by),
          "let its hypervisor nest (cpu.nested with Lintel), or use the machine below"};
}

}  // namespace lintel::doctor
