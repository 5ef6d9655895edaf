// SPDX-License-Identifier: Apache-2.0
#include "vmm/boards/virt/guest_load.h"

#include "vmm/boards/load_thread.h"

namespace lintel {
namespace {

std::unique_ptr<boot::LinuxArm64Loader> load(const config::BootConfig& config,
                                             const GuestMemory& memory) {
  auto loader = std::make_unique<boot::LinuxArm64Loader>(boot::Arm64BootRequest{
      .kernel_path = config.kernel, .initrd_paths = config.initrd, .reserved = {}});
  loader->load(memory);
  return loader;
}

}  // namespace

GuestLoad::GuestLoad(const config::Config& config, const GuestMemory& memory)
    : work_(std::make_unique<Work>(config, memory)) {}

GuestLoad::~GuestLoad() = default;

GuestLoad::Work::Work(const config::Config& config, const GuestMemory& memory)
    : loading_(load_beside([&] { return load(config.boot, memory); })) {}

}  // namespace lintel
