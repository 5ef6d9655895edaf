// SPDX-License-Identifier: Apache-2.0
// A vfio-user server that says anything: its stream of bytes is cut into messages, and each is read
// as every reply that it could be, and served if it is a command. The first byte of the input is
// how many bytes arrive at once.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "passthrough/user/dma_table.h"
#include "passthrough/user/frame.h"
#include "passthrough/user/messages.h"
#include "passthrough/user/protocol.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::user {
namespace {

constexpr uint64_t kMemory = 0x1000;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_region(const RegionReply& reply) {
  const RegionInfo& info = reply.info;
  check(info.size <= INT64_MAX && reply.file_offset <= INT64_MAX);
  uint64_t end = 0;
  for (const RegionPart& area : info.sparse.value_or(std::vector<RegionPart>{})) {
    check(area.size != 0 && area.offset >= end && area.offset <= info.size);
    check(area.size <= info.size - area.offset);
    end = area.offset + area.size;
  }
}

template <typename Read>
void as_reply(const Read& read) {
  try {
    read();
  } catch (const Error&) {
    // What a malformed reply is.
  }
}

struct Client {
  Client() { table.add({.range = {GuestAddress(kMemory), memory.size()}, .host = memory.data()}); }

  void take(const Header& header, std::span<const std::byte> payload) {
    const size_t fds = header.id % 3;
    const uint32_t index = header.command % 9;
    as_reply([&] {
      const ServerLimits limits = decode_version(payload, fds);
      check(limits.message_fds >= 1 && limits.message_fds <= 253);
      check(limits.transfer >= 8 && limits.transfer <= kMaxTransfer && limits.page_sizes != 0);
      check(!limits.twin_socket || *limits.twin_socket < fds);
    });
    as_reply([&] {
      const DeviceInfo info = decode_device_info(payload);
      check(info.regions >= 8 && info.regions <= 64 && info.irqs <= 16);
    });
    as_reply([&] { check_region(decode_region_info(payload, index, fds)); });
    as_reply([&] { check(decode_irq_info(payload, index).count <= 2048); });
    serve_dma(header, payload, table, reply);
    check(reply.size() <= kMaxPayload);
  }

  std::array<std::byte, 256> memory{};
  DmaTable table;
  std::vector<std::byte> reply;
};

void run(std::span<const std::byte> input) {
  if (input.empty()) return;
  const size_t step = 1 + static_cast<size_t>(input[0]);
  input = input.subspan(1);
  Client client;
  FrameReader reader;
  while (!input.empty()) {
    const auto space = reader.space();
    check(!space.empty() && space.size() <= kMaxPayload);
    const size_t count = std::min({space.size(), input.size(), step});
    std::copy_n(input.begin(), count, space.begin());
    input = input.subspan(count);
    switch (reader.received(count)) {
      case FrameReader::State::kIncomplete: break;
      case FrameReader::State::kMalformed: return;
      case FrameReader::State::kComplete:
        client.take(reader.header(), reader.payload());
        reader.next();
        break;
    }
  }
}

}  // namespace
}  // namespace lintel::passthrough::user

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lintel::passthrough::user::run(std::as_bytes(std::span(data, size)));
  return 0;
}
