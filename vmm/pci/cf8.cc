// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/cf8.h"

namespace lintel::pci {
namespace {

constexpr uint64_t kAddressPort = 0;
constexpr uint64_t kResetPort = 1;
constexpr uint64_t kDataPort = 4;

constexpr uint32_t kEnable = 1u << 31;
// Bits 30:24 are reserved, 1:0 are always zero.
constexpr uint32_t kAddressWritable = 0x80fffffc;

Bdf bdf_of(uint32_t address) {
  return Bdf(static_cast<uint16_t>(address >> 8));
}

uint16_t register_of(uint32_t address, uint64_t port) {
  return static_cast<uint16_t>((address & 0xfc) | (port - kDataPort));
}

}  // namespace

Cf8::Cf8(RootComplex& root_complex, const Cf8Config& config)
    : root_complex_(root_complex), config_(config) {}

uint32_t Cf8::address() const {
  MutexLock lock(mutex_);
  return address_;
}

uint64_t Cf8::read(uint64_t offset, AccessSize size) {
  if (offset == kResetPort && size == AccessSize::k1 && config_.reset_control != nullptr) {
    return config_.reset_control->read(0, size);
  }
  if (!config_.mechanism) return all_ones(size);
  // Only an access to the whole address register is one: others are ordinary port accesses.
  if (offset == kAddressPort && size == AccessSize::k4) return address();
  const uint32_t where = address();
  if (offset < kDataPort || (where & kEnable) == 0) return all_ones(size);
  return root_complex_.config_read(bdf_of(where), register_of(where, offset), bytes(size));
}

void Cf8::write(uint64_t offset, AccessSize size, uint64_t value) {
  if (offset == kResetPort && size == AccessSize::k1 && config_.reset_control != nullptr) {
    config_.reset_control->write(0, size, value);
    return;
  }
  if (!config_.mechanism) return;
  if (offset == kAddressPort && size == AccessSize::k4) {
    MutexLock lock(mutex_);
    address_ = static_cast<uint32_t>(value) & kAddressWritable;
    return;
  }
  const uint32_t where = address();
  if (offset < kDataPort || (where & kEnable) == 0) return;
  root_complex_.config_write(bdf_of(where), register_of(where, offset), bytes(size), value);
}

void Cf8::reset() {
  MutexLock lock(mutex_);
  address_ = 0;
}

}  // namespace lintel::pci
