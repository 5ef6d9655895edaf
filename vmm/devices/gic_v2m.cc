// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/gic_v2m.h"

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"

namespace lintel {
namespace {

// The registers, 32 bits each. MSI_IIDR at 0xfcc reads as zero: no implementer has this frame.
constexpr uint64_t kType = 0x008;
constexpr uint64_t kSetSpi = 0x040;  // takes 16 bits too
// MSI_TYPER: the first interrupt in bits 25 to 16, how many in bits 9 to 0.
constexpr unsigned kFirstShift = 16;
// MSI_SETSPI_NS: the interrupt; the rest is reserved.
constexpr uint64_t kNumberMask = 0x3ff;

// While its message raises nothing, the eventfd is not the kernel's, so that a signal stays in it.
class Vector final : public MsiVector {
 public:
  Vector(const GicV2m& frame, EdgeInputs& inputs) : frame_(frame), inputs_(inputs) {}

  ~Vector() override {
    MutexLock lock(mutex_);
    if (attached_) inputs_.detach(event_->get(), *attached_);
  }

  void route(std::optional<MsiMessage> message) override {
    MutexLock lock(mutex_);
    routed_ = message.has_value();
    input_ = message ? frame_.input_of(*message) : std::nullopt;
    if (event_) attach();
  }

  bool trigger() override {
    MutexLock lock(mutex_);
    if (!routed_) return false;
    if (input_) inputs_.pulse(*input_);
    return true;
  }

  int event_fd() override {
    MutexLock lock(mutex_);
    if (!event_) {
      event_ = std::make_unique<EventFd>();
      attach();
    }
    return event_->get();
  }

  bool pending() override {
    MutexLock lock(mutex_);
    return event_ && !attached_ && event_->is_signalled();
  }

  void forget_pending() override {
    MutexLock lock(mutex_);
    if (event_ && !attached_) event_->consume();
  }

 private:
  void attach() REQUIRES(mutex_) {
    if (attached_ == input_) return;
    if (attached_) inputs_.detach(event_->get(), *attached_);
    attached_.reset();
    if (!input_) return;
    try {
      inputs_.attach(event_->get(), *input_);
      attached_ = input_;
    } catch (const Error& error) {
      refused_.warn("{}", error.describe());
    }
  }

  const GicV2m& frame_;
  EdgeInputs& inputs_;
  log::RateLimited refused_;
  Mutex mutex_;
  bool routed_ GUARDED_BY(mutex_) = false;
  std::optional<Gsi> input_ GUARDED_BY(mutex_);  // of the message
  std::unique_ptr<EventFd> event_ GUARDED_BY(mutex_);
  std::optional<Gsi> attached_ GUARDED_BY(mutex_);  // what the eventfd raises
};

}  // namespace

uint64_t GicV2m::read(uint64_t offset, AccessSize size) {
  if (offset != kType) return 0;
  return (uint64_t{frame_.first.intid()} << kFirstShift | frame_.count) & all_ones(size);
}

void GicV2m::write(uint64_t offset, AccessSize size, uint64_t value) {
  if (offset != kSetSpi || size == AccessSize::k1) return;
  if (const auto input = input_of_number(value)) inputs_.pulse(*input);
}

std::unique_ptr<MsiVector> GicV2m::make_vector(uint16_t) {
  return std::make_unique<Vector>(*this, inputs_);
}

std::optional<Gsi> GicV2m::input_of(const MsiMessage& message) const {
  if (message.address != frame_.base.value + kSetSpi) return std::nullopt;
  return input_of_number(message.data);
}

std::optional<Gsi> GicV2m::input_of_number(uint64_t data) const {
  // Of a number below the first it wraps, and is too large as well.
  const uint64_t index = (data & kNumberMask) - frame_.first.intid();
  if (index >= frame_.count) return std::nullopt;
  return Gsi(frame_.first.value + static_cast<uint32_t>(index));
}

}  // namespace lintel
