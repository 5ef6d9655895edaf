// SPDX-License-Identifier: Apache-2.0
// A host's PCI function in the guest: its configuration space trapped and merged with ours by plan,
// its BARs mapped where they can be, its interrupts forwarded by the kernel.
//
// The memory decode of the hardware stays on from the first to the last moment; what the guest
// switches is whether we map the BARs. So its accesses cannot meet a device that does not answer,
// and sizing BARs costs no change at the host. The power state is the hardware's: BARs are unmapped
// before the device is put to sleep, and mapped again after it woke.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "passthrough/device.h"
#include "passthrough/pci/config_plan.h"
#include "passthrough/pci/interrupts.h"
#include "passthrough/pci/intx.h"
#include "passthrough/pci/legacy_vga.h"
#include "passthrough/pci/region_bar.h"
#include "passthrough/pci/report.h"
#include "passthrough/pci/rom.h"
#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/memory/memory_map.h"
#include "vmm/pci/function.h"

namespace lintel::passthrough::pci {

struct FunctionOptions {
  ConfigOptions config = {};
  std::string rom_file = {};  // in place of the device's own expansion ROM
  bool vga = false;           // it answers at the legacy addresses of VGA too
  bool resettable = true;     // whether a reset of the guest's bus resets the hardware
};

// What a function needs of the machine. The references outlive it.
struct FunctionServices {
  MemoryMap& map;
  EventLoop& loop;  // for interrupts that the kernel alone cannot forward
  const Clock& clock;
  std::unique_ptr<Timer> timer;
};

// What a function is made from: its device's configuration space, read once, and what follows from
// it. Reading it may take long, so it is done while no guest waits.
struct FunctionSnapshot {
  std::vector<std::byte> bytes;
  lintel::pci::FunctionSpec spec;
  ConfigPlan plan;
  std::vector<std::byte> rom;  // a file's; empty: the device's
  bool vga = false;
  bool resettable = true;
};
// The device is quiet: it was reset, or never used. Throws Error.
FunctionSnapshot take_snapshot(Device& device, const FunctionOptions& options);

class PassedFunction final : public lintel::pci::Function, private IntxSide {
 public:
  // The device is as it was for the snapshot. It outlives this object. Throws Error.
  PassedFunction(lintel::pci::PciBus& bus, lintel::pci::Devfn devfn, Device& device,
                 FunctionServices services, const FunctionSnapshot& snapshot);
  PassedFunction(lintel::pci::PciBus& bus, lintel::pci::Devfn devfn, Device& device,
                 FunctionServices services, const FunctionOptions& options)
      : PassedFunction(bus, devfn, device, std::move(services), take_snapshot(device, options)) {}
  // Leaves the device quiet: no interrupts, no DMA.
  ~PassedFunction() override;

  std::string_view name() const override { return device_.name(); }
  uint32_t config_read(uint16_t offset, unsigned size) override;
  void config_write(uint16_t offset, unsigned size, uint32_t value) override;
  bool config_is_memory() const override { return false; }
  void reset() override;

  const ConfigPlan& plan() const { return plan_; }

  // For when the guest met mapped memory that the host cannot reach: from now on all of the BARs is
  // trapped, where such an access reads ones, until the device takes one again. Threads: any.
  void trap_everything();

  // Threads: any; does not wait for the device.
  FunctionReport report();

 protected:
  bool decodes() const override { return awake_; }
  void bar_mapped(unsigned index, GuestAddress address) override;
  void bar_unmapped(unsigned index, GuestAddress address) override;

 private:
  struct Bar {
    std::unique_ptr<RegionBar> trapped;
    uint64_t size = 0;
    struct Piece {
      RegionPart part;
      MmapRegion mapping;
      bool in_guest = false;
    };
    std::vector<Piece> pieces;
    std::optional<GuestAddress> address;  // while it is decoded
  };

  static std::optional<lintel::pci::MsixLayout> place_msix(Device& device, const ConfigPlan& plan);
  void define_capabilities(const FunctionSnapshot& snapshot);
  void add_bars(const FunctionSnapshot& snapshot);
  void add_bar_of(const RegionInfo& region, uint32_t flags);
  void add_rom(const FunctionSnapshot& snapshot);
  void add_vga();
  void set_level(bool level) override { set_intx(level); }
  void trap_registers(bool trap) override;

  // Why nothing of the BARs is mapped; a bit each.
  enum Trap : uint8_t {
    kUnreachable = 1,  // see trap_everything()
    kIntx = 2          // see IntxSide
  };
  bool trap(Trap why) REQUIRES(mapping_mutex_);
  void untrap(Trap why) REQUIRES(mapping_mutex_);
  void map_pieces(unsigned index) REQUIRES(mapping_mutex_);
  bool unmap_pieces(unsigned index) REQUIRES(mapping_mutex_);
  void device_answered();
  void write_device(uint16_t offset, unsigned size, uint32_t value);
  void write_theirs(uint16_t offset, unsigned size, uint32_t value);
  void write_command();
  bool touches_power_state(uint16_t offset, unsigned size) const;
  bool sets_reset_bit(uint16_t offset, unsigned size, uint32_t value) const;

  Device& device_;
  const FunctionServices services_;
  const ConfigPlan plan_;
  // Where the guest finds the MSI-X structures.
  const std::optional<lintel::pci::MsixLayout> msix_layout_;
  uint16_t decode_bits_ = 0;  // of the command register, for the kinds of BARs that there are
  const bool resettable_;
  bool awake_ = true;
  log::RateLimited lost_;
  Interrupts interrupts_;
  std::optional<lintel::pci::Msi> msi_;
  std::optional<lintel::pci::Msix> msix_;
  std::unique_ptr<RomBar> rom_;
  std::unique_ptr<LegacyVga> vga_;
  std::vector<RegionInfo> typed_regions_;  // for the report
  std::atomic<uint64_t> config_accesses_{0};
  std::atomic<uint64_t> guest_resets_{0};
  std::atomic<uint8_t> traps_{0};  // written under the lock
  Mutex mapping_mutex_;
  std::array<Bar, lintel::pci::kMaxBars> bars_ GUARDED_BY(mapping_mutex_);
};

// The function's configuration space as the kernel shows it: 256 or 4096 bytes, and no more than
// `most`, one of these too. Throws Error if the device does not answer.
std::vector<std::byte> read_config(Device& device, size_t most = lintel::pci::kConfigSize);

// Whether the function has the PCI Express capability. Throws Error if the device does not answer.
bool is_express(Device& device);

// Switches interrupts, DMA and sleep off, so that a reset or a hand-over is safe. Never throws:
// a device that is gone is quiet.
void quiesce(Device& device);
// The same, by who knows where the power management capability is; 0: there is none to go by.
void quiesce(Device& device, uint16_t power_management);

// Whether the device answers configuration reads. One that does not after a reset is lost until
// the host is powered off and on; to reset its function then would only cost the minute for which
// the kernel waits for it.
bool alive(Device& device);

}  // namespace lintel::passthrough::pci
