// SPDX-License-Identifier: Apache-2.0
// The host's end of the console, as the configuration wants it.
#pragma once

#include <functional>
#include <memory>

#include "vmm/base/event_loop.h"
#include "vmm/config/config.h"
#include "vmm/devices/byte_sink.h"

namespace lintel {

// `quit` is called on the loop's thread when the user asks to leave (Ctrl-a x). Throws Error.
std::unique_ptr<ConsoleIo> make_console(const config::ConsoleConfig& config, EventLoop& loop,
                                        std::function<void()> quit);

}  // namespace lintel
