// SPDX-License-Identifier: Apache-2.0
#include "vmm/bus/bus.h"

#include "vmm/base/error.h"

namespace lintel {

void Bus::add(GuestRange range, Device& device) {
  if (!try_add(range, device)) {
    throw_error("Cannot put {} on the {} bus at [{:#x}, +{:#x}): the range is taken or invalid",
                device.name(), name_, range.base.value, range.size);
  }
}

bool Bus::try_add(GuestRange range, Device& device) {
  WriterLock lock(mutex_);
  return devices_.insert(range, &device);
}

void Bus::remove(GuestRange range) {
  WriterLock lock(mutex_);
  devices_.erase(range);
}

Bus::Target Bus::find(GuestAddress address) {
  ReaderLock lock(mutex_);
  const auto* entry = devices_.find(address);
  if (entry == nullptr) return {};
  const uint64_t offset = address.value - entry->range.base.value;
  return {entry->value, offset, entry->range.size - offset};
}

uint64_t Bus::read(GuestAddress address, AccessSize size) {
  const Target target = find(address);
  if (target.device == nullptr) {
    unmapped_.debug("{} read of {} bytes at {:#x}: nothing there", name_, bytes(size),
                    address.value);
    return all_ones(size);
  }
  if (target.room >= bytes(size)) {
    return target.device->read(target.offset, size) & all_ones(size);
  }
  uint64_t value = all_ones(size);
  for (unsigned i = 0; i < target.room; ++i) {
    value &= ~(0xffull << (8 * i));
    value |= (target.device->read(target.offset + i, AccessSize::k1) & 0xff) << (8 * i);
  }
  return value;
}

void Bus::write(GuestAddress address, AccessSize size, uint64_t value) {
  const Target target = find(address);
  value &= all_ones(size);
  if (target.device == nullptr) {
    unmapped_.debug("{} write of {:#x} ({} bytes) at {:#x}: nothing there", name_, value,
                    bytes(size), address.value);
    return;
  }
  if (target.room >= bytes(size)) {
    target.device->write(target.offset, size, value);
    return;
  }
  for (unsigned i = 0; i < target.room; ++i) {
    target.device->write(target.offset + i, AccessSize::k1, (value >> (8 * i)) & 0xff);
  }
}

}  // namespace lintel
