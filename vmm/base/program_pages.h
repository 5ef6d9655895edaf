// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lintel {

// Gives back the pages of this program and its libraries that nothing writes (code and constants):
// the kernel brings back what is used, from its page cache. Most of a monitor's code runs once,
// before the guest does. Any thread; others may run meanwhile. Does nothing under a debugger, whose
// breakpoints are in those pages.
void release_program_pages();

}  // namespace lintel
