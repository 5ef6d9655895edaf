// SPDX-License-Identifier: Apache-2.0
// The client of vfio-user: a device that another process serves, through the same interfaces as a
// device of the kernel.
#pragma once

#include <memory>
#include <string>

#include "passthrough/device.h"
#include "passthrough/dma.h"
#include "passthrough/user/session.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::user {

// Destroyed in any order; the connection ends with the last of the two.
struct RemoteDevice {
  std::unique_ptr<Device> device;
  // Of this device alone: each server has its own view of the guest's memory.
  std::unique_ptr<DmaSpace> dma;
};

// Connects to the server's socket. Throws Error, with help where the server is not there.
RemoteDevice connect(const std::string& path, const Limits& limits = {});
// The same over a socket that is connected already; `name` is for messages.
RemoteDevice attach(UniqueFd socket, std::string name, const Limits& limits = {});

}  // namespace lintel::passthrough::user
