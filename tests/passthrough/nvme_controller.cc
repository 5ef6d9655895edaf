// SPDX-License-Identifier: Apache-2.0
#include "tests/passthrough/nvme_controller.h"

#include <poll.h>

#include <array>
#include <cstring>

#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

constexpr size_t kPage = 4096;
constexpr uint32_t kEntries = 16;

// 3.1.3, controller properties.
constexpr uint64_t kConfiguration = 0x14;
constexpr uint64_t kStatus = 0x1c;
constexpr uint64_t kAdminAttributes = 0x24;
constexpr uint64_t kAdminSubmission = 0x28;
constexpr uint64_t kAdminCompletion = 0x30;
constexpr uint64_t kSubmissionTail = 0x1000;
constexpr uint64_t kCompletionHead = 0x1004;
// Entries of 64 and 16 bytes, enabled (3.1.3.5).
constexpr uint32_t kEnabled = 4u << 20 | 6u << 16 | 1;

// PCI: memory space and bus master enable.
constexpr uint64_t kCommand = 4;
constexpr uint16_t kMemoryAndMaster = 6;

}  // namespace

NvmeController::NvmeController(Device& device, std::span<std::byte> memory, uint64_t address)
    : device_(device), memory_(memory) {
  const uint16_t command = kMemoryAndMaster;
  if (!device_.write(pci_region::kConfig, kCommand, std::as_bytes(std::span(&command, 1)))) {
    throw Error("Cannot write the command register");
  }
  device_.set_triggers(pci_irq::kMsix, 0, std::array{interrupt_.get()});
  write_register(kConfiguration, 0, 4);
  wait_until_ready(false);
  write_register(kAdminAttributes, (kEntries - 1) << 16 | (kEntries - 1), 4);
  write_register(kAdminSubmission, address, 8);
  write_register(kAdminCompletion, address + kPage, 8);
  write_register(kConfiguration, kEnabled, 4);
  wait_until_ready(true);
}

NvmeController::~NvmeController() {
  device_.disable_irqs(pci_irq::kMsix);
}

uint64_t NvmeController::read_register(uint64_t offset, size_t size) {
  uint64_t value = 0;
  if (!device_.read(pci_region::kBar0, offset,
                    std::as_writable_bytes(std::span(&value, 1)).first(size))) {
    throw_error("Cannot read register {:#x}", offset);
  }
  return value;
}

void NvmeController::write_register(uint64_t offset, uint64_t value, size_t size) {
  if (!device_.write(pci_region::kBar0, offset, std::as_bytes(std::span(&value, 1)).first(size))) {
    throw_error("Cannot write register {:#x}", offset);
  }
}

void NvmeController::wait_until_ready(bool ready) {
  // Each read is a system call and an access of the device, so this many are time enough.
  for (int i = 0; i < 1'000'000; ++i) {
    if ((read_register(kStatus, 4) & 1) == (ready ? 1 : 0)) return;
  }
  throw_error("The controller does not become {}", ready ? "ready" : "disabled");
}

int NvmeController::identify(uint64_t to) {
  std::array<uint32_t, 16> command{};
  command[0] = commands_ << 16 | 6;  // opcode Identify
  std::memcpy(&command[6], &to, sizeof to);
  command[10] = 1;  // of the controller
  const uint32_t slot = commands_ % kEntries;
  std::memcpy(memory_.data() + slot * sizeof command, command.data(), sizeof command);
  ++commands_;
  write_register(kSubmissionTail, commands_ % kEntries, 4);
  pollfd waiting{.fd = interrupt_.get(), .events = POLLIN, .revents = 0};
  constexpr int kMilliseconds = 20'000;
  if (poll(&waiting, 1, kMilliseconds) != 1 || !interrupt_.consume()) return -1;
  uint32_t last = 0;
  std::memcpy(&last, memory_.data() + kPage + slot * 16 + 12, sizeof last);
  write_register(kCompletionHead, commands_ % kEntries, 4);
  return static_cast<int>(last >> 17);
}

}  // namespace lintel::passthrough
