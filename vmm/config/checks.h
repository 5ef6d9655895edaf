// SPDX-License-Identifier: Apache-2.0
// What takes several values to judge: automatic values, and combinations that cannot stand.
#pragma once

#include "vmm/config/config.h"
#include "vmm/config/places.h"
#include "vmm/config/problem.h"
#include "vmm/config/reader.h"

namespace lintel::config {

// Fills in names, ids, MAC addresses and the topology.
void fill_automatic(Config& config, std::string_view default_name);

// Reports conflicts between the values of a filled configuration. Sections that `reader` found
// broken are left alone.
void check_conflicts(const Config& config, const Places& places, const Reader& reader,
                     Diagnostics& diagnostics);

// Reports each file that is not there or cannot be read.
void check_files(const std::vector<FileReference>& files, Diagnostics& diagnostics);

}  // namespace lintel::config
