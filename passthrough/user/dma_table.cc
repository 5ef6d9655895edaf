// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/dma_table.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace lintel::passthrough::user {
namespace {

// Calls `copy` with each piece of host memory, its offset in the access and its size. False where
// the memory ends.
template <typename Copy>
bool for_each_piece(const RangeMap<std::byte*>& memory, GuestAddress address, size_t size,
                    const Copy& copy) {
  for (size_t done = 0; done < size;) {
    if (address.value > UINT64_MAX - done) return false;
    const GuestAddress at = address + done;
    const auto* entry = memory.find(at);
    if (entry == nullptr) return false;
    const uint64_t offset = at.value - entry->range.base.value;
    const size_t count = std::min<uint64_t>(size - done, entry->range.size - offset);
    copy(entry->value + offset, done, count);
    done += count;
  }
  return true;
}

}  // namespace

bool DmaTable::add(const MappedMemory& memory) {
  WriterLock lock(mutex_);
  return memory_.insert(memory.range, memory.host);
}

bool DmaTable::remove(GuestRange range) {
  WriterLock lock(mutex_);
  return memory_.erase(range);
}

size_t DmaTable::size() const {
  ReaderLock lock(mutex_);
  return memory_.entries().size();
}

bool DmaTable::read(GuestAddress address, std::span<std::byte> to) {
  ReaderLock lock(mutex_);
  if (!for_each_piece(memory_, address, to.size(), [](std::byte*, size_t, size_t) {})) return false;
  return for_each_piece(memory_, address, to.size(),
                        [&](std::byte* host, size_t offset, size_t count) {
                          std::memcpy(to.data() + offset, host, count);
                        });
}

bool DmaTable::write(GuestAddress address, std::span<const std::byte> from) {
  ReaderLock lock(mutex_);
  if (!for_each_piece(memory_, address, from.size(), [](std::byte*, size_t, size_t) {}))
    return false;
  return for_each_piece(memory_, address, from.size(),
                        [&](std::byte* host, size_t offset, size_t count) {
                          std::memcpy(host, from.data() + offset, count);
                        });
}

uint32_t serve_dma(const Header& header, std::span<const std::byte> payload, DmaMemory& memory,
                   std::vector<std::byte>& reply) {
  const bool is_read = header.command == static_cast<uint16_t>(Command::kDmaRead);
  if (!is_read && header.command != static_cast<uint16_t>(Command::kDmaWrite)) return EOPNOTSUPP;
  DmaAccessMessage access;
  if (payload.size() < sizeof access) return EINVAL;
  std::memcpy(&access, payload.data(), sizeof access);
  const auto data = payload.subspan(sizeof access);
  if (access.count > kMaxTransfer || data.size() != (is_read ? 0 : access.count)) return EINVAL;
  const GuestAddress address(access.address);
  reply.resize(sizeof access + (is_read ? access.count : 0));
  std::memcpy(reply.data(), &access, sizeof access);
  const bool mapped = is_read ? memory.read(address, std::span(reply).subspan(sizeof access))
                              : memory.write(address, data);
  return mapped ? 0 : EFAULT;
}

}  // namespace lintel::passthrough::user
