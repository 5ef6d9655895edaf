// SPDX-License-Identifier: Apache-2.0
// A PCI device that copies memory: small enough to be known by heart, and with what is awkward to
// pass through. BAR 0 is 64 KiB of registers, memory and a hole, of which only parts can be mapped;
// BAR 2 is 2 MiB of memory, mappable as a whole.
//
//   BAR 0  0x0000  registers (below), trapped
//          0x1000  memory, mappable; two pages
//          0x3000  memory, trapped
//          0x4000  memory, mappable up to 0x5800: half of the last page
//          0x8000  MSI-X table of 16 vectors; 0x8800 pending bits; trapped
//          0xa000  memory, mappable to the end
//
// Configuration space: MSI-X at 0x40, PCI Express with function-level reset at 0x60, interrupt pin
// A.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "vmm/base/mmap_region.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

class CopyDevice {
 public:
  static constexpr uint16_t kVendor = 0xcafe;
  static constexpr uint16_t kDevice = 0xc091;
  static constexpr uint64_t kBar0Size = 0x10000;
  static constexpr uint64_t kBar2Size = 0x200000;
  static constexpr uint64_t kConfigSize = 0x1000;
  static constexpr uint32_t kVectors = 16;
  struct Area {
    uint64_t offset;
    uint64_t size;
  };
  static constexpr std::array<Area, 3> kMappable = {
      {{0x1000, 0x2000}, {0x4000, 0x1800}, {0xa000, 0x6000}}};

  // Registers of BAR 0, 32 bits wide but for the two addresses.
  static constexpr uint64_t kMagic = 0x00;          // read only: kMagicValue
  static constexpr uint64_t kTrappedReads = 0x04;   // of BAR 0 from 0x1000 on, and of BAR 2
  static constexpr uint64_t kTrappedWrites = 0x08;  // the same
  static constexpr uint64_t kResets = 0x0c;
  static constexpr uint64_t kDoorbell = 0x10;     // fires the MSI-X vector that is written
  static constexpr uint64_t kIntx = 0x14;         // bit 0: the level of the interrupt pin
  static constexpr uint64_t kSource = 0x20;       // 64 bits
  static constexpr uint64_t kDestination = 0x28;  // 64 bits
  static constexpr uint64_t kLength = 0x30;       // at most kMaxLength
  static constexpr uint64_t kGo = 0x34;           // copies: kGoStart with the other bits
  static constexpr uint64_t kStatus = 0x38;       // kStatusIdle, ...

  static constexpr uint32_t kMagicValue = 0x4c544c43;
  static constexpr uint32_t kMaxLength = 0x400000;
  static constexpr uint32_t kGoStart = 1u << 0;
  // The copy goes by messages, not through shared memory.
  static constexpr uint32_t kGoMessages = 1u << 1;
  // The write ends before the copy is made.
  static constexpr uint32_t kGoLater = 1u << 2;
  // Then fires the vector in bits 15:8.
  static constexpr uint32_t kGoInterrupt = 1u << 3;
  static constexpr uint32_t kStatusIdle = 0;
  static constexpr uint32_t kStatusDone = 1;
  static constexpr uint32_t kStatusFailed = 2;
  static constexpr uint32_t kStatusBusy = 3;

  // Who shows the device to a guest.
  class Host {
   public:
    virtual ~Host() = default;
    // Memory that is mapped, or not all of it: false.
    virtual bool dma_read(uint64_t address, std::span<std::byte> to, bool messages) = 0;
    virtual bool dma_write(uint64_t address, std::span<const std::byte> from, bool messages) = 0;
    virtual void fire(uint32_t vector) = 0;
    virtual void set_pin(bool level) = 0;
  };

  explicit CopyDevice(Host& host);

  // The memory of both BARs; they lie in it one behind the other.
  int memory_fd() const { return memory_fd_.get(); }
  static constexpr uint64_t kBar2FileOffset = kBar0Size;

  // False where it is out of range or, of a register, not naturally aligned.
  bool read_config(uint64_t offset, std::span<std::byte> to);
  bool write_config(uint64_t offset, std::span<const std::byte> from);
  bool read_bar(unsigned bar, uint64_t offset, std::span<std::byte> to);
  bool write_bar(unsigned bar, uint64_t offset, std::span<const std::byte> from);
  void reset();
  // What kGoLater left to be done.
  void work();

 private:
  uint32_t read_register(uint64_t offset) const;
  void write_register(uint64_t offset, uint32_t value);
  void copy();
  void set_writable(uint64_t offset, uint32_t mask);
  std::span<std::byte> memory_of(unsigned bar, uint64_t offset, size_t size) const;

  Host& host_;
  UniqueFd memory_fd_;
  MmapRegion memory_;
  std::array<std::byte, kConfigSize> config_{};
  std::array<std::byte, kConfigSize> writable_{};
  uint32_t trapped_reads_ = 0;
  uint32_t trapped_writes_ = 0;
  uint32_t resets_ = 0;
  uint32_t pin_ = 0;
  uint64_t source_ = 0;
  uint64_t destination_ = 0;
  uint32_t length_ = 0;
  uint32_t go_ = 0;
  uint32_t status_ = kStatusIdle;
};

}  // namespace lintel
