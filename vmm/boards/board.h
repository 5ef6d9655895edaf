// SPDX-License-Identifier: Apache-2.0
// A board puts the parts of a machine at their addresses, wires their interrupts, and describes
// them to the guest. CMake picks the one of the host's architecture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vmm/base/clock.h"
#include "vmm/base/event_loop.h"
#include "vmm/bus/bus.h"
#include "vmm/bus/doorbell.h"
#include "vmm/config/config.h"
#include "vmm/devices/byte_sink.h"
#include "vmm/devices/machine_events.h"
#include "vmm/kvm/coalesced.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"
#include "vmm/memory/guest_memory.h"
#include "vmm/memory/memory_map.h"
#include "vmm/pci/function_list.h"
#include "vmm/pci/root_complex.h"

namespace lintel {

// The guest's kernel and initrd on their way into its memory, on a thread of their own from the
// construction on: meanwhile KVM makes the machine, which takes it some ten milliseconds, most of
// them a wait for the host kernel's RCU.
class GuestLoad {
 public:
  // Both outlive it.
  GuestLoad(const config::Config& config, const GuestMemory& memory);
  // Waits for the thread.
  ~GuestLoad();

  class Work;  // the board's own
  Work& work() { return *work_; }

 private:
  std::unique_ptr<Work> work_;
};

// What the machine lends to its board. All of it outlives the board.
struct BoardServices {
  const config::Config& config;
  kvm::Vm& vm;
  const GuestMemory& memory;
  GuestLoad& guest_load;
  MemoryMap& memory_map;
  DoorbellSink& doorbells;
  kvm::CoalescedPorts& coalesced;
  EventLoop& loop;  // for devices that need one but no thread of their own
  MachineEvents& events;
  const Clock& clock;
  ConsoleIo* serial;  // null: no serial port
  // Addresses at which devices of the host reach memory; all of them without such devices.
  std::span<const GuestRange> usable;
};

// Threads: as each method says. Destroyed after the vCPU threads ended.
class Board {
 public:
  virtual ~Board() = default;

  virtual Bus& ports() = 0;
  virtual Bus& memory_bus() = 0;
  virtual pci::RootComplex& pci() = 0;
  // Keeps functions of its buses as long as what refers to them. Before `load_guest`.
  virtual void adopt(pci::FunctionList functions) = 0;
  // The vCPUs in order, in the state that firmware would leave them. Call once.
  virtual std::vector<std::unique_ptr<kvm::Vcpu>> make_vcpus() = 0;
  // Once all devices are there: gives PCI its addresses, writes the tables, waits for the
  // kernel to be loaded and points the first vCPU at it. Throws Error.
  virtual void load_guest(kvm::Vcpu& first) = 0;
  // What the guest was given by `load_guest`, as a flattened device tree; empty on boards without.
  virtual std::vector<std::byte> device_tree() const = 0;

  // Threads: any.
  virtual void press_power_button() = 0;
  virtual std::string describe_vcpu(const kvm::Vcpu& vcpu) const = 0;
};

// Whether guests of this host's board are given a device tree.
bool board_has_device_tree();
// Where RAM of that size is on this host's board, on addresses that devices can use. Throws Error.
std::vector<GuestRange> board_ram(uint64_t size, std::span<const GuestRange> usable);
// Where its BARs of 32 bits are.
GuestRange board_pci_memory32();
// The guest addresses that this host's KVM and CPU have.
GuestRange board_addresses(const kvm::System& system);
std::unique_ptr<Board> make_board(const BoardServices& services);

}  // namespace lintel
