// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/limits.h"

#include <sys/resource.h>

namespace lintel {

void raise_limit(int resource) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(resource, &limit);
}

}  // namespace lintel
