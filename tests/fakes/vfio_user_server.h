// SPDX-License-Identifier: Apache-2.0
// A vfio-user server of a CopyDevice, for one client. Its replies can be spoilt on the way.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "passthrough/user/frame.h"
#include "passthrough/user/protocol.h"
#include "tests/fakes/copy_device.h"
#include "vmm/base/mmap_region.h"
#include "vmm/base/range_map.h"
#include "vmm/base/sync.h"
#include "vmm/base/types.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

class VfioUserServer final : private CopyDevice::Host {
 public:
  // What is about to be sent; the header's size is what it should be.
  struct Reply {
    passthrough::user::Header header;
    std::vector<std::byte> payload;
    std::vector<int> fds;  // the server's own
    enum class Action { kSend, kDrop, kHangUp, kSendHalf } action = Action::kSend;
  };
  struct Options {
    // JSON that VERSION is answered with; empty: what the server can do.
    std::string capabilities = {};
    bool twin_socket = false;
    uint64_t max_transfer = 1048576;
    uint64_t max_fds = 8;
    std::function<void(Reply&)> tamper = {};
  };
  // A request to set interrupts, as it came.
  struct IrqRequest {
    passthrough::user::SetIrqsMessage message;
    size_t fds;
  };
  struct Mapping {
    GuestRange range;
    uint64_t file_offset;
    uint32_t flags;
    bool has_file;

    bool operator==(const Mapping&) const = default;
  };

  explicit VfioUserServer(Options options) : options_(std::move(options)), device_(*this) {}

  // Until the client hangs up, breaks the protocol, or `stop`.
  void serve(UniqueFd socket);
  // From any thread.
  void stop() { stop_.signal(); }

  // For tests, from any thread.
  std::vector<IrqRequest> irq_requests();
  std::vector<Mapping> mappings();
  // Requests of a command so far.
  unsigned count(passthrough::user::Command command) const {
    return counts_[static_cast<uint16_t>(command) % counts_.size()].load();
  }

 private:
  struct Message {
    passthrough::user::Header header;
    std::vector<std::byte> payload;
    std::vector<UniqueFd> fds;
  };
  struct Mapped {
    Mapping mapping;
    MmapRegion memory;
  };
  struct Peer {
    UniqueFd socket;
    passthrough::user::FrameReader in;
  };

  bool dma_read(uint64_t address, std::span<std::byte> to, bool messages) override;
  bool dma_write(uint64_t address, std::span<const std::byte> from, bool messages) override;
  void fire(uint32_t vector) override;
  void set_pin(bool level) override;

  // Nothing if the peer is gone or the server is to stop.
  std::optional<Message> receive(Peer& peer);
  bool wait_readable(int socket);
  bool send(int socket, const Reply& reply);
  bool answer(const Message& request, uint32_t error, std::vector<std::byte> payload,
              std::vector<int> fds = {});
  bool handle(Message& request);
  bool version(const Message& request);
  bool region_info(const Message& request);
  bool irq_info(const Message& request);
  uint32_t set_irqs(Message& request);
  bool region_access(const Message& request);
  uint32_t dma_map(Message& request);
  uint32_t dma_unmap(const Message& request);
  // One message to the client and its answer.
  std::optional<Message> ask(passthrough::user::Command command, std::vector<std::byte> payload);
  // The memory at `address` that is mapped, up to `size` bytes.
  std::span<std::byte> mapped(uint64_t address, size_t size);
  void raise_pin();

  const Options options_;
  EventFd stop_;
  CopyDevice device_;
  Peer main_;
  Peer twin_;
  std::deque<Message> deferred_;  // requests that came while we waited for an answer
  uint16_t next_id_ = 0x8000;
  RangeMap<std::shared_ptr<Mapped>> memory_;
  std::vector<UniqueFd> msix_{CopyDevice::kVectors};
  UniqueFd intx_;
  UniqueFd unmask_;
  bool level_ = false;
  bool masked_ = false;

  std::array<std::atomic<unsigned>, 32> counts_{};
  Mutex mutex_;
  std::vector<IrqRequest> irq_requests_ GUARDED_BY(mutex_);
  std::vector<Mapping> mappings_ GUARDED_BY(mutex_);
};

// Serves the other end of a connection on a thread of its own.
class VfioUserServerThread {
 public:
  explicit VfioUserServerThread(VfioUserServer::Options options);
  ~VfioUserServerThread();

  VfioUserServer& server() { return server_; }
  // The client's end; once.
  UniqueFd take_socket() { return std::move(client_); }

 private:
  VfioUserServer server_;
  UniqueFd client_;
  std::thread thread_;
};

}  // namespace lintel
