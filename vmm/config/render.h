// SPDX-License-Identifier: Apache-2.0
// The field table in the forms that people and editors read.
#pragma once

#include <string>

#include "vmm/config/config.h"

namespace lintel::config {

// A configuration as TOML that loads to the same one from any folder, for `lintel run --print`.
std::string to_toml(const Config& config);

// JSON Schema, draft 4: the newest that the common TOML language servers take.
std::string json_schema();

// lintel.toml(5).
std::string file_manual();

}  // namespace lintel::config
