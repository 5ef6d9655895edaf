// SPDX-License-Identifier: Apache-2.0
// Ethernet frames over a connected stream socket, each behind its length in 32 bits, big endian:
// how passt and other programs speak that stand where a virtual machine's network ends.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "vmm/base/unique_fd.h"
#include "vmm/virtio/backend/packet_port.h"

namespace lintel::virtio {

class FrameStream final : public PacketPort {
 public:
  FrameStream(std::string name, UniqueFd socket);
  // Hangs up, and gives the other end a moment to do so too: what it holds for us (ports of the
  // host) is free afterwards, so that a machine which restarts gets it again.
  ~FrameStream() override;

  std::string_view name() const override { return name_; }
  // The other end gets frames without the virtio header, so it cannot be told to fill anything in.
  uint64_t features() const override { return 0; }
  void negotiated(uint64_t) override {}
  size_t largest() const override;
  int fd() const override { return socket_.get(); }
  Received receive(std::span<const iovec> to) override;
  Status send(std::span<const iovec> packet) override;
  Status flush() override;

 private:
  static constexpr size_t kLengthBytes = 4;
  static constexpr size_t kBufferBytes = 128 << 10;

  Status fill();

  const std::string name_;
  const UniqueFd socket_;
  // Received and not yet delivered: [begin_, end_).
  const std::unique_ptr<std::byte[]> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  // The rest of a frame that the socket took in part.
  std::vector<std::byte> unsent_;
  size_t unsent_begin_ = 0;
  std::vector<iovec> pieces_;  // of one `send`
};

}  // namespace lintel::virtio
