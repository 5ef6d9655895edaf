// SPDX-License-Identifier: Apache-2.0
// A virtual machine's file descriptor: its slots, interrupts and doorbells.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vmm/base/free_numbers.h"
#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"
#include "vmm/bus/doorbell.h"
#include "vmm/irq/irq.h"
#include "vmm/kvm/system.h"
#include "vmm/memory/memory_map.h"

struct kvm_irq_routing_entry;

namespace lintel::kvm {

// What KVM does for messages and eventfds; a test does it in its place. Threads: any.
class MessageInterrupts {
 public:
  virtual ~MessageInterrupts() = default;
  // Whether messages carry the number of the function that sends them (an ITS wants it).
  virtual bool msi_has_device_ids() const = 0;
  // True if the message reached a CPU.
  virtual bool signal_msi(const MsiMessage& message, uint16_t requester) = 0;
  // The whole table. Throws Error, and then the table before is still the one in force.
  virtual void set_routes(std::span<const kvm_irq_routing_entry> entries) = 0;
  virtual void assign_irqfd(int event_fd, Gsi gsi) = 0;
  virtual void deassign_irqfd(int event_fd, Gsi gsi) = 0;
};

// Threads: any, except the constructor. Lives longer than everything made from it.
class Vm : public MessageInterrupts {
 public:
  explicit Vm(const System& system);

  int fd() const { return fd_.get(); }
  const System& system() const { return system_; }
  int capability(int number) const;

  struct Slot {
    uint32_t id;
    GuestRange range;
    const std::byte* host;
    bool read_only;
  };
  void set_slot(const Slot& slot);
  void clear_slot(uint32_t id);

  void set_irq_line(Gsi gsi, bool level);
  // Call when an interrupt controller was made, before any message is sent.
  void interrupt_controllers_changed();
  // Asked of KVM once, because every message needs it.
  bool msi_has_device_ids() const override { return msi_has_device_ids_; }
  bool signal_msi(const MsiMessage& message, uint16_t requester) override;
  void set_routes(std::span<const kvm_irq_routing_entry> entries) override;
  void assign_irqfd(int event_fd, Gsi gsi) override;
  // With a resample event, for a level interrupt (KVM_IRQFD_FLAG_RESAMPLE).
  void assign_level_irqfd(int event_fd, int resample_fd, Gsi gsi);
  void deassign_irqfd(int event_fd, Gsi gsi) override;

 private:
  const System& system_;
  UniqueFd fd_;
  bool msi_has_device_ids_ = false;
};

// Gives the memory map to KVM as slots.
class MemorySlots : public MemoryObserver {
 public:
  MemorySlots(Vm& vm, MemoryMap& map);
  ~MemorySlots() override;

  void added(const MappedMemory& memory) override;
  void removed(const MappedMemory& memory) override;

 private:
  struct Used {
    GuestRange range;
    uint32_t id;
  };

  Vm& vm_;
  MemoryMap& map_;
  std::vector<Used> used_;
  FreeNumbers ids_;
};

// KVM's ioeventfds.
class Doorbells : public DoorbellSink {
 public:
  explicit Doorbells(Vm& vm) : vm_(vm) {}

  bool add(const Doorbell& doorbell, int event_fd) override;
  void remove(const Doorbell& doorbell, int event_fd) override;

 private:
  bool change(const Doorbell& doorbell, int event_fd, bool remove);

  Vm& vm_;
};

// An input of the in-kernel interrupt controller.
class KernelIrqLine : public IrqLine {
 public:
  KernelIrqLine(Vm& vm, Gsi gsi) : vm_(vm), gsi_(gsi) {}
  void set(bool level) override { vm_.set_irq_line(gsi_, level); }
  std::unique_ptr<LevelEvents> make_level_events() override;

 private:
  Vm& vm_;
  const Gsi gsi_;
};

// Inputs of the in-kernel interrupt controller that the board wired as edges.
class KernelEdgeInputs : public EdgeInputs {
 public:
  explicit KernelEdgeInputs(Vm& vm) : vm_(vm) {}
  void pulse(Gsi input) override {
    vm_.set_irq_line(input, true);
    vm_.set_irq_line(input, false);
  }
  void attach(int event_fd, Gsi input) override { vm_.assign_irqfd(event_fd, input); }
  void detach(int event_fd, Gsi input) override { vm_.deassign_irqfd(event_fd, input); }

 private:
  Vm& vm_;
};

// The table from GSI numbers to what they raise. The architecture's fixed entries come first; MSI
// entries exist only for vectors that need an irqfd, since each change of the table makes KVM wait
// for all vCPUs (SRCU). Threads: any.
class IrqRouting {
 public:
  struct Fixed {
    uint32_t gsi;
    uint32_t chip;
    uint32_t pin;
  };

  struct Route {
    Gsi gsi;  // allocated
    MsiMessage message;
    uint16_t requester;
  };

  IrqRouting(MessageInterrupts& kernel, std::vector<Fixed> fixed, uint32_t first_msi_gsi);

  Gsi allocate();
  void release(Gsi gsi);
  // All of them by one change of the table, or none: throws Error if KVM refuses one, and the table
  // is as before. No change if the table has them already.
  void route(std::span<const Route> routes);

 private:
  struct Msi {
    std::optional<MsiMessage> message;
    uint16_t requester = 0;
  };
  void commit() REQUIRES(mutex_);

  MessageInterrupts& kernel_;
  const std::vector<Fixed> fixed_;
  const uint32_t first_msi_gsi_;
  Mutex mutex_;
  FreeNumbers numbers_ GUARDED_BY(mutex_);
  std::vector<Msi> msis_ GUARDED_BY(mutex_);  // by number
};

class KernelMsiSink : public MsiSink {
 public:
  KernelMsiSink(MessageInterrupts& kernel, IrqRouting& routing)
      : kernel_(kernel), routing_(routing) {}
  std::unique_ptr<MsiVector> make_vector(uint16_t requester) override;
  void route(std::span<const MsiRoute> routes) override;

 private:
  MessageInterrupts& kernel_;
  IrqRouting& routing_;
};

}  // namespace lintel::kvm
