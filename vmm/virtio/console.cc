// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/console.h"

#include <sys/epoll.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/virtio/serve.h"

namespace lintel::virtio {
namespace {

// 5.3.3
constexpr uint64_t kFeatureSize = 1ull << 0;
constexpr uint64_t kFeatureMultiport = 1ull << 1;

constexpr uint16_t kDataQueueSize = 128;
constexpr uint16_t kControlQueueSize = 32;

// 5.3.6.2: le32 id, le16 event, le16 value.
constexpr size_t kControlBytes = 8;
enum ControlEvent : uint16_t {
  kDeviceReady = 0,
  kPortAdd = 1,
  kPortReady = 3,
  kConsolePort = 4,
  kResize = 5,
  kPortOpen = 6,
  kPortName = 7,
};

// Port::to_send, lowest first: the driver must know of a port before it hears about it.
enum ToSend : uint8_t {
  kSendAdd = 1,
  kSendConsole = 2,
  kSendName = 4,
  kSendOpen = 8,
  kSendSize = 16,
};

// 5.3.2: the control queues stand between port 0's and port 1's.
constexpr size_t input_queue(uint32_t port) {
  return port == 0 ? 0 : 2 * size_t{port} + 2;
}
constexpr size_t output_queue(uint32_t port) {
  return input_queue(port) + 1;
}
constexpr size_t kControlInputQueue = 2;
constexpr size_t kControlOutputQueue = 3;

Queue* queue_at(const Activation& activation, size_t index) {
  return index < activation.queues.size() ? activation.queues[index] : nullptr;
}

}  // namespace

Console::Console(EventLoop& loop, std::vector<ConsolePortConfig> ports)
    : loop_(loop),
      has_size_(!ports.empty() && ports.front().console &&
                ports.front().io->terminal_size().has_value()) {
  if (ports.empty()) throw_error("A virtio console needs a port");
  if (has_size_) size_ = ports.front().io->terminal_size().value_or(TerminalSize{});
  for (ConsolePortConfig& config : ports) {
    const auto id = static_cast<uint32_t>(ports_.size());
    ports_.push_back(std::make_unique<Port>(*this, id, std::move(config)));
  }
  for (auto& port : ports_) port->config.io->attach(port.get());
}

Console::~Console() {
  for (auto& port : ports_) port->config.io->attach(nullptr);
  reset();
}

uint64_t Console::features() const {
  return (has_size_ ? kFeatureSize : 0) | (multiport() ? kFeatureMultiport : 0);
}

std::vector<uint16_t> Console::queue_sizes() const {
  std::vector<uint16_t> sizes(2, kDataQueueSize);
  if (!multiport()) return sizes;
  sizes.insert(sizes.end(), 2, kControlQueueSize);
  sizes.insert(sizes.end(), 2 * (ports_.size() - 1), kDataQueueSize);
  return sizes;
}

void Console::read_config(uint64_t offset, std::span<std::byte> to) {
  // 5.3.4: le16 cols, le16 rows, le32 max_nr_ports, le32 emerg_wr.
  std::array<std::byte, kConfigBytes> config{};
  {
    MutexLock lock(size_mutex_);
    store_le<uint16_t>(&config[0], size_.columns);
    store_le<uint16_t>(&config[2], size_.rows);
  }
  store_le<uint32_t>(&config[4], static_cast<uint32_t>(ports_.size()));
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] = offset + i < config.size() ? config[offset + i] : std::byte{0};
  }
}

void Console::write_config(uint64_t, std::span<const std::byte>) {}

void Console::watch(Queue* queue, std::function<void()> serve_queue) {
  if (queue == nullptr) return;
  const EventFd& kick = queue->kick();
  loop_.add(kick.get(), EPOLLIN, [&kick, serve_queue = std::move(serve_queue)](uint32_t) {
    kick.consume();
    serve_queue();
  });
  watched_.push_back(kick.get());
}

void Console::activate(const Activation& activation) {
  const bool control = (activation.features & kFeatureMultiport) != 0;
  {
    MutexLock lock(mutex_);
    interrupts_ = activation.interrupts;
    for (auto& port : ports_) {
      // Without MULTIPORT a driver knows of port 0 alone (5.3.5).
      const bool known = port->id == 0 || control;
      port->input = known ? queue_at(activation, input_queue(port->id)) : nullptr;
      port->guest_open = !control;
      port->to_send = 0;
    }
    control_input_ = control ? queue_at(activation, kControlInputQueue) : nullptr;
    control_output_ = control ? queue_at(activation, kControlOutputQueue) : nullptr;
  }
  loop_.run_sync([&] {
    for (auto& owned : ports_) {
      Port* port = owned.get();
      if (port->id != 0 && !control) continue;
      port->output = queue_at(activation, output_queue(port->id));
      watch(port->output, [this, port] { serve_output(*port); });
      watch(queue_at(activation, input_queue(port->id)), [this, port] { offer_input(*port); });
    }
    if (!control) return;
    watch(queue_at(activation, kControlOutputQueue), [this] { serve_control(); });
    watch(queue_at(activation, kControlInputQueue), [this] {
      MutexLock lock(mutex_);
      send_control();
    });
  });
  // The driver may have filled the input queues before it was ready.
  for (auto& port : ports_) port->config.io->input_room();
}

void Console::reset() {
  loop_.run_sync([this] {
    for (const int fd : watched_) loop_.remove(fd);
    watched_.clear();
    for (auto& port : ports_) port->output = nullptr;
  });
  MutexLock lock(mutex_);
  interrupts_ = nullptr;
  control_input_ = control_output_ = nullptr;
  for (auto& port : ports_) {
    port->input = nullptr;
    port->guest_open = false;
    port->to_send = 0;
  }
}

void Console::serve_output(Port& port) {
  Interrupts* interrupts = nullptr;
  {
    MutexLock lock(mutex_);
    interrupts = interrupts_;
  }
  if (interrupts == nullptr || port.output == nullptr) return;
  // The lock is not held: the host's end may block on a slow terminal, and `reset` waits for this
  // thread anyway.
  serve(*port.output, *interrupts, [&](const Chain& chain) -> std::optional<uint32_t> {
    for (const auto& bytes : chain.readable) port.config.io->output(bytes);
    return 0;
  });
}

void Console::offer_input(Port& port) {
  {
    // No kick is needed for the following buffers until input has filled these.
    MutexLock lock(mutex_);
    if (port.input == nullptr) return;
    port.input->disable_notifications();
  }
  port.config.io->input_room();
}

size_t Console::receive(Port& port, std::span<const std::byte> bytes) {
  MutexLock lock(mutex_);
  // A port that no program has open: the input waits.
  if (interrupts_ == nullptr || port.input == nullptr || !port.guest_open) return 0;
  Queue& queue = *port.input;
  size_t taken = 0;
  while (taken < bytes.size()) {
    const Chain* chain = queue.pop();
    if (chain == nullptr) {
      if (!queue.enable_notifications()) break;
      queue.disable_notifications();
      continue;
    }
    const size_t written = chain->write(0, bytes.subspan(taken));
    taken += written;
    queue.push(chain->head, static_cast<uint32_t>(written));
    if (written == 0) {
      // A driver could go on with such buffers for ever; so others have their turn first.
      queue.kick().signal();
      break;
    }
  }
  if (queue.should_interrupt()) interrupts_->queue_interrupt(queue.index());
  return taken;
}

void Console::resize(TerminalSize size) {
  Interrupts* interrupts = nullptr;
  {
    MutexLock lock(mutex_);
    {
      MutexLock size_lock(size_mutex_);
      if (!has_size_ || size == size_) return;
      size_ = size;
    }
    Port& port = *ports_.front();
    if (control_input_ != nullptr && port.guest_open) {
      port.to_send |= kSendSize;
      send_control();
    }
    interrupts = interrupts_;
  }
  if (interrupts != nullptr) interrupts->config_interrupt();
}

void Console::serve_control() {
  std::vector<Port*> opened;
  {
    MutexLock lock(mutex_);
    if (interrupts_ == nullptr || control_output_ == nullptr) return;
    std::vector<bool> open_before;
    open_before.reserve(ports_.size());
    for (const auto& port : ports_) open_before.push_back(port->guest_open);
    // The analysis does not see that the lambda runs in here, under the lock.
    const auto handle = [&](const Chain& chain)
                            LINTEL_TSA(no_thread_safety_analysis) -> std::optional<uint32_t> {
      std::array<std::byte, kControlBytes> message{};
      if (chain.read(0, message) == message.size()) handle_control(message);
      return 0;
    };
    serve(*control_output_, *interrupts_, handle);
    send_control();
    for (const auto& port : ports_) {
      if (port->guest_open && !open_before[port->id]) opened.push_back(port.get());
    }
  }
  for (Port* port : opened) port->config.io->input_room();
}

void Console::handle_control(std::span<const std::byte> message) {
  const auto id = load_le<uint32_t>(&message[0]);
  const auto event = load_le<uint16_t>(&message[4]);
  const auto value = load_le<uint16_t>(&message[6]);
  if (event == kDeviceReady) {
    if (value != 1) return;  // the driver failed
    for (auto& port : ports_) port->to_send |= kSendAdd;
    return;
  }
  if (id >= ports_.size()) return;
  Port& port = *ports_[id];
  if (event == kPortReady && value == 1) {
    port.to_send |= kSendOpen;
    if (port.config.console) port.to_send |= kSendConsole;
    if (!port.config.name.empty()) port.to_send |= kSendName;
    if (id == 0 && has_size_) port.to_send |= kSendSize;
  } else if (event == kPortOpen) {
    port.guest_open = value == 1;
  }
}

std::vector<std::byte> Console::control_message(const Port& port, uint8_t which) {
  uint16_t event = kPortAdd;
  uint16_t value = 1;
  std::vector<std::byte> tail;
  switch (which) {
    case kSendAdd: value = 0; break;
    case kSendConsole: event = kConsolePort; break;
    case kSendOpen: event = kPortOpen; break;
    case kSendName: {
      event = kPortName;
      const auto text = std::as_bytes(std::span(port.config.name));
      tail.assign(text.begin(), text.end());
      break;
    }
    default: {
      event = kResize;
      tail.resize(4);
      MutexLock lock(size_mutex_);
      store_le<uint16_t>(&tail[0], size_.columns);
      store_le<uint16_t>(&tail[2], size_.rows);
      break;
    }
  }
  std::vector<std::byte> message(kControlBytes);
  store_le<uint32_t>(&message[0], port.id);
  store_le<uint16_t>(&message[4], event);
  store_le<uint16_t>(&message[6], value);
  message.insert(message.end(), tail.begin(), tail.end());
  return message;
}

void Console::send_control() {
  if (interrupts_ == nullptr || control_input_ == nullptr) return;
  Queue& queue = *control_input_;
  for (auto& port : ports_) {
    while (port->to_send != 0) {
      const Chain* chain = queue.pop();
      if (chain == nullptr && queue.enable_notifications()) continue;
      if (chain == nullptr) break;
      const auto which = static_cast<uint8_t>(1u << std::countr_zero(port->to_send));
      port->to_send = static_cast<uint8_t>(port->to_send & ~which);
      const size_t written = chain->write(0, control_message(*port, which));
      queue.push(chain->head, static_cast<uint32_t>(written));
    }
  }
  if (queue.should_interrupt()) interrupts_->queue_interrupt(queue.index());
}

}  // namespace lintel::virtio
