// SPDX-License-Identifier: Apache-2.0
// From a TOML file and the command line to a checked configuration.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vmm/config/config.h"
#include "vmm/config/places.h"
#include "vmm/config/problem.h"

namespace lintel::config {

// Of this program.
Architecture host_architecture();

struct LoadOptions {
  std::vector<std::string> profiles = {};     // merged in this order
  std::vector<std::string> assignments = {};  // of `--set`: "cpu.count=4"; then these
  bool check_files = true;                    // whether the files that are named must be there
  // Reports what is wrong with the host for a configuration in which nothing else is.
  std::function<void(const Config&, const Places&, Diagnostics&)> check_host = {};
  Architecture architecture = host_architecture();  // of the machine
};

struct Loaded {
  Config config;  // usable if `problems` has no error
  std::vector<Problem> problems;

  bool ok() const { return !has_errors(problems); }
};

// Does not throw for anything that is wrong with the file.
Loaded load_file(const std::string& path, const LoadOptions& options);

// The same for a text; relative paths in it are taken as beside the file `name`.
Loaded load_text(const std::string& name, std::string text, const LoadOptions& options);

}  // namespace lintel::config
