// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/backend/tap.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"
#include "vmm/base/log.h"
#include "vmm/virtio/net_features.h"

namespace lintel::virtio {
namespace {

constexpr const char* kTunDevice = "/dev/net/tun";

ifreq request_for(const std::string& interface) {
  ifreq request{};
  if (interface.empty() || interface.size() >= sizeof request.ifr_name) {
    throw_error("\"{}\" is not a name of an interface", interface);
  }
  std::memcpy(request.ifr_name, interface.data(), interface.size());
  return request;
}

UniqueFd open_tun() {
  try {
    return open_file(kTunDevice, O_RDWR | O_NONBLOCK);
  } catch (Error& error) {
    const bool missing = error.errno_value() == ENOENT || error.errno_value() == ENODEV;
    throw std::move(error).with_help(missing ? "load the kernel's module: modprobe tun"
                                             : "give the user access to /dev/net/tun");
  }
}

[[noreturn]] void explain(Error error, const std::string& interface) {
  switch (error.errno_value()) {
    case EPERM:
      throw std::move(error).with_help(
          fmt::format("its owner or root may use it: ip tuntap add {} mode tap vnet_hdr user $USER",
                      interface));
    case EBUSY:
      throw std::move(error).with_help("another program has it open: one VM for each interface");
    case EINVAL:
      throw std::move(error).with_help(
          fmt::format("it is not a plain tap interface (ip -d link show {}): tun, multi_queue or "
                      "another kind of interface does not do",
                      interface));
    default: throw std::move(error);
  }
}

// Opens the interface and returns its MTU.
uint32_t attach(int fd, const std::string& interface) {
  ifreq request = request_for(interface);
  // TUNSETIFF makes an interface that does not exist, for those who may.
  if (if_nametoindex(interface.c_str()) == 0) {
    throw Error(fmt::format("There is no interface {}", interface))
        .with_help(fmt::format("ip tuntap add {0} mode tap vnet_hdr user $USER && "
                               "ip link set {0} up",
                               interface));
  }
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  try {
    checked_ioctl(fd, TUNSETIFF, "TUNSETIFF", &request);
  } catch (Error& error) {
    explain(std::move(error), interface);
  }
  int header = static_cast<int>(net::kHeaderBytes);
  checked_ioctl(fd, TUNSETVNETHDRSZ, "TUNSETVNETHDRSZ", &header);

  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  request = request_for(interface);
  if (!socket || ::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) return net::kDefaultMtu;
  if ((request.ifr_flags & IFF_UP) == 0) {
    log::warn("{} is down, no packet will pass: ip link set {} up", interface, interface);
  }
  if (::ioctl(socket.get(), SIOCGIFMTU, &request) != 0) return net::kDefaultMtu;
  return static_cast<uint32_t>(request.ifr_mtu);
}

size_t largest_packet(size_t mtu) {
  return net::kHeaderBytes + net::kEthernetHeaderBytes + net::kVlanTagBytes + mtu;
}

}  // namespace

Tap::Tap(const std::string& interface)
    : name_(interface),
      fd_(open_tun()),
      largest_unsegmented_(largest_packet(
          with_context([&] { return fmt::format("Cannot use the tap interface {}", interface); },
                       [&] { return attach(fd_.get(), interface); }))),
      excess_(std::make_unique_for_overwrite<std::byte[]>(net::kMaxFrame)) {
  pieces_.reserve(kMaxPieces);
}

size_t Tap::largest() const {
  return segments_ ? net::kHeaderBytes + net::kMaxFrame : largest_unsegmented_;
}

uint64_t Tap::features() const {
  return net::kFeatureCsum | net::kFeatureGuestCsum | net::kFeatureGuestTso4 |
         net::kFeatureGuestTso6 | net::kFeatureHostTso4 | net::kFeatureHostTso6 |
         net::kFeatureMergeableBuffers;
}

void Tap::negotiated(uint64_t features) {
  // What the interface may hand to us; what we may hand to it depends on the packets' headers
  // alone. 5.1.3.1: no segmentation without checksums, which the kernel refuses, too.
  unsigned long offloads = 0;
  if ((features & net::kFeatureGuestCsum) != 0) {
    offloads |= TUN_F_CSUM;
    if ((features & net::kFeatureGuestTso4) != 0) offloads |= TUN_F_TSO4;
    if ((features & net::kFeatureGuestTso6) != 0) offloads |= TUN_F_TSO6;
  }
  checked_ioctl(fd_.get(), TUNSETOFFLOAD, "TUNSETOFFLOAD", offloads);
  segments_ = (offloads & (TUN_F_TSO4 | TUN_F_TSO6)) != 0;
}

PacketPort::Received Tap::receive(std::span<const iovec> to) {
  pieces_.assign(to.begin(),
                 to.begin() + static_cast<ptrdiff_t>(std::min(to.size(), kMaxPieces - 1)));
  const size_t room = bytes_of(pieces_);
  pieces_.push_back({excess_.get(), net::kMaxFrame});
  while (true) {
    const ssize_t count = ::readv(fd_.get(), pieces_.data(), static_cast<int>(pieces_.size()));
    if (count >= 0) {
      const auto bytes = static_cast<size_t>(count);
      return {bytes <= room ? Status::kDone : Status::kDropped, bytes};
    }
    if (errno == EAGAIN) return {Status::kWait};
    if (errno != EINTR) return {Status::kClosed};
  }
}

PacketPort::Status Tap::send(std::span<const iovec> packet) {
  if (packet.size() > kMaxPieces) return Status::kDone;
  while (true) {
    if (::writev(fd_.get(), packet.data(), static_cast<int>(packet.size())) >= 0) {
      return Status::kDone;
    }
    switch (errno) {
      case EINTR: continue;
      case EAGAIN: return Status::kWait;
      case EBADFD: return Status::kClosed;  // the interface was deleted
      default: return Status::kDone;  // the kernel refuses the packet, or the interface is down
    }
  }
}

}  // namespace lintel::virtio
