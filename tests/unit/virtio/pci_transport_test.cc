// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/pci_transport.h"

#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "tests/fakes/driver_queue.h"
#include "tests/fakes/fake_irq.h"
#include "tests/fakes/guest_ram.h"
#include "tests/fakes/page_sizes.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/root_complex.h"
#include "vmm/virtio/ids.h"

namespace lintel::virtio {
namespace {

namespace reg = pci::reg;

constexpr uint64_t kDeviceFeature = 1ull << 5;
constexpr uint64_t kAllFeatures =
    kDeviceFeature | kFeatureVersion1 | kFeatureEventIdx | kFeatureIndirectDesc;
constexpr uint64_t kBarAddress = 0x8'0000'0000;

// Counts what the transport tells it.
struct DeviceState {
  int activations = 0;
  int resets = 0;
  Activation activation;
  std::array<std::byte, 16> config{};
  bool fail = false;
};

class TestDevice final : public virtio::Device {
 public:
  explicit TestDevice(DeviceState& state) : state_(state) {}
  std::string_view name() const override { return "virtio-test"; }
  DeviceType type() const override { return DeviceType::kEntropy; }
  uint64_t features() const override { return kDeviceFeature; }
  std::vector<uint16_t> queue_sizes() const override { return {8, 16}; }
  uint32_t config_size() const override { return 12; }
  void read_config(uint64_t offset, std::span<std::byte> to) override {
    std::copy_n(state_.config.begin() + static_cast<ptrdiff_t>(offset), to.size(), to.begin());
  }
  void write_config(uint64_t offset, std::span<const std::byte> from) override {
    for (size_t i = 0; i < from.size() && offset + i < 12; ++i) state_.config[offset + i] = from[i];
  }
  void activate(const Activation& activation) override {
    if (state_.fail) throw_error("the host has no more of it");
    ++state_.activations;
    state_.activation = activation;
  }
  void reset() override {
    ++state_.resets;
    state_.activation = {};
  }

 private:
  DeviceState& state_;
};

class FakeDoorbells final : public DoorbellSink {
 public:
  bool add(const Doorbell& doorbell, int event_fd) override {
    EXPECT_EQ(doorbell.space, AddressSpace::kMemory);
    EXPECT_TRUE(bells.emplace(doorbell.address.value, event_fd).second);
    return accept;
  }
  void remove(const Doorbell& doorbell, int event_fd) override {
    const auto found = bells.find(doorbell.address.value);
    ASSERT_NE(found, bells.end());
    EXPECT_EQ(found->second, event_fd);
    bells.erase(found);
  }
  std::map<uint64_t, int> bells;
  bool accept = true;
};

class FakeMap final : public MemoryObserver {
 public:
  void added(const MappedMemory& memory) override { mapped = memory; }
  void removed(const MappedMemory&) override { mapped.reset(); }
  std::optional<MappedMemory> mapped;
};

class PciTransportTest : public testing::Test {
 protected:
  // Common configuration registers (VIRTIO 1.2, 4.1.4.3).
  static constexpr uint64_t kDeviceFeatureSelect = 0x00, kDeviceFeatures = 0x04,
                            kDriverFeatureSelect = 0x08, kDriverFeatures = 0x0c,
                            kConfigVector = 0x10, kNumQueues = 0x12, kStatus = 0x14,
                            kGeneration = 0x15, kQueueSelect = 0x16, kQueueSize = 0x18,
                            kQueueVector = 0x1a, kQueueEnable = 0x1c, kNotifyOff = 0x1e,
                            kQueueDesc = 0x20, kQueueDriver = 0x28, kQueueDevice = 0x30;

  explicit PciTransportTest(size_t page_size = 4 * kKiB) : map(page_size) {
    map.subscribe(observer);
    root.bar_space().set_windows({.memory = {{GuestAddress(kBarAddress), kGiB}}, .ports = {}});
    transport.emplace(PciAttachment{root.root_bus(), pci::Devfn(3, 0), ram, doorbells, &map},
                      std::make_unique<TestDevice>(state));
    read_capabilities();
    transport->assign_bar(0, GuestAddress(kBarAddress));
    write_config(reg::kCommand, 2, reg::kCommandMemory | reg::kCommandBusMaster);
  }
  ~PciTransportTest() override {
    transport.reset();
    map.unsubscribe(observer);
  }

  uint32_t config(uint16_t offset, unsigned size) {
    return static_cast<uint32_t>(root.config_read(bdf, offset, size));
  }
  void write_config(uint16_t offset, unsigned size, uint32_t value) {
    root.config_write(bdf, offset, size, value);
  }

  struct Capability {
    uint16_t at = 0;
    uint32_t offset = 0;
    uint32_t length = 0;
  };
  void read_capabilities() {
    uint16_t at = static_cast<uint16_t>(config(reg::kCapabilityPointer, 1));
    for (; at != 0; at = static_cast<uint16_t>(config(at + 1, 1))) {
      if (config(at, 1) == reg::kCapMsix) msix_at = at;
      if (config(at, 1) != reg::kCapVendor) continue;
      capabilities[config(at + 3, 1)] = {at, config(at + 8, 4), config(at + 12, 4)};
    }
  }

  uint64_t get(uint64_t offset, unsigned size) {
    return bus.read(GuestAddress(kBarAddress + offset), *access_size(size));
  }
  void put(uint64_t offset, unsigned size, uint64_t value) {
    bus.write(GuestAddress(kBarAddress + offset), *access_size(size), value);
  }
  // What a guest reads of the common configuration, without an exit.
  uint64_t page(uint64_t offset, unsigned size) {
    return observer.mapped ? load_le_bytes(observer.mapped->host + offset, size) : ~0ull;
  }
  uint8_t status() { return static_cast<uint8_t>(page(kStatus, 1)); }

  void offer_features(uint64_t features) {
    put(kStatus, 1, kStatusAcknowledge | kStatusDriver);
    put(kDriverFeatureSelect, 4, 0);
    put(kDriverFeatures, 4, features & 0xffffffff);
    put(kDriverFeatureSelect, 4, 1);
    put(kDriverFeatures, 4, features >> 32);
    put(kStatus, 1, kStatusAcknowledge | kStatusDriver | kStatusFeaturesOk);
  }
  void set_queue_up(uint16_t index, const QueueLayout& layout, uint16_t vector) {
    put(kQueueSelect, 2, index);
    put(kQueueSize, 2, layout.size);
    put(kQueueVector, 2, vector);
    put(kQueueDesc, 4, layout.descriptors.value);
    put(kQueueDesc + 4, 4, layout.descriptors.value >> 32);
    put(kQueueDriver, 8, layout.available.value);
    put(kQueueDevice, 4, layout.used.value);
    put(kQueueDevice + 4, 4, layout.used.value >> 32);
    put(kQueueEnable, 2, 1);
  }
  void enable_msix() {
    write_config(msix_at + reg::kMsixControl, 2, reg::kMsixEnable);
    const uint32_t table = config(msix_at + reg::kMsixTable, 4) & ~7u;
    for (uint32_t i = 0; i < 3; ++i) {
      put(table + 16 * i, 4, 0xfee00000);
      put(table + 16 * i + 4, 4, 0);
      put(table + 16 * i + 8, 4, 0x40 + i);
      put(table + 16 * i + 12, 4, 0);
    }
  }
  void start(uint64_t features = kAllFeatures) {
    offer_features(features);
    put(kConfigVector, 2, 0);
    set_queue_up(0, driver.layout(), 1);
    put(kStatus, 1, 15);
  }
  std::vector<uint32_t> sent() {
    std::vector<uint32_t> data;
    for (const MsiMessage& message : msi.take()) data.push_back(message.data);
    return data;
  }

  Bus bus{"memory"};
  Bus ports{"ports"};
  FakeMsiSink msi;
  FakeIrqLine line;
  MemoryMap map;
  FakeMap observer;
  FakeDoorbells doorbells;
  GuestMemory ram = make_guest_ram({{GuestAddress(0), 1 * kMiB}});
  fakes::DriverQueue driver{ram, GuestAddress(0x1000), 8};
  DeviceState state;
  pci::RootComplex root{
      {.memory = bus, .ports = ports, .msi = msi, .pins = [this](unsigned, pci::Pin) {
         return pci::PinTarget{&line, Gsi(16)};
       }}};
  const pci::Bdf bdf{0, pci::Devfn(3, 0)};
  std::optional<PciTransport> transport;
  std::map<uint32_t, Capability> capabilities;
  uint16_t msix_at = 0;
};

TEST_F(PciTransportTest, Identity_is_a_modern_device) {
  EXPECT_EQ(config(reg::kVendorId, 2), 0x1af4u);
  EXPECT_EQ(config(reg::kDeviceId, 2), 0x1040u + 4);
  EXPECT_EQ(config(reg::kRevision, 1), 1u);
  for (const uint32_t type : {1u, 2u, 3u, 4u, 5u}) EXPECT_TRUE(capabilities.contains(type)) << type;
  EXPECT_EQ(capabilities[1].length, 56u);
  EXPECT_EQ(capabilities[4].length, 12u);
  EXPECT_EQ(config(capabilities[2].at + 16, 4), 4u);
  EXPECT_EQ((config(msix_at + reg::kMsixControl, 2) & 0x7ff) + 1, 3u) << "queues + 1 vectors";
}

TEST_F(PciTransportTest, Registers_are_read_only_memory_of_one_page) {
  ASSERT_TRUE(observer.mapped);
  EXPECT_EQ(observer.mapped->kind, MemoryKind::kReadOnly);
  EXPECT_EQ(observer.mapped->range, (GuestRange{GuestAddress(kBarAddress), 4096}));
  EXPECT_LE(capabilities[1].offset + capabilities[1].length, 4096u);
  EXPECT_LE(capabilities[4].offset + capabilities[4].length, 4096u);
  EXPECT_GE(capabilities[3].offset, 4096u) << "ISR status has a read effect";
  EXPECT_EQ(page(kNumQueues, 2), 2u);
  EXPECT_EQ(get(kNumQueues, 2), 2u);
  write_config(reg::kCommand, 2, 0);
  EXPECT_FALSE(observer.mapped);
}

TEST_F(PciTransportTest, Features_are_read_through_the_select_register) {
  put(kDeviceFeatureSelect, 4, 0);
  uint64_t features = page(kDeviceFeatures, 4);
  put(kDeviceFeatureSelect, 4, 1);
  features |= page(kDeviceFeatures, 4) << 32;
  EXPECT_EQ(features, kAllFeatures);
  put(kDeviceFeatureSelect, 4, 2);
  EXPECT_EQ(page(kDeviceFeatures, 4), 0u);
}

TEST_F(PciTransportTest, Features_ok_is_refused_without_version_1) {
  offer_features(kDeviceFeature);
  EXPECT_EQ(status(), kStatusAcknowledge | kStatusDriver);
}

TEST_F(PciTransportTest, Features_ok_is_refused_for_bits_not_offered) {
  offer_features(kAllFeatures | 1);
  EXPECT_EQ(status() & kStatusFeaturesOk, 0);
  put(kDriverFeatureSelect, 4, 0);
  put(kDriverFeatures, 4, 0);
  put(kDriverFeatureSelect, 4, 7);
  put(kDriverFeatures, 4, 1);
  put(kStatus, 1, 11);
  EXPECT_EQ(status() & kStatusFeaturesOk, 0) << "a bit beyond 63";
}

TEST_F(PciTransportTest, Features_are_settled_by_features_ok) {
  offer_features(kAllFeatures);
  EXPECT_NE(status() & kStatusFeaturesOk, 0);
  put(kDriverFeatureSelect, 4, 0);
  put(kDriverFeatures, 4, 0xffffffff);
  EXPECT_EQ(page(kDriverFeatures, 4), kAllFeatures & 0xffffffff);
}

TEST_F(PciTransportTest, Driver_ok_activates_with_enabled_queues_only) {
  start();
  EXPECT_EQ(status(), 15);
  EXPECT_EQ(state.activations, 1);
  EXPECT_EQ(state.activation.features, kAllFeatures);
  ASSERT_EQ(state.activation.queues.size(), 2u);
  ASSERT_NE(state.activation.queues[0], nullptr);
  EXPECT_EQ(state.activation.queues[1], nullptr);
  driver.add({driver.readable("hello")});
  EXPECT_NE(state.activation.queues[0]->pop(), nullptr);
  put(kStatus, 1, 15);
  EXPECT_EQ(state.activations, 1) << "once";
}

TEST_F(PciTransportTest, Driver_ok_without_features_ok_does_nothing) {
  put(kStatus, 1, 7);
  EXPECT_EQ(state.activations, 0);
  EXPECT_EQ(status() & kStatusDriverOk, 0);
}

TEST_F(PciTransportTest, Bad_queue_address_needs_reset) {
  offer_features(kAllFeatures);
  QueueLayout layout = driver.layout();
  layout.used = GuestAddress(1 * kMiB);
  set_queue_up(0, layout, 1);
  put(kStatus, 1, 15);
  EXPECT_EQ(state.activations, 0);
  EXPECT_NE(status() & kStatusNeedsReset, 0);
  put(kStatus, 1, 0);
  EXPECT_EQ(status(), 0);
}

TEST_F(PciTransportTest, Failing_activation_needs_reset) {
  state.fail = true;
  start();
  EXPECT_NE(status() & kStatusNeedsReset, 0);
  EXPECT_EQ(status() & kStatusDriverOk, 0);
  EXPECT_TRUE(doorbells.bells.empty());
  state.fail = false;
  put(kStatus, 1, 15);
  EXPECT_EQ(state.activations, 0) << "not before it was reset";
  EXPECT_EQ(status() & kStatusDriverOk, 0);
  put(kStatus, 1, 0);
  EXPECT_EQ(state.resets, 1);
  start();
  EXPECT_EQ(state.activations, 1);
  EXPECT_EQ(status(), 15);
}

TEST_F(PciTransportTest, Queue_registers_are_per_queue) {
  put(kQueueSelect, 2, 1);
  EXPECT_EQ(page(kQueueSize, 2), 16u);
  EXPECT_EQ(page(kNotifyOff, 2), 1u);
  put(kQueueDesc, 8, 0x1234567890);
  put(kQueueSize, 2, 4);
  put(kQueueSelect, 2, 0);
  EXPECT_EQ(page(kQueueSize, 2), 8u);
  EXPECT_EQ(page(kQueueDesc, 8), 0u);
  put(kQueueSelect, 2, 1);
  EXPECT_EQ(page(kQueueSize, 2), 4u);
  EXPECT_EQ(page(kQueueDesc, 8), 0x1234567890u);
  put(kQueueSelect, 2, 2);
  EXPECT_EQ(page(kQueueSize, 2), 0u) << "no such queue";
  put(kQueueEnable, 2, 1);
  EXPECT_EQ(page(kQueueEnable, 2), 0u);
}

TEST_F(PciTransportTest, Bad_values_are_not_taken) {
  for (const unsigned size : {3u, 16u, 0u, 0xffffu}) {
    put(kQueueSize, 2, size);
    EXPECT_EQ(page(kQueueSize, 2), 8u) << size;
  }
  put(kQueueVector, 2, 3);
  EXPECT_EQ(page(kQueueVector, 2), 0xffffu);
  put(kConfigVector, 2, 2);
  EXPECT_EQ(page(kConfigVector, 2), 2u);
  put(kConfigVector, 2, 3);
  EXPECT_EQ(page(kConfigVector, 2), 0xffffu);
  put(kNumQueues, 2, 9);
  EXPECT_EQ(page(kNumQueues, 2), 2u);
}

TEST_F(PciTransportTest, Accesses_of_the_wrong_width_are_dropped) {
  put(kStatus, 4, 1);
  put(kStatus, 2, 1);
  EXPECT_EQ(status(), 0);
  put(kQueueSelect, 1, 1);
  EXPECT_EQ(page(kQueueSelect, 2), 0u);
  put(kQueueDesc + 2, 4, 1);
  put(kQueueDesc, 2, 1);
  EXPECT_EQ(page(kQueueDesc, 8), 0u);
}

TEST_F(PciTransportTest, Queues_are_fixed_once_enabled) {
  offer_features(kAllFeatures);
  set_queue_up(0, driver.layout(), 1);
  put(kQueueDesc, 8, 0);
  put(kQueueEnable, 2, 0);
  put(kQueueSize, 2, 2);
  EXPECT_EQ(page(kQueueDesc, 8), driver.layout().descriptors.value);
  EXPECT_EQ(page(kQueueEnable, 2), 1u);
  EXPECT_EQ(page(kQueueSize, 2), 8u);
}

TEST_F(PciTransportTest, Doorbells_are_set_for_enabled_queues_while_the_bar_is_decoded) {
  const uint64_t bell = capabilities[2].offset;
  EXPECT_TRUE(doorbells.bells.empty());
  start();
  ASSERT_EQ(doorbells.bells.size(), 1u);
  EXPECT_EQ(doorbells.bells.begin()->first, kBarAddress + bell);
  EXPECT_EQ(doorbells.bells.begin()->second, state.activation.queues[0]->kick().get());

  write_config(reg::kCommand, 2, reg::kCommandBusMaster);
  EXPECT_TRUE(doorbells.bells.empty());
  transport->assign_bar(0, GuestAddress(kBarAddress + 16 * kMiB));
  write_config(reg::kCommand, 2, reg::kCommandMemory | reg::kCommandBusMaster);
  ASSERT_EQ(doorbells.bells.size(), 1u);
  EXPECT_EQ(doorbells.bells.begin()->first, kBarAddress + 16 * kMiB + bell);

  bus.write(GuestAddress(kBarAddress + 16 * kMiB + kStatus), AccessSize::k1, 0);
  EXPECT_TRUE(doorbells.bells.empty());
}

TEST_F(PciTransportTest, Kick_that_exits_signals_the_queue) {
  doorbells.accept = false;
  start();
  const EventFd& kick = state.activation.queues[0]->kick();
  EXPECT_FALSE(kick.consume());
  put(capabilities[2].offset, 2, 0);
  EXPECT_TRUE(kick.consume());
  put(capabilities[2].offset + 4u * 100, 2, 100);  // no such queue
  EXPECT_FALSE(kick.consume());
  doorbells.bells.clear();
}

TEST_F(PciTransportTest, Interrupts_go_to_the_programmed_vectors) {
  enable_msix();
  start();
  state.activation.interrupts->queue_interrupt(0);
  EXPECT_EQ(sent(), (std::vector<uint32_t>{0x41}));
  state.activation.interrupts->config_interrupt();
  EXPECT_EQ(sent(), (std::vector<uint32_t>{0x40}));
  put(kConfigVector, 2, 0xffff);
  state.activation.interrupts->config_interrupt();
  EXPECT_TRUE(sent().empty());
  EXPECT_FALSE(line.level());
  EXPECT_GE(state.activation.interrupts->queue_event_fd(0), 0);
  EXPECT_EQ(state.activation.interrupts->queue_event_fd(1), -1) << "no vector";
}

TEST_F(PciTransportTest, Without_msix_the_line_is_raised_until_isr_is_read) {
  start();
  Interrupts& interrupts = *state.activation.interrupts;
  EXPECT_EQ(interrupts.queue_event_fd(0), -1);
  interrupts.queue_interrupt(0);
  EXPECT_TRUE(line.level());
  interrupts.config_interrupt();
  EXPECT_EQ(get(capabilities[3].offset, 1), 3u);
  EXPECT_FALSE(line.level());
  EXPECT_EQ(get(capabilities[3].offset, 1), 0u);
  EXPECT_TRUE(sent().empty());
}

TEST_F(PciTransportTest, Config_change_updates_the_page_and_the_generation) {
  enable_msix();
  start();
  const uint64_t generation = page(kGeneration, 1);
  const uint64_t at = capabilities[4].offset;
  EXPECT_EQ(page(at, 4), 0u);
  state.config[2] = std::byte{0x7f};
  state.activation.interrupts->config_interrupt();
  EXPECT_EQ(page(at, 4), 0x7f0000u);
  EXPECT_NE(page(kGeneration, 1), generation);
  EXPECT_EQ(status(), 15);
}

TEST_F(PciTransportTest, Driver_writes_device_config_and_reads_it_back) {
  const uint64_t at = capabilities[4].offset;
  put(at + 4, 4, 0x11223344);
  put(at + 1, 1, 0x99);
  EXPECT_EQ(page(at, 8), 0x1122334400009900u);
  put(at + 12, 4, 0xffffffff);
  EXPECT_EQ(page(at + 12, 4), 0u);
}

TEST_F(PciTransportTest, Broken_queue_needs_reset_and_reset_mends_it) {
  enable_msix();
  start();
  driver.set_available_index(100);
  EXPECT_EQ(state.activation.queues[0]->pop(), nullptr);
  EXPECT_EQ(status(), 15 | kStatusNeedsReset);
  EXPECT_EQ(sent(), (std::vector<uint32_t>{0x40}));
  put(kStatus, 1, 15);
  EXPECT_EQ(status(), 15 | kStatusNeedsReset) << "only a reset clears it";
  put(kStatus, 1, 0);
  EXPECT_EQ(status(), 0);
  EXPECT_EQ(state.resets, 1);
  driver.set_available_index(0);
  start();
  EXPECT_EQ(status(), 15);
  EXPECT_EQ(state.activations, 2);
}

TEST_F(PciTransportTest, Status_zero_resets_all_registers) {
  enable_msix();
  start();
  put(kStatus, 1, 0);
  EXPECT_EQ(state.resets, 1);
  EXPECT_EQ(page(kConfigVector, 2), 0xffffu);
  EXPECT_EQ(page(kQueueEnable, 2), 0u);
  EXPECT_EQ(page(kQueueVector, 2), 0xffffu);
  EXPECT_EQ(page(kQueueDesc, 8), 0u);
  put(kStatus, 1, 0);
  EXPECT_EQ(state.resets, 1) << "it was not active";
}

TEST_F(PciTransportTest, Machine_reset_unmaps_and_resets) {
  enable_msix();
  start();
  root.reset();
  EXPECT_EQ(state.resets, 1);
  EXPECT_FALSE(observer.mapped);
  EXPECT_TRUE(doorbells.bells.empty());
  transport->assign_bar(0, GuestAddress(kBarAddress));
  write_config(reg::kCommand, 2, reg::kCommandMemory);
  EXPECT_EQ(status(), 0);
}

TEST_F(PciTransportTest, Losing_bus_mastering_stops_the_device) {
  start();
  write_config(reg::kCommand, 2, reg::kCommandMemory);
  EXPECT_EQ(state.resets, 1);
  EXPECT_TRUE(doorbells.bells.empty());
  EXPECT_NE(status() & kStatusNeedsReset, 0);
  write_config(reg::kCommand, 2, reg::kCommandMemory | reg::kCommandBusMaster);
  put(kStatus, 1, 0);
  start();
  EXPECT_EQ(state.activations, 2);
}

TEST_F(PciTransportTest, Config_window_reads_and_writes_registers) {
  const uint16_t at = capabilities[5].at;
  const auto look = [&](uint32_t offset, uint32_t length) {
    write_config(at + 4, 1, 0);
    write_config(at + 8, 4, offset);
    write_config(at + 12, 4, length);
    return config(at + 16, 4);
  };
  EXPECT_EQ(look(kNumQueues, 2), 2u);
  look(kQueueSelect, 2);
  write_config(at + 16, 2, 1);
  EXPECT_EQ(page(kQueueSelect, 2), 1u);
  EXPECT_EQ(look(kQueueSize, 2), 16u);
  put(kQueueSelect, 2, 0);
  EXPECT_EQ(config(at + 16, 2), 8u) << "follows changes by the other way";
  // Nonsense does no harm.
  for (const uint32_t length : {0u, 3u, 8u, 0xffffffffu}) look(0xfffffffc, length);
  write_config(at + 4, 1, 5);
  write_config(at + 16, 4, 0xffffffff);
  EXPECT_EQ(page(kQueueSelect, 2), 0u);
}

TEST_F(PciTransportTest, Random_accesses_do_no_harm) {
  uint64_t seed = 1;
  const auto random = [&seed] {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return seed >> 24;
  };
  for (int i = 0; i < 200'000; ++i) {
    const uint64_t offset = random() % (random() % 2 == 0 ? 0x40 : 0x4000);
    const unsigned size = 1u << (random() % 4);
    if (random() % 4 == 0) {
      get(offset, size);
    } else {
      put(offset, size, random() % 3 == 0 ? random() : random() % 32);
    }
    if (random() % 64 == 0) start(random() % 2 == 0 ? kAllFeatures : random());
  }
  put(kStatus, 1, 0);
  start();
  EXPECT_EQ(status(), 15);
}

class PciTransportPageTest : public PciTransportTest, public testing::WithParamInterface<size_t> {
 protected:
  PciTransportPageTest() : PciTransportTest(GetParam()) {}
};

TEST_P(PciTransportPageTest, Bar_is_laid_out_in_the_hosts_pages) {
  const size_t page_size = GetParam();
  ASSERT_TRUE(observer.mapped);
  EXPECT_EQ(observer.mapped->range, (GuestRange{GuestAddress(kBarAddress), page_size}));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(observer.mapped->host) % page_size, 0u);
  EXPECT_LE(capabilities[4].offset + capabilities[4].length, page_size);
  EXPECT_GE(capabilities[3].offset, page_size) << "ISR status has a read effect";
  EXPECT_GE(capabilities[2].offset, page_size) << "doorbells take writes";
  EXPECT_GE(config(msix_at + reg::kMsixTable, 4) & ~7u, 2 * page_size);
}

TEST_P(PciTransportPageTest, Device_works_whatever_the_page_size) {
  enable_msix();
  start();
  EXPECT_EQ(page(kQueueEnable, 2), 1u);
  ASSERT_EQ(doorbells.bells.size(), 1u);
  EXPECT_EQ(doorbells.bells.begin()->first, kBarAddress + capabilities[2].offset);
  for (uint64_t at = GetParam(); at < 2 * GetParam(); at += 4) put(at, 4, 0xffff);
  EXPECT_EQ(get(capabilities[3].offset, 1), 0u);
  write_config(reg::kCommand, 2, 0);
  EXPECT_FALSE(observer.mapped);
}

INSTANTIATE_TEST_SUITE_P(HostPages, PciTransportPageTest, testing::ValuesIn(host_page_sizes()));

}  // namespace
}  // namespace lintel::virtio
