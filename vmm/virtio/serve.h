// SPDX-License-Identifier: Apache-2.0
// The loop of a device that finishes each request where it takes it.
#pragma once

#include <cstdint>
#include <optional>

#include "vmm/virtio/device.h"
#include "vmm/virtio/queue.h"

namespace lintel::virtio {

// A driver that adds requests as fast as they are served must not keep the thread from its other
// work (a reset waits for the thread); after so many requests the queue kicks itself and returns.
inline constexpr unsigned kServeBudget = 256;

// Calls `handle(chain)` for each waiting request: the number of bytes written to it, or nullopt to
// leave it and all behind it in the queue, without notifications, until the next `serve`.
template <typename Handle>
void serve(Queue& queue, Interrupts& interrupts, Handle&& handle) {
  queue.disable_notifications();
  bool more = true;
  for (unsigned left = kServeBudget; more && left != 0; --left) {
    if (const Chain* chain = queue.pop()) {
      const std::optional<uint32_t> written = handle(*chain);
      if (written) {
        queue.push(chain->head, *written);
      } else {
        queue.undo_pop();
        more = false;
      }
    } else {
      more = queue.enable_notifications();
      if (more) queue.disable_notifications();
    }
  }
  if (more) queue.kick().signal();
  if (queue.should_interrupt()) interrupts.queue_interrupt(queue.index());
}

}  // namespace lintel::virtio
