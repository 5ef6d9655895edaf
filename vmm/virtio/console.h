// SPDX-License-Identifier: Apache-2.0
// virtio-console (VIRTIO 1.2, 5.3): one port without MULTIPORT, so that a guest with one console
// sets two queues up and exchanges no control messages; several ports with it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vmm/base/event_loop.h"
#include "vmm/base/sync.h"
#include "vmm/devices/byte_sink.h"
#include "vmm/virtio/device.h"
#include "vmm/virtio/queue.h"

namespace lintel::virtio {

struct ConsolePortConfig {
  ConsoleIo* io = nullptr;  // must outlive the device
  bool console = true;      // a terminal (/dev/hvcN); else a plain port (/dev/vportXpN)
  std::string name;         // shown by the guest under /dev/virtio-ports; only with several ports
};

// Output and the driver's requests are handled on the loop's thread; input comes in on the thread
// of its ConsoleIo. Input waits in the ConsoleIo until the driver has given buffers for it.
class Console final : public Device {
 public:
  // Port 0 must be a console when there is only one. Throws Error if there is no port.
  Console(EventLoop& loop, std::vector<ConsolePortConfig> ports);
  ~Console() override;

  // The terminal behind port 0 has another size. Threads: any.
  void resize(TerminalSize size);

  std::string_view name() const override { return "virtio-console"; }
  DeviceType type() const override { return DeviceType::kConsole; }
  uint64_t features() const override;
  std::vector<uint16_t> queue_sizes() const override;
  uint32_t config_size() const override { return kConfigBytes; }
  void read_config(uint64_t offset, std::span<std::byte> to) override;
  void write_config(uint64_t offset, std::span<const std::byte> from) override;
  void activate(const Activation& activation) override;
  void reset() override;

 private:
  static constexpr uint32_t kConfigBytes = 12;

  struct Port final : ByteReceiver {
    Port(Console& console_ref, uint32_t number, ConsolePortConfig settings)
        : owner(console_ref), id(number), config(std::move(settings)) {}
    size_t receive(std::span<const std::byte> bytes) override {
      return owner.receive(*this, bytes);
    }

    Console& owner;
    const uint32_t id;
    const ConsolePortConfig config;
    // Guarded by the owner's mutex.
    Queue* input = nullptr;
    bool guest_open = false;
    uint8_t to_send = 0;  // control messages that wait for a buffer, a bit each
    // The loop's thread only.
    Queue* output = nullptr;
  };

  size_t receive(Port& port, std::span<const std::byte> bytes);
  bool multiport() const { return ports_.size() > 1; }
  void serve_output(Port& port);
  void offer_input(Port& port);
  void serve_control();
  void handle_control(std::span<const std::byte> message) REQUIRES(mutex_);
  void send_control() REQUIRES(mutex_);
  std::vector<std::byte> control_message(const Port& port, uint8_t which);
  void watch(Queue* queue, std::function<void()> serve);

  EventLoop& loop_;
  std::vector<std::unique_ptr<Port>> ports_;
  const bool has_size_;
  std::vector<int> watched_;  // the loop's thread only

  Mutex mutex_ ACQUIRED_BEFORE(size_mutex_);
  Mutex size_mutex_;  // all that `read_config` takes: see Interrupts
  TerminalSize size_ GUARDED_BY(size_mutex_);
  Interrupts* interrupts_ GUARDED_BY(mutex_) = nullptr;  // null while not active
  Queue* control_input_ GUARDED_BY(mutex_) = nullptr;
  Queue* control_output_ GUARDED_BY(mutex_) = nullptr;
};

}  // namespace lintel::virtio
