// SPDX-License-Identifier: Apache-2.0
// Net with a PacketPump, between a fake driver and a fake port.
#include "vmm/virtio/net.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/fakes/virtio.h"
#include "vmm/base/endian.h"
#include "vmm/virtio/net_features.h"
#include "vmm/virtio/packet_pump.h"

namespace lintel::virtio {
namespace {

constexpr uint16_t kReceive = net::kReceiveQueue;
constexpr uint16_t kTransmit = net::kTransmitQueue;
constexpr size_t kLargest = 4096;

// Behaves as a tap does, with a socket that keeps packets apart in its place.
class FakePort final : public PacketPort {
 public:
  explicit FakePort(UniqueFd socket) : socket_(std::move(socket)) {}

  std::string_view name() const override { return "fake"; }
  uint64_t features() const override { return net::kFeatureCsum | net::kFeatureMergeableBuffers; }
  void negotiated(uint64_t) override {}
  size_t largest() const override { return kLargest; }
  int fd() const override { return socket_.get(); }
  Received receive(std::span<const iovec> to) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(to.data());
    message.msg_iovlen = to.size();
    const ssize_t count = recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_TRUNC);
    if (count <= 0) return {count < 0 && errno == EAGAIN ? Status::kWait : Status::kClosed};
    if (on_packet) on_packet();
    const auto bytes = static_cast<size_t>(count);
    return {bytes <= bytes_of(to) ? Status::kDone : Status::kDropped, bytes};
  }
  Status send(std::span<const iovec> packet) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(packet.data());
    message.msg_iovlen = packet.size();
    if (sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return Status::kDone;
    return errno == EAGAIN ? Status::kWait : Status::kClosed;
  }

  std::function<void()> on_packet;

 private:
  const UniqueFd socket_;
};

class NetTest : public testing::Test {
 protected:
  NetTest() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) abort();
    outside_ = UniqueFd(ends[1]);
    fcntl(outside_.get(), F_SETFL, O_NONBLOCK);
    auto port = std::make_unique<FakePort>(UniqueFd(ends[0]));
    port_ = port.get();
    net_ = std::make_unique<Net>(NetOptions{.mac = {2, 0, 0, 0, 0, 9}, .mtu = 9000},
                                 std::make_unique<PacketPump>(harness_.loop(), std::move(port)));
  }
  ~NetTest() override { harness_.reset(); }

  void activate(uint64_t features) { harness_.activate(*net_, features); }
  fakes::DriverQueue& driver(uint16_t queue) { return harness_.driver(queue); }

  void arrive(const std::string& packet) {
    ASSERT_EQ(write(outside_.get(), packet.data(), packet.size()),
              static_cast<ssize_t>(packet.size()));
    harness_.settle();
  }
  // What the guest sent, or "" if there is nothing.
  std::string departed() {
    std::string packet(70'000, '\0');
    const ssize_t count = read(outside_.get(), packet.data(), packet.size());
    packet.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return packet;
  }
  static std::string packet_of(size_t bytes, char fill) {
    return std::string(net::kHeaderBytes, '\0') + std::string(bytes - net::kHeaderBytes, fill);
  }
  // As the guest sees it.
  static std::string with_num_buffers(std::string packet, uint16_t count) {
    store_le<uint16_t>(packet.data() + net::kHeaderNumBuffers, count);
    return packet;
  }
  uint16_t status() {
    std::array<std::byte, 2> field;
    net_->read_config(6, field);
    return load_le<uint16_t>(field.data());
  }

  fakes::DeviceHarness harness_;
  UniqueFd outside_;
  FakePort* port_ = nullptr;
  std::unique_ptr<Net> net_;
};

TEST_F(NetTest, Configuration_shows_address_link_and_mtu) {
  std::array<std::byte, 12> config;
  net_->read_config(0, config);
  EXPECT_EQ(config[0], std::byte{2});
  EXPECT_EQ(config[5], std::byte{9});
  EXPECT_EQ(load_le<uint16_t>(&config[6]), 1);
  EXPECT_EQ(load_le<uint16_t>(&config[10]), 9000);
}

TEST_F(NetTest, Features_are_the_device_s_and_the_port_s) {
  EXPECT_EQ(net_->features(), net::kFeatureMac | net::kFeatureStatus | net::kFeatureMtu |
                                  net::kFeatureCsum | net::kFeatureMergeableBuffers);
}

TEST_F(NetTest, Sent_packet_leaves_whole_from_several_buffers) {
  activate(net_->features());
  const std::string packet = packet_of(100, 't');
  driver(kTransmit).add({driver(kTransmit).readable(packet.substr(0, 12)),
                         driver(kTransmit).readable(packet.substr(12, 1)),
                         driver(kTransmit).readable(packet.substr(13))});
  harness_.kick(kTransmit);
  EXPECT_EQ(departed(), packet);
  EXPECT_EQ(driver(kTransmit).take_used(), (fakes::Used{0, 0}));
}

TEST_F(NetTest, Packets_too_short_or_too_long_are_returned_unsent) {
  activate(net_->features());
  driver(kTransmit).add({driver(kTransmit).readable(packet_of(25, 's'))});
  driver(kTransmit).add({driver(kTransmit).readable(packet_of(65'566, 'l'))});
  harness_.kick(kTransmit);
  EXPECT_EQ(departed(), "");
  EXPECT_EQ(driver(kTransmit).used_index(), 2);
}

TEST_F(NetTest, Packet_that_finds_no_room_is_sent_later) {
  activate(net_->features());
  const int small = 4096;
  setsockopt(outside_.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  const fakes::Buffer buffer = driver(kTransmit).readable(packet_of(60'000, 'b'));
  for (int i = 0; i < 20; ++i) driver(kTransmit).add({buffer});
  harness_.kick(kTransmit);
  ASSERT_LT(driver(kTransmit).used_index(), 20);
  int packets = 0;
  while (!departed().empty()) {
    ++packets;
    harness_.settle();
  }
  EXPECT_EQ(packets, 20);
  EXPECT_EQ(driver(kTransmit).used_index(), 20);
}

TEST_F(NetTest, Received_packet_fills_one_buffer_and_interrupts) {
  activate(net_->features() & ~net::kFeatureMergeableBuffers);
  const fakes::Buffer buffer = driver(kReceive).writable(200);
  driver(kReceive).add({buffer});
  harness_.kick(kReceive);
  arrive(packet_of(100, 'r'));
  EXPECT_EQ(driver(kReceive).take_used(), (fakes::Used{0, 100}));
  EXPECT_EQ(driver(kReceive).content(buffer.address, 100),
            with_num_buffers(packet_of(100, 'r'), 1));
  EXPECT_EQ(harness_.interrupts.queue_count(kReceive), 1);
}

TEST_F(NetTest, Large_packet_is_spread_over_mergeable_buffers) {
  activate(net_->features());
  std::vector<fakes::Buffer> buffers;
  for (int i = 0; i < 5; ++i) {
    buffers.push_back(driver(kReceive).writable(1024));
    driver(kReceive).add({buffers.back()});
  }
  harness_.kick(kReceive);
  const std::string packet = packet_of(2500, 'm');
  arrive(packet);
  EXPECT_EQ(driver(kReceive).take_used(), (fakes::Used{0, 1024}));
  EXPECT_EQ(driver(kReceive).take_used(), (fakes::Used{1, 1024}));
  EXPECT_EQ(driver(kReceive).take_used(), (fakes::Used{2, 452}));
  EXPECT_FALSE(driver(kReceive).take_used());
  EXPECT_EQ(driver(kReceive).content(buffers[0].address, 1024) +
                driver(kReceive).content(buffers[1].address, 1024) +
                driver(kReceive).content(buffers[2].address, 452),
            with_num_buffers(packet, 3));
}

TEST_F(NetTest, Packets_wait_until_any_of_them_fits_the_mergeable_buffers) {
  activate(net_->features());
  const auto add = [&](uint32_t bytes) {
    driver(kReceive).add({driver(kReceive).writable(bytes)});
    harness_.kick(kReceive);
  };
  add(kLargest - 100);
  arrive(packet_of(100, 'w'));
  EXPECT_FALSE(driver(kReceive).take_used());
  add(100);
  EXPECT_EQ(driver(kReceive).take_used(), (fakes::Used{0, 100}));
}

TEST_F(NetTest, Packet_without_a_buffer_waits_for_one) {
  activate(net_->features() & ~net::kFeatureMergeableBuffers);
  arrive(packet_of(64, 'w'));
  driver(kReceive).add({driver(kReceive).writable(2048)});
  harness_.kick(kReceive);
  EXPECT_EQ(driver(kReceive).take_used(), (fakes::Used{0, 64}));
}

TEST_F(NetTest, Packet_too_large_for_its_buffer_is_lost_and_the_next_is_not) {
  activate(net_->features() & ~net::kFeatureMergeableBuffers);
  driver(kReceive).add({driver(kReceive).writable(64)});
  harness_.kick(kReceive);
  arrive(packet_of(65, 'x'));
  EXPECT_FALSE(driver(kReceive).take_used());
  arrive(packet_of(64, 'y'));
  EXPECT_EQ(driver(kReceive).take_used(), (fakes::Used{0, 64}));
}

TEST_F(NetTest, Buffer_without_room_for_the_header_returns_empty) {
  activate(net_->features() & ~net::kFeatureMergeableBuffers);
  driver(kReceive).add({driver(kReceive).writable(11)});
  driver(kReceive).add({driver(kReceive).writable(100)});
  harness_.kick(kReceive);
  arrive(packet_of(50, 'h'));
  EXPECT_EQ(driver(kReceive).take_used(), (fakes::Used{0, 0}));
  EXPECT_EQ(driver(kReceive).take_used(), (fakes::Used{1, 50}));
}

// A driver that gives such buffers as fast as they return must not keep the thread.
TEST_F(NetTest, Useless_buffers_without_end_leave_the_thread_its_turns) {
  activate(net_->features());
  driver(kReceive).add({driver(kReceive).writable(kLargest)});
  port_->on_packet = [this] {
    for (int i = 0; i < 256; ++i) driver(kReceive).add({driver(kReceive).writable(1)});
  };
  arrive(packet_of(100, 'r'));
  harness_.settle();
  EXPECT_EQ(driver(kReceive).used_index(), 257);
  EXPECT_EQ(harness_.interrupts.queue_count(kReceive), 2) << "one for each turn";
}

TEST_F(NetTest, End_of_the_port_takes_the_link_down_and_the_device_goes_on) {
  activate(net_->features());
  ASSERT_EQ(status(), 1);
  driver(kReceive).add({driver(kReceive).writable(kLargest)});
  harness_.kick(kReceive);
  outside_.reset();
  harness_.settle();
  EXPECT_EQ(status(), 0);
  EXPECT_EQ(harness_.interrupts.config_count(), 1);
  driver(kTransmit).add({driver(kTransmit).readable(packet_of(64, 't'))});
  harness_.kick(kTransmit);
  EXPECT_EQ(driver(kTransmit).take_used(), (fakes::Used{0, 0}));
}

TEST_F(NetTest, Reset_stops_delivery_and_a_new_start_delivers) {
  activate(net_->features() & ~net::kFeatureMergeableBuffers);
  driver(kReceive).add({driver(kReceive).writable(2048)});
  harness_.kick(kReceive);
  harness_.reset();
  arrive(packet_of(64, 'r'));
  activate(net_->features() & ~net::kFeatureMergeableBuffers);
  driver(kReceive).add({driver(kReceive).writable(2048)});
  harness_.kick(kReceive);
  EXPECT_EQ(driver(kReceive).take_used(), (fakes::Used{0, 64}));
}

TEST(NetWithoutEngineTest, Link_is_down_and_queues_are_not_served) {
  fakes::DeviceHarness harness;
  Net net({.mac = {}, .mtu = {}}, nullptr);
  harness.activate(net, net.features());
  std::array<std::byte, 2> status;
  net.read_config(6, status);
  EXPECT_EQ(load_le<uint16_t>(status.data()), 0);
  EXPECT_EQ(net.features(), net::kFeatureMac | net::kFeatureStatus);
  harness.reset();
}

}  // namespace
}  // namespace lintel::virtio
