// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/control_socket.h"

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/run_folder.h"

namespace lintel {
namespace {

std::string detail_of(const config::NetConfig& net) {
  switch (net.type) {
    case config::NetType::kUser: return "user";
    case config::NetType::kTap: return "tap " + net.tap;
    case config::NetType::kNone: return "none";
  }
  return {};
}

}  // namespace

std::unique_ptr<api::SocketFile> make_control_socket(const config::Config& config) {
  const std::string folder = default_run_folder();
  if (folder.empty()) {
    log::info("No control socket: XDG_RUNTIME_DIR is not set");
    return nullptr;
  }
  try {
    return std::make_unique<api::SocketFile>(folder, config.vm.name);
  } catch (const Error& error) {
    // A name that nobody chose, the file's, is no reason not to run.
    log::warn("This machine has no control socket: {}", error.describe());
    return nullptr;
  }
}

std::vector<api::DeviceStatus> fixed_devices(const config::Config& config) {
  std::vector<api::DeviceStatus> devices;
  const auto add = [&](std::string id, std::string kind, std::string detail) {
    devices.push_back({std::move(id), std::move(kind), std::move(detail), "attached"});
  };
  for (const config::DiskConfig& disk : config.disks) add(disk.id, "disk", disk.path);
  for (const config::NetConfig& net : config.nets) add(net.id, "net", detail_of(net));
  if (config.vsock.cid) add("vsock", "vsock", fmt::format("cid {}", *config.vsock.cid));
  if (config.rng.enabled) add("rng", "rng", config.rng.source);
  if (config.balloon.enabled) add("balloon", "balloon", "");
  return devices;
}

}  // namespace lintel
