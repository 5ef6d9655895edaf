// SPDX-License-Identifier: Apache-2.0
// Port writes that need not stop the guest (KVM API, KVM_REGISTER_COALESCED_MMIO): KVM notes them
// in a ring, which is emptied, in order, before anything else that a guest does is looked at. So a
// device sees the same accesses in the same order, only some of them later; a port qualifies if
// nobody can tell, as for an index register that does nothing until its data register is accessed.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "vmm/base/sync.h"
#include "vmm/kvm/exit.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"

namespace lintel::kvm {

using PortSink = std::function<void(const PortExit&)>;

// Hands all that is in the ring to `sink`, oldest first. An entry leaves the ring when the sink has
// seen it. `page` is KVM's; entries that make no sense are dropped.
void drain_ring(std::span<std::byte> page, const PortSink& sink);

// Threads: `add` before vCPUs run; `drain` on a vCPU's thread.
class CoalescedPorts {
 public:
  CoalescedPorts(Vm& vm, PortSink sink);

  // Writes of any width that lie within these ports wait. Where KVM cannot, each is an exit as
  // ever.
  void add(GuestRange ports);

  // All vCPUs share the ring, each sees it in its own mapping. What this vCPU wrote before it left
  // the guest has reached its device when this returns.
  void drain(const Vcpu& vcpu);

 private:
  Vm& vm_;
  const PortSink sink_;
  // Pages from the start of a vCPU's mapping to the ring; 0: this KVM has none.
  const size_t ring_page_;
  Mutex mutex_;  // held while an entry is handed over, so that no vCPU overtakes it
};

}  // namespace lintel::kvm
