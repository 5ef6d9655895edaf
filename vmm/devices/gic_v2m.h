// SPDX-License-Identifier: Apache-2.0
// A GICv2m frame: messages for guests whose interrupt controller, a GICv2, knows none (Arm Base
// System Architecture 1.0, appendix "GICv2m architecture"). A write of an interrupt's number to one
// register raises that interrupt, an edge.
//
// KVM has no such frame and routes no messages to a GICv2. So the frame is also the sink of our PCI
// functions' messages: it reads from each which input it is for, and has the kernel raise that one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "vmm/bus/device.h"
#include "vmm/irq/irq.h"

namespace lintel {

class GicV2m final : public Device, public MsiSink {
 public:
  static constexpr uint64_t kSize = 4 * kKiB;

  struct Frame {
    GuestAddress base;
    Spi first;
    uint16_t count = 0;
  };
  // `inputs` must outlive the frame, and the frame its vectors.
  GicV2m(const Frame& frame, EdgeInputs& inputs) : frame_(frame), inputs_(inputs) {}

  std::string_view name() const override { return "gic-v2m"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  void reset() override {}  // it has no state

  std::unique_ptr<MsiVector> make_vector(uint16_t requester) override;

  // The input that a message raises; nullopt if it goes elsewhere, or has a number that is not the
  // frame's. Such a message is lost, as a write to nowhere is.
  std::optional<Gsi> input_of(const MsiMessage& message) const;

 private:
  std::optional<Gsi> input_of_number(uint64_t data) const;

  const Frame frame_;
  EdgeInputs& inputs_;
};

}  // namespace lintel
