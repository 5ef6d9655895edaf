// SPDX-License-Identifier: Apache-2.0
// A PCI function: identity, command and status, base address registers, INTx, and the hooks that a
// device model or a passed-through device fills in.
//
// Locks: RootComplex serialises configuration writes and resets; hooks run under its lock alone.
// What device threads call (`set_intx`, Msix::trigger, ...) takes locks of its own that are held
// across no hook, so a device may hold its own lock while it calls them, and take the same lock in
// a hook.
//
// Hooks do not throw: a guest can cause every call of them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "vmm/base/sync.h"
#include "vmm/base/types.h"
#include "vmm/bus/device.h"
#include "vmm/bus/doorbell.h"
#include "vmm/pci/bdf.h"
#include "vmm/pci/config_space.h"
#include "vmm/pci/intx.h"

namespace lintel {
class IrqLine;
class MsiSink;
}  // namespace lintel

namespace lintel::pci {

class BarSpace;
class PciBus;

struct FunctionIds {
  uint16_t vendor = 0xffff;
  uint16_t device = 0xffff;
  uint8_t revision = 0;
  uint32_t class_code = 0;  // base class, sub-class, interface: 0xBBSSII
  uint16_t subsystem_vendor = 0x1af4;
  uint16_t subsystem = 0x1100;
};

enum class HeaderType : uint8_t { kEndpoint = 0, kBridge = 1 };

struct FunctionSpec {
  FunctionIds ids;
  HeaderType header = HeaderType::kEndpoint;
  Pin pin = Pin::kNone;
};

enum class BarKind : uint8_t { kMemory32, kMemory64, kPort, kRom };

struct BarSpec {
  unsigned index = 0;  // a 64-bit BAR takes index + 1 too; the expansion ROM has kRomBar
  BarKind kind = BarKind::kMemory32;
  bool prefetchable = false;
  uint64_t size = 0;         // a power of two; at least 16 for memory, 4 for ports
  Device* device = nullptr;  // takes the accesses that reach this process; must outlive the vCPUs
};

inline constexpr unsigned kMaxBars = 6;
// The expansion ROM base address register of an endpoint (PCI Local Bus 3.0, 6.2.5.2), decoded only
// while its own enable bit is set too.
inline constexpr unsigned kRomBar = 6;

// Bytes, multiples of 1 MiB.
struct WindowReserve {
  uint64_t memory32 = 0;
  uint64_t memory64 = 0;  // prefetchable
};

class Function {
 public:
  // Takes its place on the bus, which must outlive it. The function may be used from the guest as
  // soon as vCPUs run. Throws Error if the place is taken.
  Function(PciBus& bus, Devfn devfn, const FunctionSpec& spec);
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;
  virtual ~Function();

  virtual std::string_view name() const = 0;
  Devfn devfn() const { return devfn_; }
  PciBus& bus() const { return bus_; }
  // With the bus number of the moment.
  Bdf bdf() const;

  // A configuration access inside one dword, of 1 to 4 bytes.
  virtual uint32_t config_read(uint16_t offset, unsigned size);
  // Applies the masks, then command and BAR semantics, watches, and `config_written`.
  virtual void config_write(uint16_t offset, unsigned size, uint32_t value);
  // False if `config_read` does more than return the bytes: then the guest's reads must exit.
  // Constant over the function's life.
  virtual bool config_is_memory() const { return true; }

  // Back to the state after construction: registers as defined, BARs unmapped, INTx low. An
  // override calls this one.
  virtual void reset();

  // The bus behind a bridge; null for an endpoint.
  virtual PciBus* secondary_bus() { return nullptr; }
  // The least that a bridge's windows are to hold.
  virtual WindowReserve window_reserve() const { return {}; }

  // Decodes what can be decoded of the BARs now, and stops decoding the rest. Called by the root
  // complex when room became free.
  void update_bars();

  // Places a BAR as firmware does (the guest's decode bits stay off). False if there is none.
  bool assign_bar(unsigned index, GuestAddress address);
  struct BarState {
    BarSpec spec;
    GuestAddress programmed;             // what the register holds
    std::optional<GuestAddress> mapped;  // where it is decoded, if it is
  };
  // BARs that exist, by index.
  std::vector<BarState> bars() const;

  ConfigSpace& config() { return config_; }
  const ConfigSpace& config() const { return config_; }

  // The interrupt controller input behind the pin, shared with other functions; null if there is no
  // pin or it is not wired.
  IrqLine* intx_line() const;
  // Threads: any. Also sets the Interrupt Status bit; the Interrupt Disable bit holds the line low.
  void set_intx(bool level);
  // Bus Master Enable: whether the device may use DMA and send MSIs. Threads: any.
  bool bus_master() const;

  MsiSink& msi_sink() const;

  // Calls `written` after each guest write that touches [offset, +size), in order of registration.
  // For capabilities, when they are made.
  void watch(uint16_t offset, uint16_t size, std::function<void()> written);

 protected:
  // Throws Error if the index is taken or the spec makes no sense. In constructors only.
  void add_bar(const BarSpec& spec);

  // After a guest write was applied, whatever it touched; the range lies in one dword.
  virtual void config_written(uint16_t /*offset*/, unsigned /*size*/) {}
  // The BAR is decoded at `address` from now on, or no longer: for doorbells, and for memory that
  // is mapped into the guest. The range is inside the board's windows, and taken on the bus.
  virtual void bar_mapped(unsigned /*index*/, GuestAddress /*address*/) {}
  virtual void bar_unmapped(unsigned /*index*/, GuestAddress /*address*/) {}

  // Whether the function decodes its BARs at all: not in a low-power state (PCI Bus Power
  // Management 1.2, 5.4). Who changes it calls `update_bars`.
  virtual bool decodes() const { return true; }

  // For destructors of classes that override `bar_unmapped`: when ~Function unmaps, their part is
  // gone already.
  void unmap_bars();

 private:
  struct Bar {
    BarSpec spec;
    std::optional<GuestAddress> mapped;
    // Bit 0, 1: the low, high register holds the answer to a size probe, which is no address.
    uint8_t probing = 0;
  };
  struct Watch {
    uint16_t offset;
    uint16_t size;
    std::function<void()> written;
  };

  void define_header(const FunctionSpec& spec);
  Bar* bar_at(unsigned register_index);
  void note_bar_write(uint16_t offset, unsigned size, uint32_t value);
  GuestAddress programmed(const Bar& bar) const;
  void update_bar(Bar& bar);
  void unmap(Bar& bar);
  void update_intx() REQUIRES(intx_mutex_);
  BarSpace& bar_space() const;

  PciBus& bus_;
  const Devfn devfn_;
  ConfigSpace config_;
  const unsigned bar_count_;  // 6, or 2 for a bridge
  std::array<std::optional<Bar>, kMaxBars + 1> bars_;
  std::vector<Watch> watches_;
  SharedLine* intx_line_ = nullptr;
  Mutex intx_mutex_;
  bool intx_level_ GUARDED_BY(intx_mutex_) = false;   // what the device asks for
  bool intx_driven_ GUARDED_BY(intx_mutex_) = false;  // what the line was told
};

}  // namespace lintel::pci
