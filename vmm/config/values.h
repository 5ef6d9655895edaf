// SPDX-License-Identifier: Apache-2.0
// One TOML value against one row of the field table.
#pragma once

#include <optional>
#include <string_view>

#include "vmm/config/fields.h"
#include "vmm/config/problem.h"
#include "vmm/config/tree.h"

namespace lintel::config {

// Reports a value of the wrong type or out of range under `name`, such as "memory.size", and
// returns nothing then. Paths come back as written.
std::optional<Scalar> to_scalar(std::string_view name, const Field& field, const Node& node,
                                Diagnostics& diagnostics);

}  // namespace lintel::config
