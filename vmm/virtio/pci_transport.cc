// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/pci_transport.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"
#include "vmm/virtio/ids.h"

namespace lintel::virtio {
namespace {

constexpr uint16_t kVendor = 0x1af4;        // 4.1.2
constexpr uint16_t kDeviceIdBase = 0x1040;  // 4.1.2: plus the device type
constexpr uint16_t kSubsystem = 0x40;       // 4.1.2.1
constexpr uint16_t kNoVector = 0xffff;      // 4.1.5.1.2
constexpr uint8_t kIsrQueue = 1;            // 4.1.4.5
constexpr uint8_t kIsrConfig = 2;
constexpr unsigned kBar = 0;

// Capability types, 4.1.4.
constexpr uint8_t kCapCommon = 1;
constexpr uint8_t kCapNotify = 2;
constexpr uint8_t kCapIsr = 3;
constexpr uint8_t kCapDevice = 4;
constexpr uint8_t kCapPciCfg = 5;

// struct virtio_pci_cap, 4.1.4: fields and sizes.
constexpr uint8_t kCapBytes = 16;
constexpr uint8_t kCapType = 3;
constexpr uint8_t kCapBar = 4;
constexpr uint8_t kCapOffset = 8;
constexpr uint8_t kCapLength = 12;
constexpr uint8_t kCapTail = 16;  // notify_off_multiplier, or pci_cfg_data

// The BAR.
constexpr size_t kSmallestPage = 4 * kKiB;
constexpr uint64_t kCommonOffset = 0;
constexpr uint64_t kDeviceOffset = 0x100;
constexpr uint64_t kNotifyInPage = 0x800;
constexpr uint32_t kNotifyMultiplier = 4;
constexpr size_t kMaxQueues = (kSmallestPage - kNotifyInPage) / kNotifyMultiplier;

// struct virtio_pci_common_cfg, 4.1.4.3.
enum Common : uint64_t {
  kDeviceFeatureSelect = 0x00,
  kDeviceFeature = 0x04,
  kDriverFeatureSelect = 0x08,
  kDriverFeature = 0x0c,
  kConfigVector = 0x10,
  kNumQueues = 0x12,
  kStatus = 0x14,
  kGeneration = 0x15,
  kQueueSelect = 0x16,
  kQueueSize = 0x18,
  kQueueVector = 0x1a,
  kQueueEnable = 0x1c,
  kQueueNotifyOff = 0x1e,
  kQueueDesc = 0x20,
  kQueueDriver = 0x28,
  kQueueDevice = 0x30,
  kCommonBytes = 0x38,
};

uint32_t class_of(DeviceType type) {
  switch (type) {
    case DeviceType::kNet: return 0x020000;
    case DeviceType::kBlock: return 0x018000;
    case DeviceType::kConsole: return 0x078000;
    case DeviceType::kVsock: return 0x028000;
    case DeviceType::kEntropy:
    case DeviceType::kBalloon: break;
  }
  return 0xff0000;
}

pci::FunctionSpec function_spec(const virtio::Device& device) {
  const auto type = static_cast<uint16_t>(device.type());
  pci::FunctionSpec spec;
  spec.ids.vendor = kVendor;
  spec.ids.device = static_cast<uint16_t>(kDeviceIdBase + type);
  spec.ids.revision = 1;
  spec.ids.class_code = class_of(device.type());
  spec.ids.subsystem_vendor = kVendor;
  spec.ids.subsystem = kSubsystem;
  spec.pin = pci::Pin::kA;
  return spec;
}

// The guest may be reading: one aligned dword at a time.
void store_dwords(std::byte* to, std::span<const std::byte> from) {
  for (size_t i = 0; i < from.size(); i += 4) {
    std::array<std::byte, 4> dword{};
    std::memcpy(dword.data(), from.data() + i, std::min<size_t>(4, from.size() - i));
    std::atomic_ref<uint32_t>(*reinterpret_cast<uint32_t*>(to + i))
        .store(load_le<uint32_t>(dword.data()), std::memory_order_release);
  }
}

// A 64-bit register is written whole or by halves (4.1.3.1). False for any other access.
bool write_half(uint64_t& target, uint64_t offset, AccessSize size, uint64_t value) {
  if (size == AccessSize::k8 && offset == 0) {
    target = value;
  } else if (size == AccessSize::k4 && (offset == 0 || offset == 4)) {
    const unsigned shift = 8 * static_cast<unsigned>(offset);
    target = (target & ~(0xffffffffull << shift)) | (value << shift);
  } else {
    return false;
  }
  return true;
}

}  // namespace

PciTransport::BarLayout::BarLayout(size_t page_size)
    : page(page_size),
      isr(static_cast<uint32_t>(page_size)),
      notify(static_cast<uint32_t>(page_size + kNotifyInPage)),
      msix(static_cast<uint32_t>(2 * page_size)) {}

PciTransport::PciTransport(const PciAttachment& attachment, std::unique_ptr<virtio::Device> device)
    : pci::Function(attachment.bus, attachment.devfn, function_spec(*device)),
      device_(std::move(device)),
      memory_(attachment.memory),
      doorbells_(attachment.doorbells),
      map_(attachment.map),
      layout_(map_ != nullptr ? map_->page_size() : kSmallestPage),
      offered_features_(device_->features() | device_->ring_features() | kFeatureVersion1),
      config_size_(std::min(device_->config_size(), virtio::Device::kMaxConfigSize)),
      page_(MmapRegion::anonymous(layout_.page, layout_.page)),
      config_vector_(kNoVector),
      queue_vectors_(device_->queue_sizes().size()) {
  const std::vector<uint16_t> sizes = device_->queue_sizes();
  if (sizes.size() > kMaxQueues) {
    throw_error("{} has {} queues; a virtio PCI function has room for {}", device_->name(),
                sizes.size(), kMaxQueues);
  }
  for (size_t i = 0; i < sizes.size(); ++i) {
    queues_.push_back(std::make_unique<Queue>(memory_, static_cast<uint16_t>(i), sizes[i],
                                              [this] { needs_reset(); }));
  }
  // A vector for each queue and one for the configuration: what Linux asks for first.
  const auto vectors =
      pci::MsixLayout::in_bar(kBar, layout_.msix, static_cast<uint16_t>(sizes.size() + 1));
  add_capabilities();
  msix_.emplace(*this, vectors);
  add_bar({.index = kBar,
           .kind = pci::BarKind::kMemory64,
           .prefetchable = true,  // a bridge passes 64-bit addresses to such BARs only
           .size = std::bit_ceil(layout_.msix + uint64_t{vectors.size()}),
           .device = this});
  MutexLock lock(mutex_);
  doorbells_set_.resize(queues_.size());
  reset_device();
}

PciTransport::~PciTransport() {
  unmap_bars();
  MutexLock lock(mutex_);
  reset_device();
}

void PciTransport::add_capability(uint8_t type, uint32_t offset, uint32_t length) {
  const bool tail = type == kCapNotify || type == kCapPciCfg;
  const uint8_t size = tail ? kCapBytes + 4 : kCapBytes;
  const uint8_t at = config().add_capability(pci::reg::kCapVendor, size);
  config().define8(at + 2, size);
  config().define8(at + kCapType, type);
  config().define8(at + kCapBar, kBar);
  config().define32(at + kCapOffset, offset);
  config().define32(at + kCapLength, length);
  if (type == kCapNotify) config().define32(at + kCapTail, kNotifyMultiplier);
}

void PciTransport::add_capabilities() {
  add_capability(kCapCommon, kCommonOffset, kCommonBytes);
  add_capability(kCapNotify, layout_.notify,
                 static_cast<uint32_t>(kNotifyMultiplier * std::max<size_t>(1, queues_.size())));
  add_capability(kCapIsr, layout_.isr, 1);
  if (config_size_ != 0) add_capability(kCapDevice, kDeviceOffset, config_size_);
  add_config_window();
}

// 4.1.4.9. Configuration reads do not exit, so what pci_cfg_data returns is put there beforehand:
// when the driver moves the window, and when a register changes while the window is in use.
void PciTransport::add_config_window() {
  const uint8_t at = config().add_capability(pci::reg::kCapVendor, kCapBytes + 4);
  config().define8(at + 2, kCapBytes + 4);
  config().define8(at + kCapType, kCapPciCfg);
  config().define8(at + kCapBar, 0, 0xff);
  config().define32(at + kCapOffset, 0, 0xffffffff);
  config().define32(at + kCapLength, 0, 0xffffffff);
  config().define32(at + kCapTail, 0, 0xffffffff);
  window_capability_ = at;
  watch(at + kCapBar, kCapTail - kCapBar, [this] { window_moved(); });
  watch(at + kCapTail, 4, [this] { window_written(); });
}

void PciTransport::window_moved() {
  window_used_ = true;
  // The one register whose read has an effect: here the move is the read.
  const uint32_t offset = config().read32(window_capability_ + kCapOffset);
  const uint32_t length = config().read32(window_capability_ + kCapLength);
  if (offset == layout_.isr && length == 1) {
    config().update(window_capability_ + kCapTail, 4, 0xffffffff, take_isr());
    return;
  }
  refresh_window();
}

void PciTransport::window_written() {
  const uint32_t offset = config().read32(window_capability_ + kCapOffset);
  const uint32_t length = config().read32(window_capability_ + kCapLength);
  const uint64_t bar_size = bars().front().spec.size;
  const auto size = access_size(length);
  if (!size || length > 4 || config().read8(window_capability_ + kCapBar) != kBar) return;
  if (offset % length != 0 || offset >= bar_size) return;
  write(offset, *size,
        config().read32(window_capability_ + kCapTail) & static_cast<uint32_t>(all_ones(*size)));
}

void PciTransport::refresh_window() {
  if (!window_used_) return;
  const uint32_t offset = config().read32(window_capability_ + kCapOffset);
  const uint32_t length = config().read32(window_capability_ + kCapLength);
  const auto size = access_size(length);
  if (!size || length > 4 || config().read8(window_capability_ + kCapBar) != kBar) return;
  if (offset % length != 0) return;
  config().update(window_capability_ + kCapTail, 4, 0xffffffff,
                  static_cast<uint32_t>(peek(offset, *size)));
}

// What a read without effects gives.
uint64_t PciTransport::peek(uint64_t offset, AccessSize size) {
  if (offset < layout_.page) {
    if (offset + bytes(size) > layout_.page) return 0;
    MutexLock lock(page_mutex_);
    return load_le_bytes(page_.data() + offset, bytes(size));
  }
  if (offset >= layout_.msix) return msix_->read(offset - layout_.msix, size);
  if (offset != layout_.isr) return 0;  // doorbells read as nothing
  MutexLock lock(isr_mutex_);
  return isr_;
}

uint64_t PciTransport::read(uint64_t offset, AccessSize size) {
  return offset == layout_.isr ? take_isr() : peek(offset, size);
}

void PciTransport::write(uint64_t offset, AccessSize size, uint64_t value) {
  if (offset >= layout_.msix) {
    msix_->write(offset - layout_.msix, size, value);
  } else if (offset >= layout_.notify) {
    // Where the kernel serves the doorbell the write never comes here.
    ring(static_cast<uint16_t>((offset - layout_.notify) / kNotifyMultiplier));
  } else if (offset < kCommonBytes) {
    MutexLock lock(mutex_);
    write_common(offset, size, value);
    publish_common();
  } else if (offset >= kDeviceOffset && offset < kDeviceOffset + config_size_) {
    MutexLock lock(mutex_);
    std::array<std::byte, 8> data;
    store_le_bytes(data.data(), value, data.size());
    device_->write_config(offset - kDeviceOffset, std::span(data).first(bytes(size)));
    MutexLock page_lock(page_mutex_);
    publish_device_config();
  }
  refresh_window();
}

void PciTransport::ring(uint16_t queue) {
  if (queue < queues_.size()) queues_[queue]->kick().signal();
}

uint16_t PciTransport::checked_vector(uint64_t value) const {
  // 4.1.5.1.2.1: a vector that cannot be is refused by NO_VECTOR.
  return value < msix_->vectors() ? static_cast<uint16_t>(value) : kNoVector;
}

void PciTransport::write_common(uint64_t offset, AccessSize size, uint64_t value) {
  if (offset >= kQueueSize) return write_queue(offset, size, value);
  const uint64_t width = offset == kStatus ? 1 : offset < kConfigVector ? 4 : 2;
  if (bytes(size) != width) return;  // 4.1.3.1: a driver must access fields by their width
  switch (offset) {
    case kDeviceFeatureSelect: device_feature_select_ = static_cast<uint32_t>(value); break;
    case kDriverFeatureSelect: driver_feature_select_ = static_cast<uint32_t>(value); break;
    case kDriverFeature: write_driver_features(static_cast<uint32_t>(value)); break;
    case kConfigVector: config_vector_ = checked_vector(value); break;
    case kStatus: write_status(static_cast<uint8_t>(value)); break;
    case kQueueSelect: queue_select_ = static_cast<uint16_t>(value); break;
    default: break;
  }
}

void PciTransport::write_queue(uint64_t offset, AccessSize size, uint64_t value) {
  if (queue_select_ >= queues_.size()) return;
  QueueState& state = states_[queue_select_];
  if (offset == kQueueVector && size == AccessSize::k2) {
    queue_vectors_[queue_select_] = checked_vector(value);
    return;
  }
  // 4.1.4.3.2: the driver sets a queue up before it enables it.
  if (active_ || state.enabled) return;
  if (offset == kQueueSize && size == AccessSize::k2) {
    if (is_power_of_two(value) && value <= queues_[queue_select_]->max_size()) {
      state.size = static_cast<uint16_t>(value);
    }
  } else if (offset == kQueueEnable && size == AccessSize::k2) {
    state.enabled = value == 1;
  } else if (offset >= kQueueDevice) {
    write_half(state.device, offset - kQueueDevice, size, value);
  } else if (offset >= kQueueDriver) {
    write_half(state.driver, offset - kQueueDriver, size, value);
  } else if (offset >= kQueueDesc) {
    write_half(state.descriptors, offset - kQueueDesc, size, value);
  }
}

void PciTransport::write_driver_features(uint32_t value) {
  {
    MutexLock lock(page_mutex_);
    if ((status_ & kStatusFeaturesOk) != 0) return;  // 3.1.1: settled
  }
  if (driver_feature_select_ > 1) {
    unknown_feature_ |= value != 0;
    return;
  }
  const unsigned shift = 32 * driver_feature_select_;
  driver_features_ = (driver_features_ & ~(0xffffffffull << shift)) | (uint64_t{value} << shift);
}

bool PciTransport::features_acceptable() const {
  return !unknown_feature_ && (driver_features_ & ~offered_features_) == 0 &&
         (driver_features_ & kFeatureVersion1) != 0;
}

// 2.1: a driver only adds bits, and 0 resets.
void PciTransport::write_status(uint8_t value) {
  if (value == 0) return reset_device();
  uint8_t before = 0;
  {
    MutexLock lock(page_mutex_);
    before = status_;
  }
  uint8_t added = static_cast<uint8_t>(value & ~before & ~kStatusNeedsReset);
  if ((added & kStatusFeaturesOk) != 0 && !features_acceptable()) {
    added = static_cast<uint8_t>(added & ~kStatusFeaturesOk);
  }
  if ((added & kStatusDriverOk) != 0) {
    // A device that needs a reset (2.1.2) may be half active.
    const bool may_start =
        ((before | added) & kStatusFeaturesOk) != 0 && (before & kStatusNeedsReset) == 0;
    if (!may_start || !activate()) {
      added = static_cast<uint8_t>(added & ~kStatusDriverOk);
      if (may_start) added |= kStatusNeedsReset;
    }
  }
  MutexLock lock(page_mutex_);
  status_ |= added;
}

bool PciTransport::activate() {
  Activation activation;
  activation.memory = &memory_;
  activation.features = driver_features_;
  activation.interrupts = this;
  activation.queues.resize(queues_.size());
  for (size_t i = 0; i < queues_.size(); ++i) {
    const QueueState& state = states_[i];
    if (!state.enabled) continue;
    const QueueLayout layout{.size = state.size,
                             .descriptors = GuestAddress(state.descriptors),
                             .available = GuestAddress(state.driver),
                             .used = GuestAddress(state.device)};
    if (!queues_[i]->configure(layout, driver_features_)) {
      log::debug("{}: the driver's queue {} is not valid", device_->name(), i);
      return false;
    }
    activation.queues[i] = queues_[i].get();
  }
  active_ = true;
  try {
    device_->activate(activation);
  } catch (const Error& error) {
    failures_.warn("{}: {}", device_->name(), error.describe());
    return false;
  }
  update_doorbells();
  return true;
}

void PciTransport::reset_device() {
  if (active_) device_->reset();
  active_ = false;
  update_doorbells();
  for (auto& queue : queues_) queue->stop();

  device_feature_select_ = driver_feature_select_ = 0;
  driver_features_ = 0;
  unknown_feature_ = false;
  queue_select_ = 0;
  states_.assign(queues_.size(), {});
  for (size_t i = 0; i < queues_.size(); ++i) states_[i].size = queues_[i]->max_size();
  config_vector_ = kNoVector;
  for (auto& vector : queue_vectors_) vector = kNoVector;
  take_isr();
  {
    MutexLock lock(page_mutex_);
    status_ = 0;
    publish_device_config();
  }
  publish_common();
}

void PciTransport::reset() {
  {
    MutexLock lock(mutex_);
    reset_device();
  }
  msix_->reset();
  window_used_ = false;
  pci::Function::reset();
}

// A driver that takes bus mastering away from a running device (a kernel that hands over to
// another, say) wants no more DMA: the device stops, and a reset starts it again.
void PciTransport::config_written(uint16_t offset, unsigned size) {
  if (offset > pci::reg::kCommand || offset + size <= pci::reg::kCommand || bus_master()) return;
  MutexLock lock(mutex_);
  if (!active_) return;
  device_->reset();
  active_ = false;
  update_doorbells();
  {
    MutexLock page_lock(page_mutex_);
    status_ |= kStatusNeedsReset;
  }
  publish_common();
}

void PciTransport::bar_mapped(unsigned, GuestAddress address) {
  MutexLock lock(mutex_);
  bar_ = address;
  update_doorbells();
  if (map_ == nullptr) return;
  try {
    map_->add(
        {.range = {address, layout_.page}, .host = page_.data(), .kind = MemoryKind::kReadOnly});
    page_mapped_ = true;
  } catch (const Error& error) {
    failures_.warn("{}: reads of its registers will be slow: {}", device_->name(),
                   error.describe());
  }
}

void PciTransport::bar_unmapped(unsigned, GuestAddress address) {
  MutexLock lock(mutex_);
  if (std::exchange(page_mapped_, false)) map_->remove({address, layout_.page});
  bar_.reset();
  update_doorbells();
}

// The kernel serves the doorbells of the queues in use while the BAR is decoded.
void PciTransport::update_doorbells() {
  for (size_t i = 0; i < queues_.size(); ++i) {
    std::optional<Doorbell> wanted;
    if (active_ && bar_ && queues_[i]->configured()) {
      wanted = Doorbell{.space = AddressSpace::kMemory,
                        .address = *bar_ + layout_.notify + i * kNotifyMultiplier,
                        .width = 0};
    }
    std::optional<Doorbell>& current = doorbells_set_[i];
    if (current && wanted && current->address == wanted->address) continue;
    const int kick = queues_[i]->kick().get();
    if (current) doorbells_.remove(*current, kick);
    current.reset();
    if (wanted && doorbells_.add(*wanted, kick)) current = wanted;
  }
}

void PciTransport::publish_common() {
  std::array<std::byte, kCommonBytes> registers{};
  const auto put = [&](uint64_t offset, auto value) { store_le(&registers[offset], value); };
  const uint64_t select = device_feature_select_;
  put(kDeviceFeatureSelect, device_feature_select_);
  if (select < 2) put(kDeviceFeature, static_cast<uint32_t>(offered_features_ >> (32 * select)));
  put(kDriverFeatureSelect, driver_feature_select_);
  if (driver_feature_select_ < 2) {
    put(kDriverFeature, static_cast<uint32_t>(driver_features_ >> (32 * driver_feature_select_)));
  }
  put(kConfigVector, config_vector_.load());
  put(kNumQueues, static_cast<uint16_t>(queues_.size()));
  put(kQueueSelect, queue_select_);
  if (queue_select_ < queues_.size()) {  // 4.1.4.3.1: no such queue: size 0
    const QueueState& state = states_[queue_select_];
    put(kQueueSize, state.size);
    put(kQueueVector, queue_vectors_[queue_select_].load());
    put(kQueueEnable, static_cast<uint16_t>(state.enabled));
    put(kQueueNotifyOff, queue_select_);
    put(kQueueDesc, state.descriptors);
    put(kQueueDriver, state.driver);
    put(kQueueDevice, state.device);
  }
  MutexLock lock(page_mutex_);
  put(kStatus, status_);
  put(kGeneration, generation_);
  store_dwords(page_.data() + kCommonOffset, registers);
}

void PciTransport::publish_device_config() {
  std::array<std::byte, virtio::Device::kMaxConfigSize> config{};
  device_->read_config(0, std::span(config).first(config_size_));
  store_dwords(page_.data() + kDeviceOffset, config);
}

void PciTransport::config_interrupt() {
  {
    MutexLock lock(page_mutex_);
    // The generation changes before and after the fields, so that a driver which reads while they
    // change sees it (2.5.2); what it reads between the two changes the interrupt makes it read
    // again.
    const auto bump = [this]() LINTEL_TSA(no_thread_safety_analysis) {
      std::byte* dword = page_.data() + kCommonOffset + kStatus;
      std::array<std::byte, 4> value;
      std::memcpy(value.data(), dword, value.size());
      value[kGeneration - kStatus] = std::byte{++generation_};
      store_dwords(dword, value);
    };
    bump();
    publish_device_config();
    bump();
  }
  refresh_window();
  raise(config_vector_, kIsrConfig);
}

void PciTransport::needs_reset() {
  {
    MutexLock lock(page_mutex_);
    status_ |= kStatusNeedsReset;
    std::byte* dword = page_.data() + kCommonOffset + kStatus;
    std::array<std::byte, 4> value;
    std::memcpy(value.data(), dword, value.size());
    value[0] = std::byte{status_};
    store_dwords(dword, value);
  }
  refresh_window();
  raise(config_vector_, kIsrConfig);
}

void PciTransport::queue_interrupt(uint16_t queue) {
  raise(queue_vectors_[queue], kIsrQueue);
}

void PciTransport::raise(uint16_t vector, uint8_t isr_bit) {
  if (msix_->enabled()) {
    if (vector != kNoVector) msix_->trigger(vector);
    return;
  }
  MutexLock lock(isr_mutex_);
  isr_ |= isr_bit;
  set_intx(true);
}

uint8_t PciTransport::take_isr() {
  MutexLock lock(isr_mutex_);
  const uint8_t value = std::exchange(isr_, uint8_t{0});
  if (value != 0) set_intx(false);
  return value;
}

int PciTransport::queue_event_fd(uint16_t queue) {
  const uint16_t vector = queue_vectors_[queue];
  return msix_->enabled() && vector != kNoVector ? msix_->event_fd(vector) : -1;
}

}  // namespace lintel::virtio
