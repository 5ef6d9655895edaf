// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/fw_cfg.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/devices/byte_access.h"

namespace lintel {
namespace {

constexpr uint16_t kFirstFile = 0x0020;
// Bit 14 once asked to write and means nothing now; bit 15 is for items of one architecture, and
// part of the key.
constexpr uint16_t kKeyMask = 0xbfff;

// The ID item: the traditional interface, and DMA.
constexpr uint32_t kFeatures = 0x3;
// What the DMA address register reads as, big-endian: "QEMU CFG".
constexpr uint64_t kDmaSignature = 0x51454d5520434647;

// The DMA descriptor and its control word, all big-endian.
struct DmaDescriptor {
  uint32_t control;
  uint32_t length;
  uint64_t address;
};
static_assert(sizeof(DmaDescriptor) == 16);
constexpr uint32_t kDmaError = 0x01;
constexpr uint32_t kDmaRead = 0x02;
constexpr uint32_t kDmaSkip = 0x04;
constexpr uint32_t kDmaSelect = 0x08;  // the key is in the upper half
constexpr uint32_t kDmaWrite = 0x10;

// A directory entry: size, key, two reserved bytes, name; big-endian.
constexpr size_t kDirectoryEntrySize = 64;
constexpr size_t kDirectoryNameOffset = 8;

// Offsets of the registers.
constexpr uint64_t kPortSelector = 0;
constexpr uint64_t kPortData = 1;
constexpr uint64_t kPortDma = 4;
constexpr uint64_t kMemoryData = 0;
constexpr uint64_t kMemorySelector = 8;
constexpr uint64_t kMemoryDma = 16;

std::vector<std::byte> to_bytes(std::span<const std::byte> from) {
  return {from.begin(), from.end()};
}

}  // namespace

FwCfg::FwCfg(const GuestMemory& memory) : memory_(memory), ports_(*this), memory_window_(*this) {
  constexpr std::string_view kSignature = "QEMU";
  add_item(fw_cfg_key::kSignature, to_bytes(std::as_bytes(std::span(kSignature))));
  add_item_u32(fw_cfg_key::kId, kFeatures);
  MutexLock lock(mutex_);
  build_directory();
}

void FwCfg::add_file(std::string_view name, std::vector<std::byte> content, Access access) {
  Item item{std::move(content), {}, access == Access::kWritable, {}};
  if (item.writable) item.initial = item.bytes;
  insert_file(name, std::move(item));
}

void FwCfg::add_file(std::string_view name, FwCfgFileSource source) {
  insert_file(name, Item{{}, std::move(source), false, {}});
}

void FwCfg::add_item(uint16_t key, std::vector<std::byte> content) {
  insert_item(key, Item{std::move(content), {}, false, {}});
}

void FwCfg::add_item(uint16_t key, FwCfgFileSource source) {
  insert_item(key, Item{{}, std::move(source), false, {}});
}

void FwCfg::add_item_u16(uint16_t key, uint16_t value) {
  add_item(key, to_bytes(std::as_bytes(std::span(&value, 1))));
}

void FwCfg::add_item_u32(uint16_t key, uint32_t value) {
  add_item(key, to_bytes(std::as_bytes(std::span(&value, 1))));
}

void FwCfg::check_size(uint64_t size, std::string_view what) {
  if (size > UINT32_MAX) {
    throw_error("Cannot give {} to the firmware: {} bytes, at most {} fit", what, size, UINT32_MAX);
  }
}

void FwCfg::insert_file(std::string_view name, Item item) {
  check_size(item.size(), name);
  if (name.empty() || name.size() > kNameLimit || name.find('\0') != std::string_view::npos) {
    throw_error("Cannot give the file '{}' to the firmware: its name must have 1 to {} bytes", name,
                kNameLimit);
  }
  MutexLock lock(mutex_);
  if (files_.size() >= kFileLimit) {
    throw_error("Cannot give the file '{}' to the firmware: there are {} already", name,
                kFileLimit);
  }
  if (!files_.try_emplace(std::string(name), std::move(item)).second) {
    throw_error("Cannot give the file '{}' to the firmware: there is one of that name", name);
  }
  build_directory();
}

void FwCfg::insert_item(uint16_t key, Item item) {
  check_size(item.size(), fmt::format("item {:#x}", key));
  MutexLock lock(mutex_);
  const uint16_t number = key & 0x3fff;
  if ((key & ~kKeyMask) != 0 || (key < 0x8000 && number >= kFirstFile)) {
    throw_error("Cannot give item {:#x} to the firmware: such keys are for files", key);
  }
  if (!items_.try_emplace(key, std::move(item)).second) {
    throw_error("Cannot give item {:#x} to the firmware: there is one", key);
  }
}

// Files are numbered in the order of their names, so the same files give the same directory
// whatever order they were added in.
void FwCfg::build_directory() {
  file_order_.clear();
  std::vector<std::byte> directory(sizeof(uint32_t) + files_.size() * kDirectoryEntrySize);
  store_be(directory.data(), static_cast<uint32_t>(files_.size()));
  std::byte* entry = directory.data() + sizeof(uint32_t);
  for (auto& [name, item] : files_) {
    store_be(entry, static_cast<uint32_t>(item.size()));
    store_be(entry + 4, static_cast<uint16_t>(kFirstFile + file_order_.size()));
    std::memcpy(entry + kDirectoryNameOffset, name.data(), name.size());
    entry += kDirectoryEntrySize;
    file_order_.push_back(&item);
  }
  items_[fw_cfg_key::kFileDirectory] = Item{std::move(directory), {}, false, {}};
}

std::vector<std::byte> FwCfg::content(std::string_view name) {
  MutexLock lock(mutex_);
  const auto found = files_.find(name);
  return found == files_.end() ? std::vector<std::byte>{} : found->second.bytes;
}

void FwCfg::reset() {
  MutexLock lock(mutex_);
  key_ = 0;
  offset_ = 0;
  dma_high_ = 0;
  for (auto& [name, item] : files_) {
    if (item.writable) item.bytes = item.initial;
  }
}

void FwCfg::select(uint16_t key) {
  MutexLock lock(mutex_);
  key_ = key & kKeyMask;
  offset_ = 0;
}

FwCfg::Item* FwCfg::selected() {
  if (key_ >= kFirstFile && key_ < kFirstFile + file_order_.size()) {
    return file_order_[key_ - kFirstFile];
  }
  const auto found = items_.find(key_);
  return found == items_.end() ? nullptr : &found->second;
}

uint64_t FwCfg::read_data(AccessSize size) {
  MutexLock lock(mutex_);
  std::array<std::byte, 8> data{};
  copy_out(selected(), std::span(data).first(bytes(size)));
  return load_le_bytes(data.data(), data.size());
}

uint64_t FwCfg::read_dma_register(uint64_t offset, AccessSize size) {
  return byte_swap(kDmaSignature) >> (8 * offset) & all_ones(size);
}

void FwCfg::write_dma_register(uint64_t offset, AccessSize size, uint64_t value) {
  MutexLock lock(mutex_);
  if (size == AccessSize::k8 && offset == 0) {
    run_dma(GuestAddress(byte_swap(value)));
  } else if (size == AccessSize::k4 && offset == 0) {
    dma_high_ = byte_swap(static_cast<uint32_t>(value));
  } else if (size == AccessSize::k4 && offset == 4) {
    const uint64_t high = std::exchange(dma_high_, 0);
    run_dma(GuestAddress(high << 32 | byte_swap(static_cast<uint32_t>(value))));
  }
}

void FwCfg::run_dma(GuestAddress descriptor) {
  DmaDescriptor raw{};
  // With no place to report the error at, there is nothing to do.
  if (!memory_.read_object(descriptor, raw)) return;
  const uint32_t control = byte_swap(raw.control);
  if ((control & kDmaSelect) != 0) {
    key_ = static_cast<uint16_t>(control >> 16) & kKeyMask;
    offset_ = 0;
  }
  const bool done = transfer(control, GuestAddress(byte_swap(raw.address)), byte_swap(raw.length));
  memory_.write_object(descriptor, byte_swap(done ? 0 : kDmaError));
}

bool FwCfg::transfer(uint32_t control, GuestAddress address, uint32_t length) {
  if ((control & (kDmaRead | kDmaWrite | kDmaSkip)) == 0 || length == 0) return true;
  if ((control & (kDmaRead | kDmaWrite)) == 0) {
    // Skipping beyond the end is allowed; the sum stays far below 2^64.
    const Item* item = selected();
    offset_ = std::min<uint64_t>(offset_ + length, item != nullptr ? item->size() : 0);
    return true;
  }
  const std::span<std::byte> ram = memory_.slice(address, length);
  if (ram.empty()) return false;
  return (control & kDmaRead) != 0 ? copy_out(selected(), ram) : copy_in(selected(), ram);
}

// Beyond the end of an item, and for items that do not exist, there are zeros.
bool FwCfg::copy_out(const Item* item, std::span<std::byte> to) {
  const uint64_t left = item != nullptr && offset_ < item->size() ? item->size() - offset_ : 0;
  const auto part = to.first(static_cast<size_t>(std::min<uint64_t>(left, to.size())));
  bool good = true;
  if (!part.empty()) {
    if (item->source.fd) {
      try {
        read_exactly(item->source.fd.get(), part, item->source.offset + offset_);
      } catch (const Error& error) {
        // Somebody shortened the file. The guest sees a failed transfer.
        unreadable_.warn("Cannot read a file for the firmware: {}", error.what());
        good = false;
      }
    } else {
      std::memcpy(part.data(), item->bytes.data() + offset_, part.size());
    }
  }
  if (part.size() != to.size()) {
    std::memset(to.data() + part.size(), 0, to.size() - part.size());
  }
  offset_ += part.size();
  return good;
}

bool FwCfg::copy_in(Item* item, std::span<const std::byte> from) {
  if (item == nullptr || !item->writable || offset_ > item->size() ||
      from.size() > item->size() - offset_) {
    return false;
  }
  std::memcpy(item->bytes.data() + offset_, from.data(), from.size());
  offset_ += from.size();
  return true;
}

uint64_t FwCfg::Ports::read(uint64_t offset, AccessSize size) {
  if (offset >= kPortDma) return owner_.read_dma_register(offset - kPortDma, size);
  return read_by_bytes(offset, size, [this](uint64_t at) -> uint8_t {
    return at == kPortData ? static_cast<uint8_t>(owner_.read_data(AccessSize::k1)) : 0;
  });
}

void FwCfg::Ports::write(uint64_t offset, AccessSize size, uint64_t value) {
  if (offset >= kPortDma) {
    owner_.write_dma_register(offset - kPortDma, size, value);
  } else if (offset == kPortSelector && size == AccessSize::k2) {
    owner_.select(static_cast<uint16_t>(value));
  }
}

uint64_t FwCfg::MemoryWindow::read(uint64_t offset, AccessSize size) {
  if (offset >= kMemoryDma) return owner_.read_dma_register(offset - kMemoryDma, size);
  return offset >= kMemoryData && offset < kMemorySelector ? owner_.read_data(size) : 0;
}

void FwCfg::MemoryWindow::write(uint64_t offset, AccessSize size, uint64_t value) {
  if (offset >= kMemoryDma) {
    owner_.write_dma_register(offset - kMemoryDma, size, value);
  } else if (offset == kMemorySelector && size == AccessSize::k2) {
    owner_.select(byte_swap(static_cast<uint16_t>(value)));
  }
}

}  // namespace lintel
