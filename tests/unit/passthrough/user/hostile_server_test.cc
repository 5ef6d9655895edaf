// SPDX-License-Identifier: Apache-2.0
// Servers that break the protocol, the connection or their promises.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "passthrough/user/client.h"
#include "passthrough/user/connection.h"
#include "passthrough/user/protocol.h"
#include "tests/fakes/copy_device.h"
#include "tests/fakes/log_capture.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/vfio_user_server.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::passthrough::user {
namespace {

using Reply = VfioUserServer::Reply;
using Tamper = std::function<void(Reply&)>;
using namespace std::chrono_literals;

// Longer than any test may run: whoever waits that long was not released.
constexpr Limits kPatient{.access = 1h, .command = 1h};

VfioUserServer::Options tamper_with(Command command, Tamper tamper) {
  return {.tamper = [command, tamper = std::move(tamper)](Reply& reply) {
    if (reply.header.command == static_cast<uint16_t>(command)) tamper(reply);
  }};
}

// The payload's size without its meaning.
void resize(Reply& reply, size_t size) {
  reply.payload.resize(size);
  reply.header.size = static_cast<uint32_t>(sizeof(Header) + size);
}

void add_word(Reply& reply, size_t offset, uint32_t value) {
  store_le(reply.payload.data() + offset, load_le<uint32_t>(reply.payload.data() + offset) + value);
}

struct Case {
  const char* name;
  Command command;
  Tamper tamper;
  const char* complaint;
};

std::string case_name(const testing::TestParamInfo<Case>& test) {
  return test.param.name;
}

class SetUpTest : public testing::TestWithParam<Case> {};

TEST_P(SetUpTest, Malformed_reply_is_an_error) {
  VfioUserServerThread thread(tamper_with(GetParam().command, GetParam().tamper));
  try {
    attach(thread.take_socket(), "test", kPatient);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.describe().find(GetParam().complaint), std::string::npos) << error.describe();
  }
}

INSTANTIATE_TEST_SUITE_P(
    , SetUpTest,
    testing::Values(
        Case{"VersionHangUp", Command::kVersion,
             [](Reply& reply) { reply.action = Reply::Action::kHangUp; }, "closed the connection"},
        Case{"VersionRefused", Command::kVersion,
             [](Reply& reply) {
               resize(reply, 0);
               reply.header.flags |= kFlagError;
               reply.header.error = EPERM;
             },
             "refuses VERSION"},
        Case{"VersionOther", Command::kVersion, [](Reply& reply) { add_word(reply, 0, 1); },
             "speaks version 1.1"},
        Case{"VersionCut", Command::kVersion, [](Reply& reply) { resize(reply, 2); }, "2 bytes"},
        Case{"VersionLong", Command::kVersion, [](Reply& reply) { resize(reply, 5000); },
             "answered VERSION with 5000 bytes"},
        Case{"VersionWithoutItsSocket", Command::kVersion,
             [](Reply& reply) {
               const std::string_view text =
                   R"({"capabilities":{"twin_socket":{"supported":true,"fd_index":0}}})";
               resize(reply, sizeof(VersionMessage) + text.size());
               std::ranges::copy(std::as_bytes(std::span(text)),
                                 reply.payload.begin() + sizeof(VersionMessage));
             },
             "No socket"},
        Case{"InfoOfNoPciDevice", Command::kDeviceGetInfo,
             [](Reply& reply) { store_le<uint32_t>(reply.payload.data() + 4, 1); },
             "not a PCI device"},
        Case{"InfoCut", Command::kDeviceGetInfo, [](Reply& reply) { resize(reply, 12); },
             "12 bytes"},
        Case{"InfoEmpty", Command::kDeviceGetInfo, [](Reply& reply) { resize(reply, 0); },
             "0 bytes"},
        Case{"RegionOther", Command::kDeviceGetRegionInfo,
             [](Reply& reply) { add_word(reply, 8, 1); }, "about region 1"},
        Case{"RegionCut", Command::kDeviceGetRegionInfo, [](Reply& reply) { resize(reply, 31); },
             "31 bytes"},
        Case{"RegionWithoutItsFile", Command::kDeviceGetRegionInfo,
             [](Reply& reply) { reply.fds.clear(); }, "0 file descriptors"},
        Case{"RegionWithTwoFiles", Command::kDeviceGetRegionInfo,
             [](Reply& reply) {
               if (!reply.fds.empty()) reply.fds.push_back(reply.fds[0]);
             },
             "2 file descriptors"},
        Case{"RegionCapabilitiesCut", Command::kDeviceGetRegionInfo,
             [](Reply& reply) {
               if (reply.payload.size() > 60) resize(reply, 60);
             },
             "do not fit"},
        Case{"IrqOther", Command::kDeviceGetIrqInfo, [](Reply& reply) { add_word(reply, 8, 1); },
             "about interrupts 1"},
        Case{"IrqMany", Command::kDeviceGetIrqInfo,
             [](Reply& reply) { add_word(reply, 12, 100000); }, "100001 interrupts"},
        Case{"IrqCut", Command::kDeviceGetIrqInfo, [](Reply& reply) { resize(reply, 1); },
             "1 bytes"}),
    case_name);

TEST(SilentServer, Is_no_device) {
  VfioUserServerThread thread(
      tamper_with(Command::kVersion, [](Reply& reply) { reply.action = Reply::Action::kDrop; }));
  try {
    attach(thread.take_socket(), "test", {.access = 1h, .command = 20ms});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.describe().find("did not answer VERSION within 20 ms"), std::string::npos)
        << error.describe();
  }
}

class GoneTest : public testing::TestWithParam<Case> {
 protected:
  // A device whose answers to the command are spoilt.
  void start(const Case& test, const Limits& limits) {
    thread.emplace(tamper_with(test.command, test.tamper));
    remote = attach(thread->take_socket(), "test", limits);
    remote.dma->map(memory());
    const std::array fds = {gone.get()};
    remote.device->set_triggers(pci_irq::kRequest, 0, fds);
  }
  MappedMemory memory() const {
    const RamRegion& region = ram.regions()[0];
    return {.range = region.range,
            .host = region.mapping.data(),
            .kind = MemoryKind::kRam,
            .fd = region.memfd.get(),
            .fd_offset = 0};
  }
  void expect_gone() {
    Device& device = *remote.device;
    const unsigned reads = thread->server().count(Command::kRegionRead);
    std::array<std::byte, 4> data{};
    EXPECT_FALSE(device.read(pci_region::kBar0, 0, data));
    EXPECT_EQ(load_le<uint32_t>(data.data()), 0xffffffffu);
    EXPECT_FALSE(device.write(pci_region::kBar0, CopyDevice::kSource, data));
    EXPECT_EQ(thread->server().count(Command::kRegionRead), reads);
    EXPECT_TRUE(gone.consume());
    EXPECT_THROW(device.reset(), Error);
    EXPECT_THROW(device.set_triggers(pci_irq::kMsix, 0, std::array{-1}), Error);
    EXPECT_EQ(device.region(pci_region::kBar0).size, CopyDevice::kBar0Size);
    remote.dma->unmap(memory().range);  // told of already
    EXPECT_THROW(remote.dma->map(memory()), Error);
  }

  const std::array<GuestRange, 1> ranges = {GuestRange{GuestAddress(0), 0x10000}};
  const GuestMemory ram{ranges, {.huge_pages = HugePages::kOff, .shared = true, .prefault = false}};
  EventFd gone;
  std::optional<VfioUserServerThread> thread;
  RemoteDevice remote;
};

TEST_P(GoneTest, Device_of_a_server_that_breaks_the_protocol_reads_ones) {
  const LogCapture log;
  start(GetParam(), kPatient);
  std::array<std::byte, 4> data{};
  if (GetParam().command == Command::kRegionWrite) {
    EXPECT_FALSE(remote.device->write(pci_region::kBar0, CopyDevice::kSource, data));
  } else {
    EXPECT_FALSE(remote.device->read(pci_region::kBar0, CopyDevice::kMagic, data));
    EXPECT_EQ(load_le<uint32_t>(data.data()), 0xffffffffu);
  }
  expect_gone();
  remote = {};  // who reports does so after the others were released
  const std::string text = log.text();
  EXPECT_NE(text.find(GetParam().complaint), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

INSTANTIATE_TEST_SUITE_P(
    , GoneTest,
    testing::Values(
        Case{"HangUp", Command::kRegionRead,
             [](Reply& reply) { reply.action = Reply::Action::kHangUp; }, "closed the connection"},
        Case{"OtherId", Command::kRegionRead, [](Reply& reply) { reply.header.id += 1; },
             "was not asked"},
        Case{"OtherCommand", Command::kRegionRead,
             [](Reply& reply) {
               reply.header.command = static_cast<uint16_t>(Command::kRegionWrite);
             },
             "answered REGION_READ with a reply to command 10"},
        Case{"OtherType", Command::kRegionRead, [](Reply& reply) { reply.header.flags = 2; },
             "of type 2"},
        Case{"SizeBelowTheHeader", Command::kRegionRead,
             [](Reply& reply) { reply.header.size = 15; }, "message of 15 bytes"},
        Case{"SizeOfNothing", Command::kRegionRead, [](Reply& reply) { reply.header.size = 0; },
             "message of 0 bytes"},
        Case{"SizeOfGigabytes", Command::kRegionRead,
             [](Reply& reply) { reply.header.size = UINT32_MAX; }, "message of 4294967295 bytes"},
        Case{"DataCut", Command::kRegionRead, [](Reply& reply) { resize(reply, 16 + 3); },
             "with another"},
        Case{"DataMissing", Command::kRegionRead, [](Reply& reply) { resize(reply, 0); },
             "with another"},
        Case{"DataLong", Command::kRegionRead, [](Reply& reply) { resize(reply, 16 + 5); },
             "answered REGION_READ with 21 bytes"},
        Case{"DataHuge", Command::kRegionRead, [](Reply& reply) { resize(reply, kMaxPayload); },
             "answered REGION_READ with 1048592 bytes"},
        Case{"OtherOffset", Command::kRegionRead, [](Reply& reply) { add_word(reply, 0, 4); },
             "with another"},
        Case{"OtherRegion", Command::kRegionRead, [](Reply& reply) { add_word(reply, 8, 1); },
             "with another"},
        Case{"OtherCount", Command::kRegionRead, [](Reply& reply) { add_word(reply, 12, 1); },
             "with another"},
        Case{"ErrorWithData", Command::kRegionRead,
             [](Reply& reply) { reply.header.flags |= kFlagError; },
             "answered REGION_READ with 20 bytes"},
        Case{"ManyDescriptors", Command::kRegionRead,
             [](Reply& reply) { reply.fds.assign(kMaxMessageFds + 1, STDERR_FILENO); },
             "too many file descriptors"},
        Case{"WriteWithData", Command::kRegionWrite, [](Reply& reply) { resize(reply, 16 + 4); },
             "answered REGION_WRITE with 20 bytes"},
        Case{"WriteWithoutEcho", Command::kRegionWrite, [](Reply& reply) { resize(reply, 8); },
             "with another"}),
    case_name);

class SilenceTest : public GoneTest {};

TEST_P(SilenceTest, Device_is_gone_at_the_deadline) {
  const LogCapture log;
  start(GetParam(), {.access = 20ms, .command = 1h});
  std::array<std::byte, 4> data{};
  EXPECT_FALSE(remote.device->read(pci_region::kBar0, CopyDevice::kMagic, data));
  expect_gone();
  remote = {};
  EXPECT_NE(log.text().find(GetParam().complaint), std::string::npos) << log.text();
}

INSTANTIATE_TEST_SUITE_P(
    , SilenceTest,
    testing::Values(Case{"NoAnswer", Command::kRegionRead,
                         [](Reply& reply) { reply.action = Reply::Action::kDrop; },
                         "did not answer REGION_READ within 20 ms"},
                    Case{"HalfAnAnswer", Command::kRegionRead,
                         [](Reply& reply) { reply.action = Reply::Action::kSendHalf; },
                         "did not answer REGION_READ within 20 ms"}),
    case_name);

TEST_F(GoneTest, Server_that_is_slow_each_time_is_gone_when_an_operation_takes_too_long) {
  const LogCapture log;
  ManualClock clock;
  start({"", Command::kRegionRead, [&](Reply&) { clock.advance(50min); }, ""},
        {.access = 1h, .command = 1h, .clock = &clock});
  std::array<std::byte, 4> data{};
  const auto read = [&] { return remote.device->read(pci_region::kBar0, 0, data); };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(read()) << "each for itself";
  {
    const Operation operation(*remote.device);
    EXPECT_TRUE(read());
    EXPECT_TRUE(read());
    EXPECT_FALSE(read());
  }
  expect_gone();
  remote = {};
  EXPECT_NE(log.text().find("took 3600000 ms for all that was asked at once"), std::string::npos)
      << log.text();
}

TEST_F(GoneTest, Read_in_many_messages_takes_no_longer_than_one) {
  ManualClock clock;
  thread.emplace(VfioUserServer::Options{.max_transfer = 8, .tamper = [&](Reply& reply) {
                                           if (reply.header.command !=
                                               static_cast<uint16_t>(Command::kRegionRead))
                                             return;
                                           clock.advance(10min);
                                         }});
  remote = attach(thread->take_socket(), "test", {.access = 1h, .command = 1h, .clock = &clock});
  std::vector<std::byte> config(4096);
  EXPECT_FALSE(remote.device->read(pci_region::kConfig, 0, config));
  EXPECT_EQ(thread->server().count(Command::kRegionRead), 6u);
  EXPECT_TRUE(std::ranges::all_of(config, [](std::byte one) { return one == std::byte{0xff}; }));
}

TEST_F(GoneTest, Interrupts_are_waited_for_no_longer_than_an_access) {
  const LogCapture log;
  start(
      {"", Command::kDeviceSetIrqs, [](Reply& reply) { reply.action = Reply::Action::kDrop; }, ""},
      {.access = 20ms, .command = 5s});
  EXPECT_THROW(remote.device->disable_irqs(pci_irq::kMsix), Error);
  expect_gone();
  remote = {};
  EXPECT_NE(log.text().find("did not answer DEVICE_SET_IRQS within 20 ms"), std::string::npos)
      << log.text();
}

TEST_F(GoneTest, Everybody_who_waits_is_released) {
  start({"", Command::kRegionRead, [](Reply& reply) { reply.action = Reply::Action::kDrop; }, ""},
        kPatient);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      std::array<std::byte, 4> data;
      EXPECT_FALSE(remote.device->read(pci_region::kBar0, CopyDevice::kMagic, data));
    });
  }
  while (thread->server().count(Command::kRegionRead) != 3) std::this_thread::yield();
  thread->server().stop();
  for (std::thread& one : threads) one.join();
  expect_gone();
}

TEST_F(GoneTest, Event_is_signalled_at_once_where_the_server_is_gone_already) {
  start({"", Command::kRegionRead, [](Reply& reply) { reply.action = Reply::Action::kHangUp; }, ""},
        kPatient);
  remote.device->disable_irqs(pci_irq::kRequest);
  std::array<std::byte, 4> data;
  EXPECT_FALSE(remote.device->read(pci_region::kBar0, 0, data));
  EXPECT_FALSE(gone.consume());
  remote.device->set_triggers(pci_irq::kRequest, 0, std::array{gone.get()});
  EXPECT_TRUE(gone.consume());
}

TEST_F(GoneTest, Refusal_is_not_the_end) {
  unsigned answers = 0;
  start({"", Command::kRegionRead,
         [&](Reply& reply) {
           if (++answers > 3) return;
           resize(reply, 0);
           reply.header.flags |= kFlagError;
           const std::array<uint32_t, 4> errors = {0, 0, EPERM, UINT32_MAX};
           reply.header.error = errors[answers];
         },
         ""},
        kPatient);
  std::array<std::byte, 4> data{};
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(remote.device->read(pci_region::kBar0, CopyDevice::kMagic, data));
  }
  EXPECT_TRUE(remote.device->read(pci_region::kBar0, CopyDevice::kMagic, data));
  EXPECT_EQ(load_le<uint32_t>(data.data()), CopyDevice::kMagicValue);
}

TEST_F(GoneTest, Errno_that_no_host_has_is_an_input_output_error) {
  start({"", Command::kDeviceReset,
         [](Reply& reply) {
           reply.header.flags |= kFlagError;
           reply.header.error = UINT32_MAX;
         },
         ""},
        kPatient);
  try {
    remote.device->reset();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errno_value(), EIO);
  }
}

size_t open_descriptors() {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                           std::filesystem::directory_iterator()));
}

TEST_F(GoneTest, Descriptors_that_nobody_asked_for_are_closed) {
  start({"", Command::kRegionRead,
         [](Reply& reply) { reply.fds.assign(kMaxMessageFds, STDERR_FILENO); }, ""},
        kPatient);
  std::array<std::byte, 4> data{};
  // The server has closed what it got from us before it takes the next request.
  EXPECT_TRUE(remote.device->read(pci_region::kBar0, CopyDevice::kMagic, data));
  const size_t before = open_descriptors();
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(remote.device->read(pci_region::kBar0, CopyDevice::kMagic, data));
  }
  EXPECT_EQ(open_descriptors(), before);
}

// What the server gives as the memory of BAR 2.
struct File {
  const char* name;
  std::function<UniqueFd()> open;
  uint64_t offset;
  uint32_t without_flags = 0;
};
class FileTest : public testing::TestWithParam<File> {};

TEST_P(FileTest, Region_that_cannot_be_mapped_is_trapped) {
  const UniqueFd file = GetParam().open();
  VfioUserServerThread thread(tamper_with(Command::kDeviceGetRegionInfo, [&](Reply& reply) {
    if (load_le<uint32_t>(reply.payload.data() + 8) != 2) return;
    if (file) reply.fds = {file.get()};
    store_le(reply.payload.data() + 24, GetParam().offset);
    const auto flags = load_le<uint32_t>(reply.payload.data() + 4);
    store_le(reply.payload.data() + 4, flags & ~GetParam().without_flags);
  }));
  const RemoteDevice remote = attach(thread.take_socket(), "test", kPatient);
  EXPECT_FALSE(remote.device->region(2).mappable);
  EXPECT_THROW(remote.device->map(2, {0, 0x1000}), Error);
  std::array<std::byte, 4> data{};
  EXPECT_TRUE(remote.device->read(2, 0, data));
}

INSTANTIATE_TEST_SUITE_P(
    , FileTest,
    testing::Values(File{"CharacterDevice", [] { return open_file("/dev/null", O_RDWR); }, 0},
                    File{"ProcFile", [] { return open_file("/proc/self/stat", O_RDONLY); }, 0},
                    File{"EventFd",
                         [] {
                           const EventFd event;
                           return UniqueFd(dup(event.get()));
                         },
                         0},
                    File{"OddOffset", [] { return UniqueFd(); }, 0x10010},
                    File{"ReadOnly", [] { return UniqueFd(); }, 0x10000, kRegionWritable}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ShortFile, Is_an_error_when_it_is_mapped) {
  VfioUserServerThread thread(tamper_with(Command::kDeviceGetRegionInfo, [](Reply& reply) {
    if (load_le<uint32_t>(reply.payload.data() + 8) != 2) return;
    store_le<uint64_t>(reply.payload.data() + 24, CopyDevice::kBar2FileOffset + 0x1000);
  }));
  const RemoteDevice remote = attach(thread.take_socket(), "test", kPatient);
  EXPECT_TRUE(static_cast<bool>(remote.device->map(2, {0, 0x1000})));
  EXPECT_THROW(remote.device->map(2, {CopyDevice::kBar2Size - 0x1000, 0x1000}), Error);
}

// A connection whose other end the test writes and reads by hand.
class RawConnectionTest : public testing::Test {
 protected:
  static std::pair<UniqueFd, UniqueFd> sockets() {
    std::array<int, 2> pair{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    return {UniqueFd(pair[0]), UniqueFd(pair[1])};
  }
  void start(std::chrono::milliseconds limit = 1h) {
    auto [ours, theirs] = sockets();
    peer = std::move(theirs);
    connection.emplace(std::move(ours), table, Connection::Options{"test", limit});
  }
  static std::vector<std::byte> message(uint16_t id, Command command, uint32_t flags,
                                        std::span<const std::byte> payload = {}) {
    const Header header{.id = id,
                        .command = static_cast<uint16_t>(command),
                        .size = static_cast<uint32_t>(sizeof(Header) + payload.size()),
                        .flags = flags};
    const auto head = bytes_of(header);
    std::vector<std::byte> bytes(head.begin(), head.end());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
  }
  static void put(const UniqueFd& socket, std::span<const std::byte> bytes) {
    EXPECT_EQ(send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  static Header take_header(const UniqueFd& socket) {
    Header header;
    EXPECT_EQ(recv(socket.get(), &header, sizeof header, MSG_WAITALL),
              static_cast<ssize_t>(sizeof header));
    return header;
  }
  static void wait_for_the_end(const UniqueFd& socket) {
    pollfd ended{.fd = socket.get(), .events = POLLRDHUP, .revents = 0};
    EXPECT_EQ(poll(&ended, 1, -1), 1);
  }

  void ask_for_more_than_a_socket_holds() {
    table.add({.range = {GuestAddress(0), memory.size()}, .host = memory.data()});
    put(peer,
        message(0, Command::kDmaRead, kTypeCommand, bytes_of(DmaAccessMessage{0, memory.size()})));
  }

  std::vector<std::byte> memory = std::vector<std::byte>(kMaxTransfer);
  DmaTable table;
  UniqueFd peer;
  std::optional<Connection> connection;
};

TEST_F(RawConnectionTest, Command_that_we_do_not_know_is_refused_and_nothing_else_happens) {
  start();
  put(peer, message(5, Command{99}, kTypeCommand));
  put(peer, message(6, Command{99}, kTypeCommand | kFlagNoReply));
  put(peer, message(7, Command::kDmaRead, kTypeCommand, bytes_of(DmaAccessMessage{0, 4})));
  const Header first = take_header(peer);
  EXPECT_EQ(first.id, 5);
  EXPECT_EQ(first.command, 99);
  EXPECT_EQ(first.size, sizeof(Header));
  EXPECT_EQ(first.flags, kTypeReply | kFlagError);
  EXPECT_EQ(first.error, uint32_t{EOPNOTSUPP});
  const Header second = take_header(peer);
  EXPECT_EQ(second.id, 7);
  EXPECT_EQ(second.error, uint32_t{EFAULT});
  EXPECT_FALSE(connection->gone());
}

TEST_F(RawConnectionTest, Reply_on_the_socket_for_commands_is_the_end) {
  start();
  auto [ours, theirs] = sockets();
  connection->use_twin_socket(std::move(ours));
  put(theirs, message(0, Command::kDeviceReset, kTypeReply));
  wait_for_the_end(peer);
  EXPECT_EQ(connection->reason(), "it sent a message of type 1");
}

TEST_F(RawConnectionTest, File_that_is_no_socket_is_an_error) {
  start();
  const std::string path = testing::TempDir() + "/no_socket";
  EXPECT_THROW(connection->use_twin_socket(open_file(path, O_RDWR | O_CREAT, 0600)), Error);
  const EventFd event;
  EXPECT_THROW(connection->use_twin_socket(UniqueFd(dup(event.get()))), Error);
  unlink(path.c_str());
}

TEST_F(RawConnectionTest, Server_that_takes_no_answers_is_gone) {
  start(20ms);
  ask_for_more_than_a_socket_holds();
  wait_for_the_end(peer);
  EXPECT_EQ(connection->reason(), "it did not take our answer");
}

TEST_F(RawConnectionTest, Server_that_takes_no_answers_does_not_keep_us) {
  start();
  ask_for_more_than_a_socket_holds();
  take_header(peer);  // the connection's thread is in the middle of it now
  connection.reset();
}

TEST_F(RawConnectionTest, Server_that_takes_no_answers_keeps_no_call_beyond_its_limit) {
  start();
  ask_for_more_than_a_socket_holds();
  take_header(peer);
  EXPECT_FALSE(connection->call({.command = Command::kDeviceReset, .limit = 20ms}, {}).arrived);
  EXPECT_TRUE(connection->gone());
}

TEST_F(RawConnectionTest, Server_is_gone_when_the_end_does_not_wait_any_longer) {
  start();
  connection->fail_in(20ms, "time is up");
  EXPECT_FALSE(connection->call({.command = Command::kDeviceReset, .limit = 1h}, {}).arrived);
  EXPECT_EQ(connection->reason(), "time is up");
}

TEST_F(RawConnectionTest, Server_that_takes_no_requests_is_gone) {
  start();
  const std::vector<std::byte> data(8 * kMiB);
  const Answer answer =
      connection->call({.command = Command::kRegionWrite, .data = data, .limit = 20ms}, {});
  EXPECT_FALSE(answer.arrived);
  EXPECT_TRUE(connection->gone());
  EXPECT_NE(connection->reason().find("did not answer REGION_WRITE"), std::string::npos);
}

TEST_F(RawConnectionTest, Server_that_never_stops_talking_keeps_nobody) {
  start();
  auto [ours, theirs] = sockets();
  connection->use_twin_socket(std::move(ours));
  std::thread talker([&] {
    const auto request = message(0, Command{99}, kTypeCommand | kFlagNoReply);
    while (send(theirs.get(), request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    }
  });
  std::thread server(
      [&] { put(peer, message(take_header(peer).id, Command::kDeviceReset, kTypeReply)); });
  EXPECT_TRUE(connection->call({.command = Command::kDeviceReset, .limit = 1h}, {}).arrived);
  connection.reset();
  talker.join();
  server.join();
}

}  // namespace
}  // namespace lintel::passthrough::user
