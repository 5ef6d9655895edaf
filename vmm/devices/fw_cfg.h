// SPDX-License-Identifier: Apache-2.0
// The firmware configuration device (QEMU, docs/specs/fw_cfg): named files that the guest's first
// code reads through a selector and a data register, or by DMA.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"
#include "vmm/bus/device.h"
#include "vmm/memory/guest_memory.h"

namespace lintel {

// Items with a fixed number. A board adds those that its firmware reads.
namespace fw_cfg_key {
inline constexpr uint16_t kSignature = 0x0000;
inline constexpr uint16_t kId = 0x0001;
inline constexpr uint16_t kUuid = 0x0002;
inline constexpr uint16_t kRamSize = 0x0003;
inline constexpr uint16_t kNoGraphic = 0x0004;
inline constexpr uint16_t kCpuCount = 0x0005;
inline constexpr uint16_t kKernelSize = 0x0008;
inline constexpr uint16_t kInitrdSize = 0x000b;
inline constexpr uint16_t kBootMenu = 0x000e;
inline constexpr uint16_t kMaxCpus = 0x000f;
inline constexpr uint16_t kKernelData = 0x0011;
inline constexpr uint16_t kInitrdData = 0x0012;
inline constexpr uint16_t kCommandLineSize = 0x0014;
inline constexpr uint16_t kCommandLineData = 0x0015;
inline constexpr uint16_t kSetupSize = 0x0017;
inline constexpr uint16_t kSetupData = 0x0018;
inline constexpr uint16_t kFileDirectory = 0x0019;
}  // namespace fw_cfg_key

// Part of an open file as an item: a kernel need not be read into the monitor to be handed on.
struct FwCfgFileSource {
  UniqueFd fd;
  uint64_t offset = 0;
  uint64_t size = 0;
};

class FwCfg {
 public:
  enum class Access : uint8_t { kReadOnly, kWritable };

  static constexpr uint64_t kPortSize = 12;
  static constexpr uint64_t kMemorySize = 24;
  static constexpr size_t kNameLimit = 55;  // a NUL follows in 56 bytes
  static constexpr size_t kFileLimit = 0x1000;

  explicit FwCfg(const GuestMemory& memory);
  FwCfg(const FwCfg&) = delete;
  FwCfg& operator=(const FwCfg&) = delete;

  // All items are added before the guest runs. Each throws Error if the name or the key is taken or
  // not allowed, or the content has 4 GiB or more.
  //
  // A guest may write to a writable file, by DMA, within its size: where firmware leaves addresses
  // for the monitor.
  void add_file(std::string_view name, std::vector<std::byte> content,
                Access access = Access::kReadOnly);
  void add_file(std::string_view name, FwCfgFileSource source);
  void add_item(uint16_t key, std::vector<std::byte> content);
  void add_item(uint16_t key, FwCfgFileSource source);
  // Little-endian, as most numbered items are.
  void add_item_u16(uint16_t key, uint16_t value);
  void add_item_u32(uint16_t key, uint32_t value);

  // What is in a file now; empty if there is none of that name, or it comes from a file of the
  // host. Threads: any.
  std::vector<std::byte> content(std::string_view name);

  // The same device behind I/O ports (selector, data, DMA address at 0, 1, 4; little-endian
  // selector) or in memory as the device tree's "qemu,fw-cfg-mmio" has it (data of up to 8 bytes,
  // selector of 16 bits, DMA address at 0, 8, 16; selector and address big-endian).
  Device& ports() { return ports_; }
  Device& memory_window() { return memory_window_; }

 private:
  struct Item {
    std::vector<std::byte> bytes;
    FwCfgFileSource source;  // instead of `bytes` if it has a descriptor
    bool writable = false;
    std::vector<std::byte> initial{};  // of a writable item, for resets

    uint64_t size() const { return source.fd ? source.size : bytes.size(); }
  };

  class Ports final : public Device {
   public:
    explicit Ports(FwCfg& owner) : owner_(owner) {}
    std::string_view name() const override { return "fw-cfg"; }
    uint64_t read(uint64_t offset, AccessSize size) override;
    void write(uint64_t offset, AccessSize size, uint64_t value) override;
    void reset() override { owner_.reset(); }

   private:
    FwCfg& owner_;
  };

  class MemoryWindow final : public Device {
   public:
    explicit MemoryWindow(FwCfg& owner) : owner_(owner) {}
    std::string_view name() const override { return "fw-cfg"; }
    uint64_t read(uint64_t offset, AccessSize size) override;
    void write(uint64_t offset, AccessSize size, uint64_t value) override;
    void reset() override { owner_.reset(); }

   private:
    FwCfg& owner_;
  };

  void insert_file(std::string_view name, Item item);
  void insert_item(uint16_t key, Item item);
  static void check_size(uint64_t size, std::string_view what);
  void build_directory() REQUIRES(mutex_);

  void reset();
  void select(uint16_t key);
  // The next bytes of the selected item, the first lowest.
  uint64_t read_data(AccessSize size);
  uint64_t read_dma_register(uint64_t offset, AccessSize size);
  void write_dma_register(uint64_t offset, AccessSize size, uint64_t value);

  Item* selected() REQUIRES(mutex_);
  void run_dma(GuestAddress descriptor) REQUIRES(mutex_);
  bool transfer(uint32_t control, GuestAddress address, uint32_t length) REQUIRES(mutex_);
  bool copy_out(const Item* item, std::span<std::byte> to) REQUIRES(mutex_);
  bool copy_in(Item* item, std::span<const std::byte> from) REQUIRES(mutex_);

  const GuestMemory& memory_;
  log::RateLimited unreadable_;
  Mutex mutex_;
  std::map<uint16_t, Item> items_ GUARDED_BY(mutex_);
  std::map<std::string, Item, std::less<>> files_ GUARDED_BY(mutex_);
  std::vector<Item*> file_order_ GUARDED_BY(mutex_);  // by key
  uint16_t key_ GUARDED_BY(mutex_) = 0;
  uint64_t offset_ GUARDED_BY(mutex_) = 0;
  uint32_t dma_high_ GUARDED_BY(mutex_) = 0;

  Ports ports_;
  MemoryWindow memory_window_;
};

}  // namespace lintel
