// SPDX-License-Identifier: Apache-2.0
#include "vmm/bus/write_sink.h"

#include <sys/eventfd.h>

#include <cerrno>

#include "vmm/base/error.h"

namespace lintel {

WriteSink::WriteSink(DoorbellSink& doorbells, const Doorbell& doorbell)
    : doorbells_(doorbells), doorbell_(doorbell), fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!fd_) throw_errno(errno, "Cannot create an eventfd");
  added_ = doorbells_.add(doorbell_, fd_.get());
}

WriteSink::~WriteSink() {
  if (added_) doorbells_.remove(doorbell_, fd_.get());
}

}  // namespace lintel
