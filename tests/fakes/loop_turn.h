// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>

#include <future>

#include "vmm/base/event_loop.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

// Until a loop that runs has called all that was ready: descriptors come in the order of their
// signals.
inline void turn(EventLoop& loop) {
  EventFd last;
  std::promise<void> reached;
  loop.run_sync([&] {
    loop.add(last.get(), EPOLLIN, [&](uint32_t) {
      if (last.consume()) reached.set_value();
    });
  });
  last.signal();
  reached.get_future().wait();
  loop.run_sync([&] { loop.remove(last.get()); });
}

}  // namespace lintel
