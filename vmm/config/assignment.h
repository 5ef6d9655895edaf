// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "vmm/config/problem.h"
#include "vmm/config/tree.h"

namespace lintel::config {

// Applies "cpu.count=4", "disk.0.path=a.img" or "disk.root.path=a.img" to a tree. The value is
// TOML if it starts with a quote, a bracket or a brace; else it is taken as the key's type wants
// it. Reports what is wrong under the name "--set".
void assign(Node& root, const std::string& assignment, Diagnostics& diagnostics);

}  // namespace lintel::config
