// SPDX-License-Identifier: Apache-2.0
// A driver that puts anything anywhere in its rings and descriptors. Whatever it does, what the
// device gets is inside guest memory, and at most as much as the queue may hold.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "tests/fakes/guest_ram.h"
#include "vmm/base/endian.h"
#include "vmm/virtio/ids.h"
#include "vmm/virtio/queue.h"

namespace lintel::virtio {
namespace {

constexpr uint64_t kRam = 16 * kKiB;
constexpr uint16_t kQueueSize = 16;

void check(bool holds) {
  if (!holds) std::abort();
}

class Driver {
 public:
  explicit Driver(std::span<const uint8_t> script) : script_(script) {}

  bool more() const { return !script_.empty(); }
  template <typename T>
  T take() {
    T value{};
    const size_t size = std::min(sizeof value, script_.size());
    std::copy_n(script_.begin(), size, reinterpret_cast<uint8_t*>(&value));
    script_ = script_.subspan(size);
    return value;
  }
  // Mostly addresses that exist.
  GuestAddress address() {
    const auto value = take<uint16_t>();
    return GuestAddress(value < 0xf000 ? value % (kRam + 64) : uint64_t{value} << 48);
  }

 private:
  std::span<const uint8_t> script_;
};

void check_spans(const GuestMemory& memory, const std::vector<std::span<std::byte>>& spans) {
  const auto ram = memory.slice(GuestAddress(0), kRam);
  for (const auto& span : spans) {
    check(!span.empty() && span.data() >= ram.data() &&
          span.data() + span.size() <= ram.data() + ram.size());
  }
}

void serve(const GuestMemory& memory, Queue& queue) {
  for (int i = 0; i < 2 * kQueueSize; ++i) {
    const Chain* chain = queue.pop();
    if (chain == nullptr) break;
    check_spans(memory, chain->readable);
    check_spans(memory, chain->writable);
    check(chain->readable.size() + chain->writable.size() <= queue.layout().size);
    std::array<std::byte, 32> bytes{};
    check(chain->read(3, bytes) <= bytes.size());
    check(chain->write(5, bytes) <= bytes.size());
    queue.push(chain->head, static_cast<uint32_t>(chain->writable_bytes()));
  }
  queue.should_interrupt();
  if (queue.broken()) check(queue.pop() == nullptr && !queue.enable_notifications());
}

}  // namespace
}  // namespace lintel::virtio

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lintel;
  using namespace lintel::virtio;
  static const GuestMemory memory = make_guest_ram({{GuestAddress(0), kRam}});
  const auto ram = memory.slice(GuestAddress(0), kRam);
  std::fill(ram.begin(), ram.end(), std::byte{0});

  Driver driver({data, size});
  int broken = 0;
  Queue queue(memory, 0, kQueueSize, [&broken] { ++broken; });
  const uint64_t features = driver.take<uint8_t>() % 4 * kFeatureIndirectDesc;
  const bool anywhere = driver.take<uint8_t>() % 8 == 0;
  const QueueLayout usual{.size = kQueueSize,
                          .descriptors = GuestAddress(0),
                          .available = GuestAddress(0x100),
                          .used = GuestAddress(0x200)};
  const QueueLayout strange{.size = driver.take<uint16_t>(),
                            .descriptors = driver.address(),
                            .available = driver.address(),
                            .used = driver.address()};
  if (!queue.configure(anywhere ? strange : usual, features)) return 0;
  while (driver.more()) {
    const auto operation = driver.take<uint8_t>();
    const GuestAddress at = driver.address();
    switch (operation % 6) {
      case 0: memory.write_object(at, driver.take<uint64_t>()); break;
      case 1: {  // a descriptor
        std::array<std::byte, 16> descriptor;
        store_le(&descriptor[0], driver.address().value);
        store_le(&descriptor[8], uint32_t{driver.take<uint16_t>()});
        store_le<uint16_t>(&descriptor[12], driver.take<uint8_t>() % 8);
        store_le<uint16_t>(&descriptor[14], driver.take<uint8_t>() % (kQueueSize + 1));
        memory.write(GuestAddress(align_down(at.value, 16)), descriptor);
        break;
      }
      case 2: {  // some requests more
        uint16_t index = 0;
        memory.read_object(usual.available + 2, index);
        memory.write_object(usual.available + 2,
                            static_cast<uint16_t>(index + driver.take<uint8_t>() % 20));
        break;
      }
      case 3: queue.disable_notifications(); break;
      case 4: queue.enable_notifications(); break;
      default: serve(memory, queue); break;
    }
  }
  serve(memory, queue);
  check(broken <= 1 && (broken == 1) == queue.broken());
  return 0;
}
