// SPDX-License-Identifier: Apache-2.0
// Takes guest writes that do nothing where they go, without an exit: a doorbell that nobody hears.
#pragma once

#include "vmm/base/unique_fd.h"
#include "vmm/bus/doorbell.h"

namespace lintel {

class WriteSink {
 public:
  // Takes the writes that match `doorbell` until it is gone. Where the kernel refuses they go on to
  // exit, which is slower and nothing else. `doorbells` outlives it. Throws Error for want of a
  // descriptor.
  WriteSink(DoorbellSink& doorbells, const Doorbell& doorbell);
  ~WriteSink();
  WriteSink(const WriteSink&) = delete;
  WriteSink& operator=(const WriteSink&) = delete;

 private:
  DoorbellSink& doorbells_;
  const Doorbell doorbell_;
  UniqueFd fd_;  // an eventfd: its counter stops at its limit
  bool added_ = false;
};

}  // namespace lintel
