// SPDX-License-Identifier: Apache-2.0
// Which ports of this host have somebody behind them.
#pragma once

#include <cstdint>
#include <string>

#include "passthrough/host/tree.h"

namespace lintel::commands {

struct HostPort {
  bool udp = false;     // else TCP
  std::string address;  // of the host, IPv4 or IPv6; empty: all of them
  uint16_t number = 0;
};

// Whether a socket has the port, at an address that overlaps. What cannot be read is free.
bool is_port_used(const passthrough::host::Tree& tree, const HostPort& port);

}  // namespace lintel::commands
