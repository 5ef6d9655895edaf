// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/backend/packet_port.h"

#include <algorithm>
#include <cstring>

namespace lintel::virtio {

size_t bytes_of(std::span<const iovec> pieces) {
  size_t total = 0;
  for (const iovec& piece : pieces) total += piece.iov_len;
  return total;
}

size_t scatter(std::span<const iovec> to, size_t offset, std::span<const std::byte> from) {
  size_t done = 0;
  for (const iovec& piece : to) {
    if (done == from.size()) break;
    if (offset >= piece.iov_len) {
      offset -= piece.iov_len;
      continue;
    }
    const size_t count = std::min(from.size() - done, piece.iov_len - offset);
    std::memcpy(static_cast<std::byte*>(piece.iov_base) + offset, from.data() + done, count);
    done += count;
    offset = 0;
  }
  return done;
}

}  // namespace lintel::virtio
