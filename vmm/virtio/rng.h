// SPDX-License-Identifier: Apache-2.0
// virtio-rng, the entropy device (VIRTIO 1.2, 5.4).
#pragma once

#include <cstdint>
#include <string>

#include "vmm/base/event_loop.h"
#include "vmm/base/log.h"
#include "vmm/base/unique_fd.h"
#include "vmm/virtio/device.h"

namespace lintel::virtio {

struct RngOptions {
  // Read instead of getrandom(2); empty or /dev/urandom: getrandom(2) itself.
  std::string source;
  // A guest that asks without end must not keep a host thread, or drain a hardware source.
  uint64_t bytes_per_second = 16 << 20;
};

class Rng final : public Device {
 public:
  // Throws Error if the source cannot be opened.
  Rng(EventLoop& loop, const RngOptions& options);
  ~Rng() override { reset(); }

  std::string_view name() const override { return "virtio-rng"; }
  DeviceType type() const override { return DeviceType::kEntropy; }
  uint64_t features() const override { return 0; }
  std::vector<uint16_t> queue_sizes() const override { return {kQueueSize}; }
  uint32_t config_size() const override { return 0; }
  void read_config(uint64_t, std::span<std::byte>) override {}
  void write_config(uint64_t, std::span<const std::byte>) override {}
  void activate(const Activation& activation) override;
  void reset() override;

 private:
  static constexpr uint16_t kQueueSize = 16;

  void serve_requests();
  size_t fill(std::span<std::byte> to);
  void retry_later();

  // All on the loop's thread.
  EventLoop& loop_;
  const uint64_t bytes_per_period_;
  UniqueFd source_;  // empty: getrandom(2)
  Queue* queue_ = nullptr;
  Interrupts* interrupts_ = nullptr;
  uint64_t allowance_ = 0;  // bytes left in this period
  uint64_t timer_ = 0;      // 0: none
  EventLoop::Clock::time_point period_end_{};
  log::RateLimited failures_;
};

}  // namespace lintel::virtio
