// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/net_device.h"

#include <optional>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/virtio/backend/frame_stream.h"
#include "vmm/virtio/backend/passt.h"
#include "vmm/virtio/backend/tap.h"
#include "vmm/virtio/net.h"
#include "vmm/virtio/net_features.h"
#include "vmm/virtio/packet_pump.h"
#include "vmm/virtio/vhost_net.h"

namespace lintel {
namespace {

using Engine = std::unique_ptr<virtio::NetEngine>;

std::optional<virtio::Vhost> open_vhost(const config::NetConfig& net) {
  if (net.vhost == config::Vhost::kOff) return std::nullopt;
  try {
    return virtio::Vhost("/dev/vhost-net");
  } catch (const Error& error) {
    if (net.vhost == config::Vhost::kOn) throw;
    log::info("{} is served without vhost: {}", net.id, error.describe());
    return std::nullopt;
  }
}

Engine make_tap_engine(const DeviceServices& services, const config::NetConfig& net) {
  auto tap = std::make_unique<virtio::Tap>(net.tap);
  if (auto vhost = open_vhost(net)) {
    return std::make_unique<virtio::VhostNet>(services.io_loop, std::move(*vhost), std::move(tap));
  }
  return std::make_unique<virtio::PacketPump>(services.own_loop(net.id), std::move(tap));
}

Engine make_user_engine(const DeviceServices& services, const config::NetConfig& net) {
  virtio::PasstOptions options;
  options.mtu = net.mtu.value_or(virtio::net::kDefaultMtu);
  for (const config::PortForward& forward : net.forward) {
    options.forwards.push_back({.udp = forward.transport == config::Transport::kUdp,
                                .host_address = forward.host_address,
                                .host_port = forward.host_port,
                                .guest_port = forward.guest_port});
  }
  auto stream = std::make_unique<virtio::FrameStream>("passt", virtio::start_passt(options));
  return std::make_unique<virtio::PacketPump>(services.own_loop(net.id), std::move(stream));
}

Engine make_engine(const DeviceServices& services, const config::NetConfig& net) {
  switch (net.type) {
    case config::NetType::kTap: return make_tap_engine(services, net);
    case config::NetType::kUser: return make_user_engine(services, net);
    case config::NetType::kNone: break;
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<virtio::Device> make_net_device(const DeviceServices& services,
                                                const config::NetConfig& net) {
  return with_context([&] { return fmt::format("Cannot set up the network interface {}", net.id); },
                      [&] {
                        virtio::NetOptions options;
                        options.mac = net.mac.value_or(config::MacAddress{});
                        options.mtu = net.mtu;
                        return std::make_unique<virtio::Net>(options, make_engine(services, net));
                      });
}

}  // namespace lintel
