// SPDX-License-Identifier: Apache-2.0
// The thread on which a board's kernel gets into guest memory.
#pragma once

#include <future>
#include <type_traits>
#include <utility>

#include "vmm/base/event_loop.h"

namespace lintel {

// Calls `load` on a thread named "load" from now on. What it returns, or throws, comes out of the
// future's get(); the future's destructor waits for the thread.
template <typename Load>
std::future<std::invoke_result_t<Load>> load_beside(Load load) {
  return std::async(std::launch::async, [load = std::move(load)]() mutable {
    set_thread_name("load");
    return load();
  });
}

}  // namespace lintel
