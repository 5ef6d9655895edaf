// SPDX-License-Identifier: Apache-2.0
// A virtual machine from power-on to its end. It is built once and run once: a reset by the guest
// is a new Machine, so that nothing of the old one can be forgotten.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "passthrough/pci/report.h"
#include "vmm/base/clock.h"
#include "vmm/base/event_loop.h"
#include "vmm/base/sync.h"
#include "vmm/boards/board.h"
#include "vmm/config/config.h"
#include "vmm/devices/byte_sink.h"
#include "vmm/kvm/coalesced.h"
#include "vmm/kvm/vfio_device.h"
#include "vmm/kvm/vm.h"
#include "vmm/machine/device_table.h"
#include "vmm/machine/hotplug_ports.h"
#include "vmm/machine/outcome.h"
#include "vmm/machine/run_state.h"
#include "vmm/machine/vcpu_thread.h"
#include "vmm/memory/guest_memory.h"
#include "vmm/memory/memory_map.h"

namespace lintel {

namespace passthrough {
class DmaMappings;
class DmaSpace;
}  // namespace passthrough

namespace virtio {
class Console;
}

class Machine : public HotplugPorts, private MachineEvents {
 public:
  struct Environment {
    const config::Config& config;
    ConsoleIo& console;
    EventLoop& io_loop;  // the thread of the slow devices; runs as long as the machine exists
    PassedDevices* passed = nullptr;  // the host's devices; null: none
    // Called once, on any thread, when the machine has an outcome; must not block.
    std::function<void()> ended;
    // On a vCPU's thread, each time that the guest switched the power of a port, as often as it
    // likes; must not block.
    std::function<void()> power_changed = [] {};
  };

  // Everything is checked, opened and loaded here; the guest has not run when it returns. Throws
  // Error.
  explicit Machine(const Environment& environment);
  // Stops the vCPUs if they run. Order of the members' destruction, which is the reverse of their
  // order here: vCPU threads, so that nobody uses a device; the host's devices; the board with all
  // others, which leave their loops; the loops' threads; KVM; memory.
  ~Machine() override;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Threads: the control thread.
  void start();
  // Both do nothing if it is so already.
  void pause();
  void resume();
  bool paused() const { return paused_; }
  void press_power_button();
  void console_resized();
  // Ends the run from outside. The first outcome counts.
  void end(Outcome outcome);
  // Whether it has an outcome, so that it will not run on. Threads: any.
  bool ending();
  // After `ended` was called: how it ended. `finish` stops the vCPUs first.
  Outcome outcome();
  Outcome finish();
  // What each vCPU does, for reports. Pauses the machine for it if it runs.
  std::string describe_vcpus();
  // Of the host's devices, for reports.
  std::vector<passthrough::pci::FunctionReport> report_passed();
  uint64_t dma_mapped() const;
  // As Board has it. Threads: any.
  std::vector<std::byte> device_tree() const { return board_->device_tree(); }

  bool is_port(size_t slot) override { return passed_[slot].port != nullptr; }
  bool powered(size_t slot) override;
  void press_attention(size_t slot) override;
  void plug(size_t slot) override;
  void unplug(size_t slot) override;
  std::vector<GuestRange> ram() override;
  void share_memory() override;
  void withdraw_memory(std::span<passthrough::Device* const> devices) override;

 private:
  void power_off() override { end({Outcome::Kind::kPowerOff, 0, {}}); }
  void reset(ResetKind) override { end({Outcome::Kind::kReset, 0, {}}); }
  void guest_panicked() override { end({Outcome::Kind::kPanic, 0, {}}); }
  void guest_crash_loaded() override;
  void guest_shutting_down() override;
  void debug_exit(uint32_t value) override { end({Outcome::Kind::kDebugExit, value, {}}); }

  class Paused;

  bool is_shared_with(const passthrough::DmaSpace* space) const;
  void map_for_devices();
  void add_ram();
  void add_devices();
  void make_threads(std::vector<std::unique_ptr<kvm::Vcpu>> vcpus);
  void trap_devices();
  void kick_all();
  void stop_threads();
  EventLoop& own_loop(const std::string& thread_name);

  const Environment environment_;
  SystemClock clock_;
  kvm::System system_;
  const std::vector<GuestRange> usable_;
  GuestMemory memory_;
  GuestLoad guest_load_;  // before the slow vm_, so that they overlap
  kvm::Vm vm_;
  kvm::VfioDevice kvm_vfio_;
  struct KvmFile {
    int file;
    kvm::VfioDevice::Registration registration;
  };
  std::list<KvmFile> kvm_files_;
  kvm::CoalescedPorts coalesced_;
  MemoryMap memory_map_;
  kvm::MemorySlots slots_;
  kvm::Doorbells doorbells_;
  RunState state_;
  bool paused_ = true;
  std::vector<std::unique_ptr<EventLoopThread>> loops_;
  // Longer than the host's devices, which do DMA.
  struct DmaShare {
    passthrough::DmaSpace* space;
    std::unique_ptr<passthrough::DmaMappings> mappings;
  };
  std::vector<DmaShare> dma_shares_;
  std::unique_ptr<Board> board_;
  virtio::Console* console_ = nullptr;  // the board's; null without a virtio console
  std::vector<PassedSlot> passed_;      // behind ports of the board's; changed while vCPUs pause
  Mutex mutex_;
  std::optional<Outcome> outcome_ GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<VcpuThread>> threads_;
};

}  // namespace lintel
