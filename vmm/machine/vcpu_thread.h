// SPDX-License-Identifier: Apache-2.0
// A vCPU and the thread that runs it.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "vmm/bus/bus.h"
#include "vmm/kvm/coalesced.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/machine/outcome.h"
#include "vmm/machine/run_state.h"
#include "vmm/memory/memory_map.h"

namespace lintel {

class VcpuThread {
 public:
  // What the loop reaches. All of it outlives the thread.
  struct Environment {
    Bus& ports;
    Bus& memory;
    const MemoryMap& memory_map;
    kvm::CoalescedPorts& coalesced;
    RunState& state;
    // Called once or more on the vCPU's thread when the machine must end; must not block.
    std::function<void(Outcome)> end;
    // Takes device memory, which the host may have lost, out of the guest: an access that is
    // repeated exits then.
    std::function<void()> trap_devices;
    // For the report of a failed vCPU.
    std::function<std::string(const kvm::Vcpu&)> describe;
  };

  // Starts the thread; the vCPU does not run before RunState::resume.
  VcpuThread(std::unique_ptr<kvm::Vcpu> vcpu, Environment environment);
  // RunState::stop must have been called.
  ~VcpuThread();

  // Gets the vCPU out of the guest, so that it looks at the RunState.
  void kick();
  kvm::Vcpu& vcpu() { return *vcpu_; }

 private:
  void run();
  void loop();
  void handle(const kvm::Exit& exit);

  std::unique_ptr<kvm::Vcpu> vcpu_;
  Environment environment_;
  RemovalWatch removals_;
  std::thread thread_;  // last: it uses the members above
};

}  // namespace lintel
