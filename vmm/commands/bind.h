// SPDX-License-Identifier: Apache-2.0
// `lintel bind` and `lintel restore`.
#pragma once

#include <string>
#include <vector>

#include "passthrough/host/bound_devices.h"

namespace lintel::commands {

// Returns what to print. Throws Error, and nothing is changed, for a device that is not there or
// that the host uses.
std::string bind(const passthrough::host::HostAccess& host,
                 const std::vector<std::string>& devices);

struct Restored {
  std::string text;                   // what was given back
  std::vector<std::string> failures;  // what was not, and why: sentences
};

// Of one machine, or with an empty name all that can be. That nothing is left is no error: a
// machine that ended well leaves nothing. Throws Error for one that runs.
Restored restore(const passthrough::host::HostAccess& host, const std::string& name);

}  // namespace lintel::commands
