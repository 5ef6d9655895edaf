// SPDX-License-Identifier: Apache-2.0
// A driver that asks a disk for anything. Whatever it asks, each request is given back, and the
// disk's size does not change.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/fakes/driver_queue.h"
#include "tests/fakes/guest_ram.h"
#include "vmm/base/endian.h"
#include "vmm/base/log.h"
#include "vmm/virtio/blk.h"
#include "vmm/virtio/ids.h"

namespace lintel::virtio {
namespace {

constexpr uint64_t kRam = 64 * kKiB;
constexpr uint64_t kDiskBytes = 64 * kKiB;

void check(bool holds) {
  if (!holds) std::abort();
}

class NoInterrupts final : public Interrupts {
 public:
  void queue_interrupt(uint16_t) override {}
  void config_interrupt() override {}
  void needs_reset() override { std::abort(); }
  int queue_event_fd(uint16_t) override { return -1; }
};

// What lasts from input to input.
struct Machine {
  GuestMemory memory = make_guest_ram({{GuestAddress(0), kRam}});
  UniqueFd file{memfd_create("disk", 0)};
  EventLoopThread thread{"fuzz", [](const std::exception_ptr&) { std::abort(); }};
  NoInterrupts interrupts;
  std::unique_ptr<Blk> blk;

  Machine() {
    log::configure({.level = log::Level::kOff, .file = {}});
    check(ftruncate(file.get(), kDiskBytes) == 0);
    blk = std::make_unique<Blk>(
        thread.loop(), BlkOptions{.disk = {.path = "/proc/self/fd/" + std::to_string(file.get())},
                                  .serial = "fuzz",
                                  .engine = DiskEngineKind::kSynchronous});
  }
  // Everything that was ready has been dispatched.
  void settle() {
    std::promise<void> dispatched;
    thread.loop().run_sync([&] { thread.loop().add_timer({}, [&] { dispatched.set_value(); }); });
    dispatched.get_future().wait();
  }
};

// A request of the script: the header, then buffers.
std::vector<fakes::Buffer> make_request(const GuestMemory& memory, GuestAddress area,
                                        std::span<const uint8_t>& script) {
  const auto take = [&script] {
    if (script.empty()) return uint8_t{0};
    const uint8_t value = script.front();
    script = script.subspan(1);
    return value;
  };
  constexpr uint32_t kTypes[] = {0, 1, 4, 8, 11, 13, 2, 77};
  std::array<std::byte, 16> header{};
  store_le(&header[0], kTypes[take() % 8]);
  store_le(&header[8], take() % 16 == 0 ? UINT64_MAX - take() : uint64_t{take()});
  memory.write(area, header);
  std::array<std::byte, 16> range{};
  store_le(&range[0], uint64_t{take()});
  store_le(&range[8], uint32_t{take()});
  store_le(&range[12], uint32_t{take()} % 3);
  memory.write(area + 16, range);

  std::vector<fakes::Buffer> buffers;
  const unsigned cut = 1 + take() % 16;
  buffers.push_back({area, cut, false});
  buffers.push_back({area + cut, 16 - cut + (take() % 4 == 0 ? 16u : 0u), false});
  for (unsigned count = take() % 4, writable = take(); count != 0; --count) {
    const uint32_t length = take() % 2 == 0 ? 512u * (take() % 8) : take();
    buffers.push_back({area + take() * 16u, length, count <= writable % 5});
  }
  if (take() % 8 != 0) buffers.push_back({area + 0x3000, 1, true});
  return buffers;
}

}  // namespace
}  // namespace lintel::virtio

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lintel;
  using namespace lintel::virtio;
  static Machine machine;
  const auto ram = machine.memory.slice(GuestAddress(0), kRam);
  std::fill(ram.begin(), ram.end(), std::byte{0});

  fakes::DriverQueue driver(machine.memory, GuestAddress(0x1000), 256);
  Queue queue(machine.memory, 0, 256);
  const uint64_t features = machine.blk->features() | kFeatureVersion1;
  check(queue.configure(driver.layout(), features));
  machine.blk->activate({.memory = &machine.memory,
                         .features = features,
                         .queues = {&queue},
                         .interrupts = &machine.interrupts});
  std::span<const uint8_t> script(data, size);
  unsigned requests = 0;
  for (; !script.empty() && requests < 24; ++requests) {
    // The buffers of all requests share one area: the driver may do that.
    driver.add(make_request(machine.memory, GuestAddress(0x8000), script));
    queue.kick().signal();
    machine.settle();
  }
  for (unsigned i = 0; i < requests; ++i) check(driver.take_used().has_value());
  machine.blk->reset();
  check(file_size(machine.file.get()) == kDiskBytes);
  return 0;
}
