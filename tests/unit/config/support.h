// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vmm/config/load.h"

namespace lintel::config::testing {

// A text's problems without the files that it names.
inline Loaded load_on(Architecture architecture, std::string text, LoadOptions options = {}) {
  options.check_files = false;
  options.architecture = architecture;
  return load_text("vm.toml", std::move(text), options);
}

// The same on x86_64, whatever the host is.
inline Loaded load(std::string text, LoadOptions options = {}) {
  return load_on(Architecture::kX86_64, std::move(text), std::move(options));
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
