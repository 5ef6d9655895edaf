// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/dma_space.h"

#include <algorithm>
#include <array>
#include <bit>

#include "vmm/base/error.h"

namespace lintel::passthrough::user {

DmaGeometry UserDmaSpace::geometry() {
  const ServerLimits& server = session_->server();
  const size_t used = session_->dma().size();
  return {.usable = {{GuestAddress(0), UINT64_MAX}},
          .page_sizes = server.page_sizes,
          .free_mappings = server.dma_maps - std::min<size_t>(used, server.dma_maps)};
}

void UserDmaSpace::map(const MappedMemory& memory) {
  const GuestRange range = memory.range;
  with_context(
      [&] {
        return fmt::format("Cannot map guest memory [{:#x}, +{:#x}) for {}", range.base.value,
                           range.size, name());
      },
      [&] {
        const ServerLimits& server = session_->server();
        if (memory.fd < 0) {
          throw Error("The memory is not in a file that another process can map")
              .with_help("set memory.shared = true");
        }
        const uint64_t page = uint64_t{1} << std::countr_zero(server.page_sizes);
        if (range.base.value % page != 0 || range.size % page != 0) {
          throw_error("It is not aligned to the server's pages of {:#x} bytes", page);
        }
        if (session_->dma().size() >= server.dma_maps) {
          throw_error("The server takes no more than {} ranges", server.dma_maps);
        }
        // Before the server knows of it: it may use the range before it answers.
        if (!session_->dma().add(memory)) throw_error("It overlaps another range");
        const DmaMapMessage message{.flags = kDmaReadable | kDmaWritable,
                                    .offset = memory.fd_offset,
                                    .address = range.base.value,
                                    .size = range.size};
        const std::array fds = {memory.fd};
        try {
          session_->ask({.command = Command::kDmaMap, .payload = bytes_of(message), .fds = fds});
        } catch (...) {
          session_->dma().remove(range);
          throw;
        }
      });
}

void UserDmaSpace::unmap(GuestRange range) {
  const DmaUnmapMessage message{.address = range.base.value, .size = range.size};
  DmaUnmapMessage echo;
  std::exception_ptr failure;
  try {
    // While we wait, the server may still finish transfers, so the range is ours only afterwards.
    session_->ask({.command = Command::kDmaUnmap, .payload = bytes_of(message)},
                  std::as_writable_bytes(std::span(&echo, 1)));
  } catch (const Error&) {
    // Of a server that is gone we have told already.
    if (!session_->connection().gone()) failure = std::current_exception();
  }
  session_->dma().remove(range);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace lintel::passthrough::user
