// SPDX-License-Identifier: Apache-2.0
// The TOML reader: no text makes it crash, hang or grow, a text without errors prints to one that
// loads to the same, and every problem can be shown. Lines that start with "#set " are also given
// to `--set`, the first "#profile " to `--profile`.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "vmm/config/load.h"
#include "vmm/config/render.h"

namespace {

using lintel::config::Loaded;
using lintel::config::LoadOptions;

LoadOptions options_in(std::string_view text) {
  LoadOptions options;
  options.check_files = false;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : text.size());
    constexpr std::string_view kSet = "#set ";
    constexpr std::string_view kProfile = "#profile ";
    if (line.starts_with(kSet) && options.assignments.size() < 8) {
      options.assignments.emplace_back(line.substr(kSet.size()));
    } else if (line.starts_with(kProfile) && options.profiles.empty()) {
      options.profiles.emplace_back(line.substr(kProfile.size()));
    }
  }
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const LoadOptions options = options_in(text);
  const Loaded loaded = lintel::config::load_text("vm.toml", text, options);
  lintel::config::to_text(loaded.problems);
  lintel::config::to_json(loaded.problems);
  if (!loaded.ok()) return 0;
  const std::string printed = lintel::config::to_toml(loaded.config);
  const Loaded again = lintel::config::load_text("vm.toml", printed, {.check_files = false});
  if (!again.ok() || lintel::config::to_toml(again.config) != printed) std::abort();
  return 0;
}
