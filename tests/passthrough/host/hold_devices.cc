// SPDX-License-Identifier: Apache-2.0
// Holds devices of this host as a machine does: hold_devices NAME ADDRESS... prints a line for each
// function once all are bound, and gives them back at the end of its input, unless it is killed.
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "passthrough/host/bound_devices.h"
#include "vmm/base/error.h"
#include "vmm/base/run_folder.h"

namespace host = lintel::passthrough::host;

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    const host::Tree tree;
    host::ForkingWriter writer(tree, {});
    const host::JournalFolder journals(tree, lintel::default_run_folder());
    std::vector<host::BindRequest> requests;
    for (int i = 2; i < argc; ++i) {
      const auto address = host::parse_address(argv[i]);
      if (!address) return 2;
      requests.push_back({*address, host::BindMode::kAuto, {}});
    }
    host::BoundDevices devices({tree, writer, journals}, argv[1], requests);
    for (const host::BoundFunction& function : devices.functions()) {
      std::printf("%s %s\n", to_string(function.address).c_str(), function.group_node.c_str());
    }
    std::fflush(stdout);
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    for (const std::string& failure : devices.restore()) {
      std::fprintf(stderr, "%s\n", failure.c_str());
    }
    return 0;
  } catch (const lintel::Error& error) {
    std::fprintf(stderr, "%s\n", error.describe().c_str());
    return 1;
  }
}
