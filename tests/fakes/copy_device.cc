// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/copy_device.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel {
namespace {

// Offsets and bits of configuration space: PCI Local Bus 3.0, chapter 6; PCI Express Base 6.0,
// section 7.5.3.
constexpr uint64_t kCommand = 0x04;
constexpr uint32_t kBusMaster = 1u << 2;
constexpr uint64_t kMsix = 0x40;
constexpr uint64_t kExpress = 0x60;
constexpr uint64_t kDeviceControl = kExpress + 8;
constexpr uint32_t kInitiateFlr = 1u << 15;
constexpr uint64_t kRegistersEnd = 0x1000;

}  // namespace

CopyDevice::CopyDevice(Host& host)
    : host_(host), memory_fd_(memfd_create("copy-device", MFD_CLOEXEC)) {
  constexpr uint64_t kSize = kBar0Size + kBar2Size;
  if (!memory_fd_ || ftruncate(memory_fd_.get(), kSize) != 0) {
    throw_errno(errno, "Cannot make the device's memory");
  }
  memory_ = MmapRegion::map(kSize, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd_.get(), 0);

  const auto set = [&](uint64_t offset, uint32_t value) {
    store_le<uint32_t>(config_.data() + offset, value);
  };
  set(0x00, kVendor | uint32_t{kDevice} << 16);
  set(kCommand, 0x00100000);  // it has capabilities
  set(0x08, 0xff000001);      // class: unassigned
  set(0x10, 0x0);             // BAR 0: 32 bits
  set(0x18, 0xc);             // BAR 2: 64 bits, prefetchable
  set(0x2c, kVendor | uint32_t{kDevice} << 16);
  set(0x34, kMsix);
  set(0x3c, 0x0100);  // pin A
  set(kMsix, 0x11 | kExpress << 8 | (kVectors - 1) << 16);
  set(kMsix + 4, 0x8000);  // table in BAR 0
  set(kMsix + 8, 0x8800);
  set(kExpress, 0x10 | 0x2 << 16);         // last; version 2, endpoint
  set(kExpress + 4, 1u << 28 | 1u << 15);  // function-level reset; role-based errors
  set(kExpress + 0x0c, 0x00000011);        // one lane at 2.5 GT/s
  set(kExpress + 0x10, 0x00110000);
  set_writable(kCommand, 0x0406);
  set_writable(0x10, ~uint32_t{kBar0Size - 1});
  set_writable(0x18, ~uint32_t{kBar2Size - 1});
  set_writable(0x1c, 0xffffffff);
  set_writable(0x3c, 0xff);
  set_writable(kMsix, 0xc0000000);
  set_writable(kDeviceControl, 0x7fff);
}

void CopyDevice::set_writable(uint64_t offset, uint32_t mask) {
  store_le<uint32_t>(writable_.data() + offset, mask);
}

bool CopyDevice::read_config(uint64_t offset, std::span<std::byte> to) {
  if (offset > kConfigSize || to.size() > kConfigSize - offset) return false;
  std::copy_n(config_.begin() + static_cast<ptrdiff_t>(offset), to.size(), to.begin());
  return true;
}

bool CopyDevice::write_config(uint64_t offset, std::span<const std::byte> from) {
  if (offset > kConfigSize || from.size() > kConfigSize - offset) return false;
  for (size_t i = 0; i < from.size(); ++i) {
    const std::byte mask = writable_[offset + i];
    config_[offset + i] = (config_[offset + i] & ~mask) | (from[i] & mask);
    const uint64_t flr_byte = kDeviceControl + 1;
    if (offset + i == flr_byte && (from[i] & std::byte{kInitiateFlr >> 8}) != std::byte{0}) {
      reset();
      return true;
    }
  }
  return true;
}

std::span<std::byte> CopyDevice::memory_of(unsigned bar, uint64_t offset, size_t size) const {
  const uint64_t bar_size = bar == 0 ? kBar0Size : bar == 2 ? kBar2Size : 0;
  if (size == 0 || offset > bar_size || size > bar_size - offset) return {};
  return memory_.bytes().subspan((bar == 0 ? 0 : kBar2FileOffset) + offset, size);
}

bool CopyDevice::read_bar(unsigned bar, uint64_t offset, std::span<std::byte> to) {
  const auto memory = memory_of(bar, offset, to.size());
  if (memory.empty()) return false;
  if (bar != 0 || offset >= kRegistersEnd) {
    ++trapped_reads_;
    std::ranges::copy(memory, to.begin());
    return true;
  }
  if (offset % to.size() != 0 || to.size() > 8) return false;
  for (size_t i = 0; i < to.size(); ++i) {
    const uint64_t at = offset + i;
    to[i] = static_cast<std::byte>(read_register(at & ~uint64_t{3}) >> (8 * (at & 3)));
  }
  return true;
}

bool CopyDevice::write_bar(unsigned bar, uint64_t offset, std::span<const std::byte> from) {
  const auto memory = memory_of(bar, offset, from.size());
  if (memory.empty()) return false;
  if (bar != 0 || offset >= kRegistersEnd) {
    ++trapped_writes_;
    std::ranges::copy(from, memory.begin());
    return true;
  }
  if (offset % 4 != 0 || (from.size() != 4 && from.size() != 8)) return false;
  for (size_t i = 0; i < from.size(); i += 4) {
    write_register(offset + i, load_le<uint32_t>(from.data() + i));
  }
  return true;
}

uint32_t CopyDevice::read_register(uint64_t offset) const {
  switch (offset) {
    case kMagic: return kMagicValue;
    case kTrappedReads: return trapped_reads_;
    case kTrappedWrites: return trapped_writes_;
    case kResets: return resets_;
    case kIntx: return pin_;
    case kSource: return static_cast<uint32_t>(source_);
    case kSource + 4: return static_cast<uint32_t>(source_ >> 32);
    case kDestination: return static_cast<uint32_t>(destination_);
    case kDestination + 4: return static_cast<uint32_t>(destination_ >> 32);
    case kLength: return length_;
    case kStatus: return status_;
    default: return 0;
  }
}

void CopyDevice::write_register(uint64_t offset, uint32_t value) {
  const uint64_t wide = value;
  switch (offset) {
    case kDoorbell:
      if (value < kVectors) host_.fire(value);
      return;
    case kIntx:
      pin_ = value & 1;
      host_.set_pin(pin_ != 0);
      return;
    case kSource: source_ = (source_ & ~uint64_t{UINT32_MAX}) | wide; return;
    case kSource + 4: source_ = (source_ & UINT32_MAX) | wide << 32; return;
    case kDestination: destination_ = (destination_ & ~uint64_t{UINT32_MAX}) | wide; return;
    case kDestination + 4: destination_ = (destination_ & UINT32_MAX) | wide << 32; return;
    case kLength: length_ = value; return;
    case kGo:
      if ((value & kGoStart) == 0 || status_ == kStatusBusy) return;
      go_ = value;
      status_ = kStatusBusy;
      if ((go_ & kGoLater) == 0) copy();
      return;
    default: return;
  }
}

void CopyDevice::work() {
  if (status_ == kStatusBusy) copy();
}

void CopyDevice::copy() {
  const bool messages = (go_ & kGoMessages) != 0;
  const bool bus_master = (load_le<uint32_t>(config_.data() + kCommand) & kBusMaster) != 0;
  bool done = bus_master && length_ <= kMaxLength;
  if (done) {
    std::vector<std::byte> data(length_);
    done = host_.dma_read(source_, data, messages) && host_.dma_write(destination_, data, messages);
  }
  status_ = done ? kStatusDone : kStatusFailed;
  if ((go_ & kGoInterrupt) != 0) host_.fire(go_ >> 8 & 0xff);
}

void CopyDevice::reset() {
  ++resets_;
  for (size_t i = 0; i < config_.size(); ++i) config_[i] &= ~writable_[i];
  pin_ = 0;
  host_.set_pin(false);
  source_ = destination_ = length_ = go_ = 0;
  status_ = kStatusIdle;
}

}  // namespace lintel
