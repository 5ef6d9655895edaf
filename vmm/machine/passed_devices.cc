// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/passed_devices.h"

#include <charconv>
#include <filesystem>
#include <system_error>

#include "vmm/base/error.h"

namespace lintel {
namespace {

uint32_t group_of(const std::string& device) {
  const std::filesystem::path link = "/sys/bus/pci/devices/" + device + "/iommu_group";
  std::error_code error;
  const std::string number = std::filesystem::read_symlink(link, error).filename();
  uint32_t group = 0;
  const auto end = number.data() + number.size();
  if (error || std::from_chars(number.data(), end, group).ptr != end || number.empty()) {
    throw_error("PCI device {} has no IOMMU group", device);
  }
  return group;
}

}  // namespace

std::unique_ptr<passthrough::Session> open_passed_devices(const config::Config& config) {
  if (config.pcis.empty()) return nullptr;
  std::vector<passthrough::SessionDevice> devices;
  devices.reserve(config.pcis.size());
  for (const config::PciConfig& pci : config.pcis) {
    devices.push_back({.name = pci.device, .group = group_of(pci.device)});
  }
  return std::make_unique<passthrough::Session>(devices, passthrough::Session::Options{});
}

}  // namespace lintel
