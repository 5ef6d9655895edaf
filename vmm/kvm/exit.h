// SPDX-License-Identifier: Apache-2.0
// Why a vCPU came back from KVM_RUN (Linux Documentation/virt/kvm/api.rst, section 5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "vmm/base/types.h"

namespace lintel::kvm {

// One or, for string instructions, several accesses of one width to one port. For a read the
// handler fills `data`; the vCPU takes it from there at the next run.
struct PortExit {
  uint16_t port;
  AccessSize size;
  bool write;
  std::span<std::byte> data;  // a multiple of the width; inside the shared kvm_run page
};

// 1 to 8 bytes; not always a power of two, since KVM cuts accesses at page boundaries.
struct MmioExit {
  GuestAddress address;
  bool write;
  std::span<std::byte> data;
};

// A signal or an immediate exit: look whether something was asked of the thread.
struct Interrupted {};

// x86: the CPU shut down (a triple fault). arm64 has no such thing.
struct CpuShutdown {};

// The guest asked through its firmware interface (PSCI on arm64).
struct SystemEvent {
  enum class Kind : uint8_t { kShutdown, kReset, kCrash } kind;
};

// The guest touched mapped memory that the host cannot reach: a device's, which was reset or is
// gone. KVM does not say which.
struct MemoryFault {};

// KVM gave up. `what` is for the log and the user, with every value that KVM gave.
struct Failure {
  std::string what;
};

using Exit =
    std::variant<PortExit, MmioExit, Interrupted, CpuShutdown, SystemEvent, MemoryFault, Failure>;

}  // namespace lintel::kvm
