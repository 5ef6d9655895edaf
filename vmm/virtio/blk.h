// SPDX-License-Identifier: Apache-2.0
// virtio-blk (VIRTIO 1.2, 5.2) with one queue.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vmm/base/event_loop.h"
#include "vmm/base/log.h"
#include "vmm/virtio/backend/disk_engine.h"
#include "vmm/virtio/device.h"
#include "vmm/virtio/queue.h"

namespace lintel::virtio {

struct BlkOptions {
  DiskOptions disk;
  bool discard = true;  // offer discard, and let zeroes make holes
  std::string serial;   // the first 20 bytes are shown to the guest
  DiskEngineKind engine = DiskEngineKind::kAuto;
};

// Requests are taken and completed on the loop's thread. A write that was acknowledged is in the
// host's page cache, and on stable storage after the next acknowledged flush; a driver without
// FLUSH gets each write acknowledged when it is on stable storage (5.2.6.2).
class Blk final : public Device {
 public:
  // Throws Error if the disk cannot be used.
  Blk(EventLoop& loop, const BlkOptions& options);
  ~Blk() override;

  std::string_view name() const override { return "virtio-blk"; }
  DeviceType type() const override { return DeviceType::kBlock; }
  uint64_t features() const override;
  std::vector<uint16_t> queue_sizes() const override { return {kQueueSize}; }
  uint32_t config_size() const override { return kConfigBytes; }
  void read_config(uint64_t offset, std::span<std::byte> to) override;
  void write_config(uint64_t, std::span<const std::byte>) override {}
  void activate(const Activation& activation) override;
  // Waits for the requests under way: the host may be writing to guest memory.
  void reset() override;

  const Disk& disk() const { return disk_; }

 private:
  static constexpr uint16_t kQueueSize = 256;
  static constexpr uint32_t kConfigBytes = 60;

  // The first member, so that the engine's callback finds the request.
  struct Request {
    DiskIo io;
    uint16_t head = 0;
    uint64_t room = 0;        // writable bytes before the status
    uint32_t data_bytes = 0;  // written there if the request succeeds
    std::byte* status = nullptr;
  };
  enum class Status : uint8_t { kOk = 0, kIoError = 1, kUnsupported = 2 };  // 5.2.6

  void serve_queue();
  void start(const Chain& chain);
  // A status if the request is over, nullopt if the disk is to do `request.io`.
  std::optional<Status> parse(const Chain& chain, Request& request);
  std::optional<Status> parse_transfer(const Chain& chain, uint64_t sector, bool write,
                                       Request& request);
  std::optional<Status> parse_ranges(const Chain& chain, bool discard, Request& request);
  Status give_id(const Chain& chain, Request& request);
  void done(DiskIo& io, int error);
  void finish(Request& request, Status status);
  void submit();
  void completed();
  void interrupt();

  EventLoop& loop_;
  const Disk disk_;
  const bool discard_;
  const std::string serial_;
  std::unique_ptr<DiskEngine> engine_;
  log::RateLimited failures_;

  // The loop's thread.
  Queue* queue_ = nullptr;
  Interrupts* interrupts_ = nullptr;
  bool write_through_ = false;
  std::vector<std::unique_ptr<Request>> requests_;
  std::vector<Request*> free_;
  bool starved_ = false;  // requests wait in the queue for a free Request
  uint64_t retry_timer_ = 0;
};

}  // namespace lintel::virtio
