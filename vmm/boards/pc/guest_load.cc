// SPDX-License-Identifier: Apache-2.0
#include "vmm/boards/pc/guest_load.h"

#include "firmware/boot/flat.h"
#include "firmware/boot/kernel_cache.h"
#include "vmm/base/log.h"
#include "vmm/boards/load_thread.h"
#include "vmm/boards/pc/layout.h"

namespace lintel {
namespace {

constexpr boot::X86BootPlacement kPlacement = {
    .gdt = pc::kBootGdt,
    .boot_params = pc::kBootParams,
    .page_tables = pc::kBootPageTables,
    .command_line = pc::kBootCommandLine,
};

boot::LinuxBootRequest boot_request(const config::BootConfig& config) {
  boot::LinuxBootRequest request;
  request.kernel_path = config.kernel;
  request.initrd_paths = config.initrd;
  request.command_line = config.cmdline;
  // Of the tables that the board writes meanwhile, it is the first.
  request.rsdp = pc::kAcpiTables.base;
  // From the end of base memory up to 1 MiB is where a PC has video memory and ROMs.
  request.reserved = {
      {{pc::kEndOfBaseMemory, kMiB - pc::kEndOfBaseMemory.value}, boot::MemoryType::kReserved},
      {pc::kEcam.range, boot::MemoryType::kReserved},
      {{pc::kKvmIdentityMap.range.base,
        pc::kKvmTss.range.end() - pc::kKvmIdentityMap.range.base.value},
       boot::MemoryType::kReserved},
  };
  request.placement = kPlacement;
  request.fast =
      config.fast == config::FastBoot::kOff ? boot::FastBoot::kOff : boot::FastBoot::kAuto;
  request.cache_directory = boot::default_kernel_cache_directory();
  return request;
}

boot::X86EntryState load(const config::BootConfig& config, const GuestMemory& memory) {
  if (config.format == config::KernelFormat::kFlat) {
    return boot::load_flat(memory, kPlacement, config.kernel, pc::kFlatImage);
  }
  boot::LinuxX86Loader loader(boot_request(config));
  const boot::X86EntryState state = loader.load(memory, boot::RamState::kZeroed);
  const boot::BootReport& report = loader.report();
  if (!report.not_direct.empty()) {
    log::info("The kernel unpacks itself: {}", report.not_direct);
  }
  return state;
}

}  // namespace

GuestLoad::GuestLoad(const config::Config& config, const GuestMemory& memory)
    : work_(std::make_unique<Work>(config, memory)) {}

GuestLoad::~GuestLoad() = default;

GuestLoad::Work::Work(const config::Config& config, const GuestMemory& memory)
    : loading_(load_beside([&] { return load(config.boot, memory); })) {}

}  // namespace lintel
