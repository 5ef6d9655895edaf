// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vmm/config/load.h"

namespace lintel::config::testing {

// A text's problems without the files that it names.
inline Loaded load(std::string text, LoadOptions options = {}) {
  options.check_files = false;
  return load_text("vm.toml", std::move(text), options);
}

// What a valid configuration cannot do without, on its first two lines.
inline std::string bootable(const std::string& rest) {
  return "boot.kernel = \"bzImage\"\nboot.cmdline = \"console=ttyS0 console=hvc0\"\n" + rest;
}

inline std::string report(const Loaded& loaded) {
  return to_text(loaded.problems);
}

// "E1002@3:1" for each problem.
inline std::vector<std::string> ids(const Loaded& loaded) {
  std::vector<std::string> out;
  for (const Problem& problem : loaded.problems) {
    out.push_back((problem.severity == Severity::kError ? "E" : "W") +
                  std::to_string(static_cast<int>(problem.id)) + "@" +
                  std::to_string(problem.line) + ":" + std::to_string(problem.column));
  }
  return out;
}

}  // namespace lintel::config::testing
