// SPDX-License-Identifier: Apache-2.0
// A device and its view of memory, served by a CopyDevice in another thread.
#include "passthrough/user/client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "passthrough/region_split.h"
#include "passthrough/user/protocol.h"
#include "tests/fakes/copy_device.h"
#include "tests/fakes/vfio_user_server.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::passthrough::user {
namespace {

constexpr uint64_t kRam = 0x40000000;
constexpr uint64_t kRamSize = 4 * kMiB;
constexpr uint64_t kHighRam = 0x100000000;
constexpr uint64_t kHighRamSize = 64 * kKiB;

class ClientTest : public testing::Test {
 protected:
  void start(VfioUserServer::Options options = {}) {
    thread.emplace(std::move(options));
    remote = attach(thread->take_socket(), "test");
    device = remote.device.get();
    dma = remote.dma.get();
  }

  static MappedMemory memory_of(const RamRegion& region) {
    return {.range = region.range,
            .host = region.mapping.data(),
            .kind = MemoryKind::kRam,
            .fd = region.memfd.get(),
            .fd_offset = region.memfd_offset};
  }
  void map_ram() {
    for (const RamRegion& region : ram.regions()) dma->map(memory_of(region));
  }

  uint32_t read32(uint64_t offset, uint32_t region = pci_region::kBar0) {
    std::array<std::byte, 4> data;
    EXPECT_TRUE(device->read(region, offset, data));
    return load_le<uint32_t>(data.data());
  }
  void write32(uint64_t offset, uint32_t value, uint32_t region = pci_region::kBar0) {
    EXPECT_TRUE(device->write(region, offset, bytes_of(value)));
  }
  void write64(uint64_t offset, uint64_t value) {
    EXPECT_TRUE(device->write(pci_region::kBar0, offset, bytes_of(value)));
  }
  void allow_dma() { write32(0x04, 0x6, pci_region::kConfig); }
  void copy(uint64_t from, uint64_t to, uint32_t length, uint32_t go) {
    write64(CopyDevice::kSource, from);
    write64(CopyDevice::kDestination, to);
    write32(CopyDevice::kLength, length);
    write32(CopyDevice::kGo, CopyDevice::kGoStart | go);
  }
  void fill(uint64_t address, size_t size) {
    const auto memory = ram.slice(GuestAddress(address), size);
    for (size_t i = 0; i < size; ++i) memory[i] = static_cast<std::byte>(i * 7 + i / 251);
  }
  bool same(uint64_t a, uint64_t b, size_t size) {
    return std::ranges::equal(ram.slice(GuestAddress(a), size), ram.slice(GuestAddress(b), size));
  }
  VfioUserServer& server() { return thread->server(); }

  const std::array<GuestRange, 2> ranges = {GuestRange{GuestAddress(kRam), kRamSize},
                                            GuestRange{GuestAddress(kHighRam), kHighRamSize}};
  const GuestMemory ram{ranges, {.huge_pages = HugePages::kOff, .shared = true, .prefault = false}};
  std::optional<VfioUserServerThread> thread;
  RemoteDevice remote;
  Device* device = nullptr;
  DmaSpace* dma = nullptr;
};

template <typename Call>
std::string complaint(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.describe();
  }
  return "none";
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ClientTest, Device_is_described) {
  start();
  EXPECT_EQ(device->name(), "test");
  EXPECT_EQ(device->info().kind, DeviceKind::kPci);
  EXPECT_TRUE(device->info().can_reset);
  EXPECT_EQ(device->info().regions, 9u);
  EXPECT_EQ(device->info().irqs, 5u);
  const RegionInfo bar0 = device->region(pci_region::kBar0);
  EXPECT_EQ(bar0.size, CopyDevice::kBar0Size);
  EXPECT_TRUE(bar0.readable && bar0.writable && bar0.mappable);
  EXPECT_EQ(bar0.sparse,
            (std::vector<RegionPart>{{0x1000, 0x2000}, {0x4000, 0x1800}, {0xa000, 0x6000}}));
  EXPECT_FALSE(device->region(2).sparse.has_value());
  EXPECT_EQ(device->region(1).size, 0u);
  EXPECT_FALSE(device->region(pci_region::kConfig).mappable);
  const IrqInfo intx = device->irq(pci_irq::kIntx);
  EXPECT_EQ(intx.count, 1u);
  EXPECT_TRUE(intx.eventfd && intx.maskable && intx.automasked);
  EXPECT_EQ(device->irq(pci_irq::kMsix).count, CopyDevice::kVectors);
  EXPECT_EQ(device->irq(pci_irq::kMsi).count, 0u);
  EXPECT_TRUE(device->hot_reset_peers().empty());
  EXPECT_THROW(device->hot_reset({}), Error);
  EXPECT_THROW(device->region(9), Error);
  EXPECT_THROW(device->irq(5), Error);
}

TEST_F(ClientTest, Accesses_reach_the_registers) {
  start();
  EXPECT_EQ(read32(0, pci_region::kConfig),
            CopyDevice::kVendor | uint32_t{CopyDevice::kDevice} << 16);
  EXPECT_EQ(read32(CopyDevice::kMagic), CopyDevice::kMagicValue);
  write64(CopyDevice::kSource, 0x1122334455667788);
  EXPECT_EQ(read32(CopyDevice::kSource + 4), 0x11223344u);
  std::array<std::byte, 1> byte;
  EXPECT_TRUE(device->read(pci_region::kBar0, CopyDevice::kSource + 1, byte));
  EXPECT_EQ(byte[0], std::byte{0x77});
}

TEST_F(ClientTest, Access_that_the_device_refuses_fails_and_reads_ones) {
  start();
  std::array<std::byte, 4> data{};
  EXPECT_FALSE(device->read(pci_region::kBar0, 2, data));  // not aligned
  EXPECT_EQ(load_le<uint32_t>(data.data()), 0xffffffffu);
  EXPECT_FALSE(device->write(pci_region::kBar0, 2, data));
  EXPECT_EQ(read32(CopyDevice::kMagic), CopyDevice::kMagicValue);  // it is still there
}

TEST_F(ClientTest, Access_beyond_a_region_is_not_sent) {
  start();
  std::array<std::byte, 4> data{};
  EXPECT_FALSE(device->read(pci_region::kBar0, CopyDevice::kBar0Size - 2, data));
  EXPECT_FALSE(device->read(pci_region::kBar0, UINT64_MAX - 1, data));
  EXPECT_FALSE(device->write(1, 0, data));
  EXPECT_FALSE(device->write(9, 0, data));
  EXPECT_EQ(server().count(Command::kRegionRead), 0u);
  EXPECT_EQ(server().count(Command::kRegionWrite), 0u);
}

TEST_F(ClientTest, Long_access_is_cut_to_what_the_server_takes) {
  start({.max_transfer = 4096});
  std::vector<std::byte> data(10000);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * 5);
  EXPECT_TRUE(device->write(2, 0x123, data));
  EXPECT_EQ(server().count(Command::kRegionWrite), 3u);
  std::vector<std::byte> back(data.size());
  EXPECT_TRUE(device->read(2, 0x123, back));
  EXPECT_EQ(server().count(Command::kRegionRead), 3u);
  EXPECT_EQ(back, data);
}

TEST_F(ClientTest, Mapped_part_is_the_memory_of_the_region) {
  start();
  const MmapRegion mapped = device->map(pci_region::kBar0, {0x1000, 0x2000});
  ASSERT_EQ(mapped.size(), 0x2000u);
  mapped.bytes()[0x1004] = std::byte{0x5a};
  std::array<std::byte, 1> byte;
  EXPECT_TRUE(device->read(pci_region::kBar0, 0x2004, byte));
  EXPECT_EQ(byte[0], std::byte{0x5a});
  EXPECT_EQ(read32(CopyDevice::kTrappedReads), 1u);
}

TEST_F(ClientTest, Region_with_an_offset_in_its_file_is_mapped_there_for_large_pages) {
  start();
  const MmapRegion mapped = device->map(2, {0, CopyDevice::kBar2Size});
  EXPECT_EQ(reinterpret_cast<uintptr_t>(mapped.data()) % (2 * kMiB), 0u);
  EXPECT_TRUE(device->write(2, CopyDevice::kBar2Size - 1, std::array{std::byte{0x77}}));
  EXPECT_EQ(mapped.bytes().back(), std::byte{0x77});
}

TEST_F(ClientTest, Whole_pages_of_a_mappable_part_are_mapped_and_no_others) {
  start();
  const RegionInfo bar0 = device->region(pci_region::kBar0);
  for (const RegionPart& part : mapped_parts(bar0, {}, 4096)) {
    EXPECT_EQ(device->map(pci_region::kBar0, part).size(), part.size);
  }
  for (const RegionPart part :
       {RegionPart{0x5000, 0x1000}, RegionPart{0, 0x1000}, RegionPart{0x1000, 0x3000},
        RegionPart{0x1000, 0x800}, RegionPart{0x1000, 0}, RegionPart{0xa000, 0x7000},
        RegionPart{0xa000, 0xfffffffffffff000}}) {
    EXPECT_TRUE(
        contains(complaint([&] { device->map(pci_region::kBar0, part); }), "cannot be mapped"))
        << part.offset;
  }
  EXPECT_THROW(device->map(pci_region::kConfig, {0, 0x1000}), Error);
  EXPECT_THROW(device->map(9, {0, 0x1000}), Error);
}

TEST_F(ClientTest, Vectors_signal_their_eventfds) {
  start();
  std::array<EventFd, 3> events;
  const std::array fds = {events[0].get(), -1, events[1].get()};
  device->set_triggers(pci_irq::kMsix, 4, fds);
  const std::array later = {events[2].get()};
  device->set_triggers(pci_irq::kMsix, 5, later);
  write32(CopyDevice::kDoorbell, 4);
  EXPECT_TRUE(events[0].consume());
  write32(CopyDevice::kDoorbell, 5);
  EXPECT_TRUE(events[2].consume());
  write32(CopyDevice::kDoorbell, 6);
  EXPECT_TRUE(events[1].consume());

  const std::array none = {-1};
  device->set_triggers(pci_irq::kMsix, 6, none);
  write32(CopyDevice::kDoorbell, 6);
  EXPECT_FALSE(events[1].consume());
  write32(CopyDevice::kDoorbell, 4);
  EXPECT_TRUE(events[0].consume());

  device->disable_irqs(pci_irq::kMsix);
  write32(CopyDevice::kDoorbell, 4);
  EXPECT_FALSE(events[0].consume());
}

TEST_F(ClientTest, Triggers_are_cut_to_the_descriptors_that_the_server_takes) {
  start({.max_fds = 2});
  EventFd event;
  std::vector<int> fds(CopyDevice::kVectors, event.get());
  fds[3] = fds[4] = fds[5] = -1;
  device->set_triggers(pci_irq::kMsix, 0, fds);
  std::vector<std::array<size_t, 3>> seen;  // start, count, descriptors
  for (const auto& request : server().irq_requests()) {
    EXPECT_EQ(request.message.argsz, 20u);
    EXPECT_EQ(request.message.flags, kIrqDataEventfd | kIrqActionTrigger);
    seen.push_back({request.message.start, request.message.count, request.fds});
  }
  const std::vector<std::array<size_t, 3>> expected = {
      {0, 2, 2}, {2, 1, 1}, {3, 3, 0}, {6, 2, 2}, {8, 2, 2}, {10, 2, 2}, {12, 2, 2}, {14, 2, 2}};
  EXPECT_EQ(seen, expected);
}

TEST_F(ClientTest, Vectors_that_are_not_there_are_an_error) {
  start();
  const std::array<int, 2> none = {-1, -1};
  EXPECT_THROW(device->set_triggers(pci_irq::kMsix, CopyDevice::kVectors - 1, none), Error);
  EXPECT_THROW(device->set_triggers(pci_irq::kMsix, UINT32_MAX, none), Error);
  EXPECT_THROW(device->set_triggers(5, 0, none), Error);
  EXPECT_THROW(device->mask(pci_irq::kIntx, 1), Error);
  device->disable_irqs(pci_irq::kMsi);  // has none, so they are off
  EXPECT_TRUE(server().irq_requests().empty());
}

TEST_F(ClientTest, Pin_masks_itself_until_it_is_unmasked) {
  start();
  EventFd event;
  const std::array fds = {event.get()};
  device->set_triggers(pci_irq::kIntx, 0, fds);
  write32(CopyDevice::kIntx, 1);
  EXPECT_TRUE(event.consume());
  device->unmask(pci_irq::kIntx, 0);  // the level is still there
  EXPECT_TRUE(event.consume());
  write32(CopyDevice::kIntx, 0);
  device->unmask(pci_irq::kIntx, 0);
  EXPECT_FALSE(event.consume());
  device->mask(pci_irq::kIntx, 0);
  write32(CopyDevice::kIntx, 1);
  EXPECT_FALSE(event.consume());
  EventFd unmask;
  device->set_unmask_event(pci_irq::kIntx, 0, unmask.get());
  unmask.signal();
  read32(CopyDevice::kMagic);  // the server looks at the event before it answers
  EXPECT_TRUE(event.consume());
  device->set_unmask_event(pci_irq::kIntx, 0, -1);
  unmask.signal();
  read32(CopyDevice::kMagic);
  EXPECT_FALSE(event.consume());
}

TEST_F(ClientTest, Reset_is_the_servers) {
  start();
  write64(CopyDevice::kSource, 5);
  device->reset();
  EXPECT_EQ(read32(CopyDevice::kResets), 1u);
  EXPECT_EQ(read32(CopyDevice::kSource), 0u);
}

TEST_F(ClientTest, Memory_is_mapped_and_unmapped_with_its_file) {
  start();
  map_ram();
  const auto expected = [&](size_t i) {
    return VfioUserServer::Mapping{.range = ranges[i],
                                   .file_offset = ram.regions()[i].memfd_offset,
                                   .flags = kDmaReadable | kDmaWritable,
                                   .has_file = true};
  };
  EXPECT_EQ(server().mappings(), (std::vector{expected(0), expected(1)}));
  EXPECT_EQ(dma->geometry().free_mappings, 65533u);
  dma->unmap(ranges[0]);
  EXPECT_EQ(server().mappings(), (std::vector{expected(1)}));
  EXPECT_EQ(dma->geometry().free_mappings, 65534u);
}

TEST_F(ClientTest, Geometry_is_what_the_server_says) {
  start({.capabilities = R"({"capabilities":{"max_dma_maps":1,"pgsizes":1052672}})"});
  EXPECT_EQ(dma->geometry().page_sizes, 0x101000u);
  EXPECT_EQ(dma->geometry().free_mappings, 1u);
  ASSERT_EQ(dma->geometry().usable.size(), 1u);
  EXPECT_TRUE(dma->geometry().usable[0].contains(GuestAddress(kHighRam), kHighRamSize));
  dma->map(memory_of(ram.regions()[0]));
  EXPECT_TRUE(
      contains(complaint([&] { dma->map(memory_of(ram.regions()[1])); }), "no more than 1 ranges"));
}

TEST_F(ClientTest, Memory_without_a_file_is_an_error_that_names_the_key) {
  start();
  MappedMemory memory = memory_of(ram.regions()[0]);
  memory.fd = -1;
  EXPECT_TRUE(contains(complaint([&] { dma->map(memory); }), "help: set memory.shared = true"));
  EXPECT_EQ(server().count(Command::kDmaMap), 0u);
}

TEST_F(ClientTest, Memory_that_does_not_fit_is_an_error) {
  start({.capabilities = R"({"capabilities":{"pgsizes":2097152}})"});
  EXPECT_TRUE(contains(complaint([&] { dma->map(memory_of(ram.regions()[1])); }), "not aligned"));
  dma->map(memory_of(ram.regions()[0]));
  EXPECT_TRUE(contains(complaint([&] { dma->map(memory_of(ram.regions()[0])); }), "overlaps"));
  EXPECT_EQ(server().count(Command::kDmaMap), 1u);
}

TEST_F(ClientTest, Memory_that_the_server_refuses_is_not_mapped) {
  start();
  MappedMemory memory = memory_of(ram.regions()[0]);
  memory.fd_offset = 1;  // mmap(2) refuses it
  EXPECT_TRUE(contains(complaint([&] { dma->map(memory); }), "refuses DMA_MAP"));
  EXPECT_EQ(dma->geometry().free_mappings, 65535u);
  EXPECT_TRUE(contains(complaint([&] { dma->unmap(ranges[0]); }), "refuses DMA_UNMAP"));
}

class ClientCopyTest : public ClientTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    start({.twin_socket = GetParam()});
    map_ram();
    allow_dma();
  }
};
INSTANTIATE_TEST_SUITE_P(, ClientCopyTest, testing::Bool(), [](const auto& test) {
  return std::string(test.param ? "TwinSocket" : "OneSocket");
});

TEST_P(ClientCopyTest, Device_copies_memory_that_it_mapped) {
  fill(kRam, 10000);
  copy(kRam, kHighRam + 16, 10000, 0);
  EXPECT_EQ(read32(CopyDevice::kStatus), CopyDevice::kStatusDone);
  EXPECT_TRUE(same(kRam, kHighRam + 16, 10000));
}

// While a vCPU waits for the answer to its write, the server asks for memory.
TEST_P(ClientCopyTest, Device_copies_by_messages_before_it_answers) {
  fill(kRam, kMiB + 5000);
  copy(kRam, kRam + 2 * kMiB, kMiB + 5000, CopyDevice::kGoMessages);
  EXPECT_EQ(read32(CopyDevice::kStatus), CopyDevice::kStatusDone);
  EXPECT_TRUE(same(kRam, kRam + 2 * kMiB, kMiB + 5000));
}

// Nobody waits for an answer when the server asks for memory.
TEST_P(ClientCopyTest, Device_copies_by_messages_on_its_own) {
  EventFd event;
  const std::array fds = {event.get()};
  device->set_triggers(pci_irq::kMsix, 3, fds);
  fill(kRam, 5000);
  copy(kRam, kHighRam, 5000,
       CopyDevice::kGoMessages | CopyDevice::kGoLater | CopyDevice::kGoInterrupt | 3u << 8);
  // Answered after the copy: the server does one thing at a time.
  EXPECT_EQ(read32(CopyDevice::kStatus), CopyDevice::kStatusDone);
  EXPECT_TRUE(event.consume());
  EXPECT_TRUE(same(kRam, kHighRam, 5000));
}

TEST_P(ClientCopyTest, Memory_that_is_not_mapped_is_out_of_reach) {
  for (const uint32_t go : {0u, CopyDevice::kGoMessages}) {
    copy(kRam, kRam + kRamSize - 8, 16, go);
    EXPECT_EQ(read32(CopyDevice::kStatus), CopyDevice::kStatusFailed);
    copy(kRam - 8, kRam, 16, go);
    EXPECT_EQ(read32(CopyDevice::kStatus), CopyDevice::kStatusFailed);
    copy(kRam, kRam + 64, 16, go);
    EXPECT_EQ(read32(CopyDevice::kStatus), CopyDevice::kStatusDone);
  }
  dma->unmap(ranges[1]);
  for (const uint32_t go : {0u, CopyDevice::kGoMessages}) {
    copy(kRam, kHighRam, 16, go);
    EXPECT_EQ(read32(CopyDevice::kStatus), CopyDevice::kStatusFailed);
  }
}

// Several vCPUs, and a device that asks for memory all the time.
TEST_P(ClientCopyTest, Threads_do_not_mix_up_their_answers) {
  fill(kRam, 4096);
  std::vector<std::thread> threads;
  std::atomic<unsigned> wrong{0};
  for (uint32_t number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      for (uint32_t i = 0; i < 200; ++i) {
        const uint32_t value = number << 24 | i;
        const uint64_t at = 0x100 * (number + 1);
        std::array<std::byte, 4> data;
        const bool done = device->write(2, at, bytes_of(value)) && device->read(2, at, data);
        if (!done || load_le<uint32_t>(data.data()) != value) ++wrong;
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    copy(kRam, kHighRam, 4096, CopyDevice::kGoMessages | ((i & 1) != 0 ? CopyDevice::kGoLater : 0));
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(wrong.load(), 0u);
  EXPECT_EQ(read32(CopyDevice::kStatus), CopyDevice::kStatusDone);
}

TEST_F(ClientTest, Server_is_found_by_its_path) {
  const std::string path = testing::TempDir() + "/vfio_user_client";
  unlink(path.c_str());
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  std::thread serving([&] {
    VfioUserServer({}).serve(UniqueFd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  });
  remote = connect(path);
  device = remote.device.get();
  EXPECT_EQ(device->name(), path);
  EXPECT_EQ(read32(CopyDevice::kMagic), CopyDevice::kMagicValue);
  remote = {};
  serving.join();
  unlink(path.c_str());
}

TEST_F(ClientTest, Parts_are_destroyed_in_any_order) {
  start();
  map_ram();
  remote.device.reset();
  dma->unmap(ranges[0]);
  EXPECT_EQ(server().mappings().size(), 1u);
  remote.dma.reset();

  start();
  remote.dma.reset();
  EXPECT_EQ(read32(CopyDevice::kMagic), CopyDevice::kMagicValue);
}

}  // namespace
}  // namespace lintel::passthrough::user
