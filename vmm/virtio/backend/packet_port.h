// SPDX-License-Identifier: Apache-2.0
// The host's end of an Ethernet link, for a network device that user space serves.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lintel::virtio {

// Packets have the header of virtio-net in front (net_features.h). Pieces that are passed in are
// the guest's buffers: their content may change at any time.
//
// Threads: the constructor's until the first `negotiated`, then one loop's.
class PacketPort {
 public:
  enum class Status : uint8_t {
    kDone,
    kDropped,  // receive: a packet was larger than the buffers and is lost
    kWait,     // nothing there, or no room: try again when `fd` is readable or writable
    kClosed,   // the link is gone for good
  };
  struct Received {
    Status status = Status::kWait;
    size_t bytes = 0;  // header included; num_buffers is the caller's to fill in
  };

  virtual ~PacketPort() = default;

  // For messages: "tap0".
  virtual std::string_view name() const = 0;
  // The features of virtio-net that the port makes possible.
  virtual uint64_t features() const = 0;
  // What the driver accepted of them. Throws Error.
  virtual void negotiated(uint64_t features) = 0;
  // The most that `receive` returns with these features.
  virtual size_t largest() const = 0;

  virtual int fd() const = 0;
  virtual Received receive(std::span<const iovec> to) = 0;
  // Takes the packet whole or, with kWait, not at all. What cannot be sent is dropped (kDone).
  virtual Status send(std::span<const iovec> packet) = 0;
  // Goes on with what `send` took but could not write yet; kWait while some is left.
  virtual Status flush() { return Status::kDone; }
};

// Linux' UIO_MAXIOV: one system call takes no more pieces.
inline constexpr size_t kMaxPieces = 1024;

size_t bytes_of(std::span<const iovec> pieces);
// Copies as much of `from` as fits behind the first `offset` bytes; returns how much did.
size_t scatter(std::span<const iovec> to, size_t offset, std::span<const std::byte> from);

}  // namespace lintel::virtio
