// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/client.h"

#include "passthrough/user/dma_space.h"
#include "passthrough/user/socket.h"
#include "passthrough/user/user_device.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::user {

RemoteDevice connect(const std::string& path, const Limits& limits) {
  return attach(connect_unix(path, limits.command), path, limits);
}

RemoteDevice attach(UniqueFd socket, std::string name, const Limits& limits) {
  return with_context([&] { return fmt::format("Cannot use the vfio-user device {}", name); },
                      [&] {
                        auto session = std::make_shared<Session>(std::move(socket), name, limits);
                        auto device = std::make_unique<UserDevice>(session);
                        session->connection().report();
                        return RemoteDevice{.device = std::move(device),
                                            .dma = std::make_unique<UserDmaSpace>(session)};
                      });
}

}  // namespace lintel::passthrough::user
