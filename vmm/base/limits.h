// SPDX-License-Identifier: Apache-2.0
// Limits of this process (getrlimit(2)).
#pragma once

namespace lintel {

// The soft limit of a resource, RLIMIT_NOFILE for example, as far as its user may have it: the hard
// one. What cannot be raised stays; whoever meets the limit says so.
void raise_limit(int resource);

}  // namespace lintel
