// SPDX-License-Identifier: Apache-2.0
// All that devices see of interrupt controllers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "vmm/base/types.h"

namespace lintel {

// A level interrupt that reaches the interrupt controller, and whose end comes back, without this
// process: as KVM's irqfds with a resample event do it. Driven until it is destroyed.
class LevelEvents {
 public:
  virtual ~LevelEvents() = default;
  // A signal asserts the line, until the guest says that it has handled the interrupt.
  virtual int trigger_fd() const = 0;
  // Signalled when it has, and the line is low again: who still wants attention signals again.
  virtual int resample_fd() const = 0;
};

// One input of the interrupt controller, level or edge as the board wired it.
// Threads: any.
class IrqLine {
 public:
  virtual ~IrqLine() = default;
  // A further source of a level input, ORed with `set`. Null if the host cannot do it. Throws
  // Error.
  virtual std::unique_ptr<LevelEvents> make_level_events() { return nullptr; }
  // For a level input: the level. For an edge input: a rise to true is the event.
  virtual void set(bool level) = 0;

  void pulse() {
    set(true);
    set(false);
  }
};

// A message-signalled interrupt as the guest programmed it (PCI Express Base 5.0, 6.1.4).
struct MsiMessage {
  uint64_t address = 0;
  uint32_t data = 0;
  bool operator==(const MsiMessage&) const = default;
};

// One vector of one function. Threads: any.
class MsiVector {
 public:
  virtual ~MsiVector() = default;
  // What `trigger` and the event descriptor send from now on; nullopt while the vector is masked or
  // was never programmed.
  virtual void route(std::optional<MsiMessage> message) = 0;
  // Sends the message; false if the vector is not routed (the caller keeps it pending).
  virtual bool trigger() = 0;
  // An eventfd whose signal sends the message in the kernel, for vhost and VFIO. Made at the first
  // call and owned by the vector. A signal while not routed stays in the eventfd and is sent when a
  // route comes.
  virtual int event_fd() = 0;
  // Whether a signal stays in the eventfd, and drops it.
  virtual bool pending() = 0;
  virtual void forget_pending() = 0;
};

// A vector and what it sends from now on.
struct MsiRoute {
  MsiVector* vector = nullptr;
  std::optional<MsiMessage> message;
};

// Makes vectors. `requester` is the function's bus/device/function number, which an ITS tells
// devices apart by (arm64); x86 ignores it.
class MsiSink {
 public:
  virtual ~MsiSink() = default;
  virtual std::unique_ptr<MsiVector> make_vector(uint16_t requester) = 0;
  // `route` on each, of vectors that this sink made; where a change costs the same for one as for
  // many, it is made once.
  virtual void route(std::span<const MsiRoute> routes) {
    for (const MsiRoute& route : routes) route.vector->route(route.message);
  }
};

// Edge inputs of the interrupt controller, for a device that turns messages into them.
// Threads: any.
class EdgeInputs {
 public:
  virtual ~EdgeInputs() = default;
  virtual void pulse(Gsi input) = 0;
  // From now on the kernel pulses the input whenever the eventfd is signalled, and at once if it is
  // already. Throws Error.
  virtual void attach(int event_fd, Gsi input) = 0;
  virtual void detach(int event_fd, Gsi input) = 0;
};

}  // namespace lintel
