// SPDX-License-Identifier: Apache-2.0
// passt, the program that is a network for guests of unprivileged users: it stands where the
// guest's router would and speaks to the outside by ordinary sockets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vmm/base/unique_fd.h"

namespace lintel::virtio {

struct PasstOptions {
  struct Forward {
    bool udp = false;
    std::string host_address;  // empty: every address
    uint16_t host_port = 0;
    uint16_t guest_port = 0;
  };
  std::string program = "passt";  // looked up in PATH
  uint32_t mtu = 1500;            // what it tells the guest
  std::vector<Forward> forwards;
};

// Its arguments, for a connection that it finds at `socket`.
std::vector<std::string> passt_arguments(const PasstOptions& options, int socket);

// Starts it and returns the connection, which is a FrameStream's. It serves when this returns, and
// ends when the connection is closed, which the kernel does however we end. Throws Error with what
// passt says, for example that a port is taken.
UniqueFd start_passt(const PasstOptions& options);

}  // namespace lintel::virtio
