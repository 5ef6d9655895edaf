// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/rng.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/virtio/queue.h"
#include "vmm/virtio/serve.h"

namespace lintel::virtio {
namespace {

constexpr auto kPeriod = std::chrono::milliseconds(20);
constexpr uint64_t kPeriodsPerSecond = 50;
// One request is answered with no more; less than was asked for is fine (5.4.6.2).
constexpr size_t kMostPerRequest = 64 * kKiB;

}  // namespace

Rng::Rng(EventLoop& loop, const RngOptions& options)
    : loop_(loop),
      bytes_per_period_(std::max<uint64_t>(1, options.bytes_per_second / kPeriodsPerSecond)) {
  if (options.source.empty() || options.source == "/dev/urandom") return;
  // Non-blocking, so that a slow source stalls no other device of the loop.
  source_ = with_context([] { return "Cannot use the source of the guest's random numbers"; },
                         [&] { return open_file(options.source, O_RDONLY | O_NONBLOCK); });
}

void Rng::activate(const Activation& activation) {
  loop_.run_sync([&] {
    queue_ = activation.queues.at(0);
    interrupts_ = activation.interrupts;
    if (queue_ == nullptr) return;
    loop_.add(queue_->kick().get(), EPOLLIN, [this](uint32_t) {
      queue_->kick().consume();
      serve_requests();
    });
  });
}

void Rng::reset() {
  loop_.run_sync([this] {
    if (timer_ != 0) loop_.cancel_timer(std::exchange(timer_, 0));
    if (queue_ != nullptr) loop_.remove(queue_->kick().get());
    queue_ = nullptr;
    interrupts_ = nullptr;
  });
}

void Rng::serve_requests() {
  const auto now = EventLoop::Clock::now();
  if (now >= period_end_) {
    period_end_ = now + kPeriod;
    allowance_ = bytes_per_period_;
  }
  serve(*queue_, *interrupts_, [this](const Chain& chain) -> std::optional<uint32_t> {
    if (chain.writable.empty()) return 0;
    uint32_t written = 0;
    for (const auto& span : chain.writable) {
      const size_t want = std::min({span.size(), kMostPerRequest - written, allowance_});
      if (want == 0) break;
      const size_t got = fill(span.first(want));
      written += static_cast<uint32_t>(got);
      allowance_ -= got;
      if (got != want) break;
    }
    // 5.4.6.2: a used buffer holds at least one byte.
    if (written != 0) return written;
    retry_later();
    return std::nullopt;
  });
}

size_t Rng::fill(std::span<std::byte> to) {
  if (source_) {
    const ssize_t count = ::read(source_.get(), to.data(), to.size());
    if (count > 0) return static_cast<size_t>(count);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    failures_.warn("The source of the guest's random numbers {}; the host's getrandom serves",
                   count == 0 ? "has ended" : "fails: " + errno_text(errno));
  }
  const ssize_t count = getrandom(to.data(), to.size(), 0);
  return count < 0 ? 0 : static_cast<size_t>(count);
}

void Rng::retry_later() {
  if (timer_ != 0) return;
  timer_ = loop_.add_timer(kPeriod, [this] {
    timer_ = 0;
    serve_requests();
  });
}

}  // namespace lintel::virtio
