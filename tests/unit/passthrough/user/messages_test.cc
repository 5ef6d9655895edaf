// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/messages.h"

#include <cstring>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "passthrough/user/protocol.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::user {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

std::vector<std::byte> version_reply(std::string_view json, uint16_t major = 0,
                                     uint16_t minor = 1) {
  const VersionMessage version{major, minor};
  const auto head = bytes_of(version);
  std::vector<std::byte> reply(head.begin(), head.end());
  for (const char c : json) reply.push_back(static_cast<std::byte>(c));
  return reply;
}

template <typename Call>
std::string complaint(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(VersionMessage, Request_has_our_version_and_limits_and_ends_with_a_nul) {
  const auto request = encode_version();
  ASSERT_GT(request.size(), 5u);
  EXPECT_EQ(std::vector(request.begin(), request.begin() + 4), bytes({0, 0, 1, 0}));
  EXPECT_EQ(request.back(), std::byte{0});
  const auto json = nlohmann::json::parse(reinterpret_cast<const char*>(request.data()) + 4);
  const auto& capabilities = json["capabilities"];
  EXPECT_EQ(capabilities["max_msg_fds"], kMaxMessageFds);
  EXPECT_EQ(capabilities["max_data_xfer_size"], kMaxTransfer);
  EXPECT_EQ(capabilities["twin_socket"]["supported"], true);
}

TEST(VersionMessage, Reply_without_capabilities_has_the_defaults) {
  for (const char* json : {"", "{}", R"({"capabilities":{}})"}) {
    const ServerLimits limits = decode_version(version_reply(json), 0);
    EXPECT_EQ(limits.message_fds, 1u) << json;
    EXPECT_EQ(limits.transfer, 1048576u) << json;
    EXPECT_EQ(limits.dma_maps, 65535u) << json;
    EXPECT_EQ(limits.page_sizes, 0x1000u) << json;
    EXPECT_FALSE(limits.twin_socket.has_value()) << json;
  }
}

TEST(VersionMessage, Reply_has_the_limits_of_the_server) {
  using namespace std::string_view_literals;
  const auto reply = version_reply(R"({"capabilities":{"max_msg_fds":4,"max_data_xfer_size":4096,
      "max_dma_maps":7,"pgsizes":2097152,"migration":{"pgsize":4096},
      "twin_socket":{"supported":true,"fd_index":1}}})"
                                   "\0 what follows the NUL is not read"sv,
                                   0, 0);
  const ServerLimits limits = decode_version(reply, 2);
  EXPECT_EQ(limits.message_fds, 4u);
  EXPECT_EQ(limits.transfer, 4096u);
  EXPECT_EQ(limits.dma_maps, 7u);
  EXPECT_EQ(limits.page_sizes, 0x200000u);
  EXPECT_EQ(limits.twin_socket, 1u);
}

TEST(VersionMessage, Limits_beyond_ours_are_cut_to_ours) {
  const ServerLimits limits =
      decode_version(version_reply(R"({"capabilities":{"max_msg_fds":18446744073709551615,
                        "max_data_xfer_size":18446744073709551615,
                        "max_dma_maps":18446744073709551615}})"),
                     0);
  EXPECT_EQ(limits.message_fds, 253u);
  EXPECT_EQ(limits.transfer, kMaxTransfer);
  EXPECT_EQ(limits.dma_maps, UINT32_MAX);
}

TEST(VersionMessage, Twin_socket_that_is_not_supported_needs_no_descriptor) {
  for (const char* json : {R"({"capabilities":{"twin_socket":{"supported":false}}})",
                           R"({"capabilities":{"twin_socket":{}}})"}) {
    EXPECT_FALSE(decode_version(version_reply(json), 0).twin_socket.has_value()) << json;
  }
}

TEST(VersionMessage, Malformed_reply_is_an_error) {
  struct Case {
    std::vector<std::byte> reply;
    const char* complaint;
  };
  const std::string deep = "{\"capabilities\":" + std::string(3000, '[');
  const Case cases[] = {
      {{}, "of 0 bytes"},
      {bytes({0, 0, 1}), "of 3 bytes"},
      {version_reply("{}", 1, 0), "version 1.0"},
      {version_reply("{}", 0, 2), "version 0.2"},
      {version_reply("{"), "not a JSON object"},
      {version_reply("[]"), "not a JSON object"},
      {version_reply(deep), "not a JSON object"},
      {version_reply("\xff\xfe"), "not a JSON object"},
      {version_reply(R"({"capabilities":3})"), "not an object"},
      {version_reply(R"({"capabilities":{"max_msg_fds":0}})"), "no file descriptors"},
      {version_reply(R"({"capabilities":{"max_msg_fds":-1}})"), "not a number"},
      {version_reply(R"({"capabilities":{"max_msg_fds":"8"}})"), "not a number"},
      {version_reply(R"({"capabilities":{"max_msg_fds":1e30}})"), "not a number"},
      {version_reply(R"({"capabilities":{"max_data_xfer_size":7}})"), "only 7 bytes"},
      {version_reply(R"({"capabilities":{"pgsizes":0}})"), "no size"},
      {version_reply(R"({"capabilities":{"twin_socket":1}})"), "not an object"},
      {version_reply(R"({"capabilities":{"twin_socket":{"supported":1}}})"), "not a boolean"},
      {version_reply(R"({"capabilities":{"twin_socket":{"supported":true}}})"), "No socket"},
      {version_reply(R"({"capabilities":{"twin_socket":{"supported":true,"fd_index":1}}})"),
       "No socket"},
  };
  for (const Case& test : cases) {
    const std::string text = complaint([&] { decode_version(test.reply, 1); });
    EXPECT_NE(text.find(test.complaint), std::string::npos) << test.complaint << ": " << text;
  }
}

TEST(DeviceInfoReply, Flags_and_counts_are_read) {
  const auto reply = bytes({16, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0});
  const DeviceInfo info = decode_device_info(reply);
  EXPECT_EQ(info.kind, DeviceKind::kPci);
  EXPECT_TRUE(info.can_reset);
  EXPECT_EQ(info.regions, 9u);
  EXPECT_EQ(info.irqs, 5u);
}

TEST(DeviceInfoReply, Malformed_is_an_error) {
  const auto with = [](int flags, int regions, int irqs) {
    return bytes({16, 0, 0, 0, flags, 0, 0, 0, regions, 0, 0, 0, irqs, 0, 0, 0});
  };
  const auto complain = [](const std::vector<std::byte>& reply) {
    return complaint([&] { decode_device_info(reply); });
  };
  EXPECT_EQ(complain(bytes({16, 0, 0, 0})), "A reply of 4 bytes, not of 16");
  EXPECT_EQ(complain(with(1, 9, 5)), "It is not a PCI device");
  EXPECT_EQ(complain(with(2, 7, 5)), "A PCI device with 7 regions");
  EXPECT_EQ(complain(with(2, 65, 5)), "A PCI device with 65 regions");
  EXPECT_EQ(complain(with(2, 9, 17)), "A PCI device with 17 kinds of interrupts");
  EXPECT_EQ(complain(with(2, 64, 16)), "none");
}

std::vector<std::byte> region_reply(const RegionInfoMessage& message,
                                    std::initializer_list<int> more = {}) {
  const auto head = bytes_of(message);
  std::vector<std::byte> reply(head.begin(), head.end());
  const auto tail = bytes(more);
  reply.insert(reply.end(), tail.begin(), tail.end());
  return reply;
}

TEST(RegionInfoReply, Bytes_are_at_the_offsets_of_the_specification) {
  const auto reply = bytes({48, 0, 0, 0, 0x0f, 0, 0, 0, 4,    0,    0, 0,    32, 0, 0, 0,  //
                            0,  0, 1, 0, 0,    0, 0, 0, 0,    0,    0, 2,    0,  0, 0, 0,  //
                            2,  0, 1, 0, 0,    0, 0, 0, 0x86, 0x80, 0, 0x80, 1,  0, 0, 0});
  const RegionReply region = decode_region_info(reply, 4, 1);
  EXPECT_EQ(region.info.index, 4u);
  EXPECT_EQ(region.info.size, 0x10000u);
  EXPECT_TRUE(region.info.readable);
  EXPECT_TRUE(region.info.writable);
  EXPECT_TRUE(region.info.mappable);
  EXPECT_EQ(region.info.type, (RegionType{0x80008086, 1}));
  EXPECT_EQ(region.file_offset, 0x2000000u);
}

TEST(RegionInfoReply, Region_of_no_size_has_nothing) {
  const RegionReply region = decode_region_info(
      region_reply({.argsz = 32, .flags = 0xf, .index = 6, .cap_offset = 7}), 6, 0);
  EXPECT_EQ(region.info.size, 0u);
  EXPECT_FALSE(region.info.mappable);
}

TEST(RegionInfoReply, Malformed_is_an_error) {
  struct Case {
    std::vector<std::byte> reply;
    size_t fds;
    const char* complaint;
  };
  constexpr uint32_t kMappable = kRegionReadable | kRegionWritable | kRegionMappable;
  const Case cases[] = {
      {bytes({32, 0, 0, 0}), 0, "of 4 bytes"},
      {region_reply({.argsz = 32, .index = 5, .size = 16}), 0, "about region 5"},
      {region_reply({.argsz = 20000, .index = 4, .size = 16}), 0, "more than 16384"},
      {region_reply({.argsz = 32, .flags = kMappable, .index = 4, .size = 4096}), 0,
       "0 file descriptors"},
      {region_reply({.argsz = 32, .flags = kMappable, .index = 4, .size = 4096}), 2,
       "2 file descriptors"},
      {region_reply({.argsz = 32, .index = 4, .size = UINT64_MAX}), 0, "A region of"},
      {region_reply({.argsz = 32, .flags = kMappable, .index = 4, .size = UINT64_MAX}), 1,
       "No file has"},
      {region_reply(
           {.argsz = 32, .flags = kMappable, .index = 4, .size = 4096, .offset = UINT64_MAX}),
       1, "No file has"},
      {region_reply(
           {.argsz = 32, .flags = kMappable, .index = 4, .size = 4096, .offset = INT64_MAX - 4095}),
       1, "No file has"},
      {region_reply(
           {.argsz = 48, .flags = kRegionHasCapabilities, .index = 4, .cap_offset = 40, .size = 16},
           {1, 0, 1, 0}),
       0, "capability"},
  };
  for (const Case& test : cases) {
    const std::string text = complaint([&] { decode_region_info(test.reply, 4, test.fds); });
    EXPECT_NE(text.find(test.complaint), std::string::npos) << test.complaint << ": " << text;
  }
}

TEST(IrqInfoReply, Flags_and_count_are_read) {
  const IrqInfo info =
      decode_irq_info(bytes({16, 0, 0, 0, 0x0f, 0, 0, 0, 2, 0, 0, 0, 0, 8, 0, 0}), 2);
  EXPECT_EQ(info.index, 2u);
  EXPECT_EQ(info.count, 2048u);
  EXPECT_TRUE(info.eventfd);
  EXPECT_TRUE(info.maskable);
  EXPECT_TRUE(info.automasked);
  EXPECT_TRUE(info.noresize);
  EXPECT_FALSE(
      decode_irq_info(bytes({16, 0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0}), 2).noresize);
}

TEST(IrqInfoReply, Malformed_is_an_error) {
  const auto complain = [](const std::vector<std::byte>& reply) {
    return complaint([&] { decode_irq_info(reply, 2); });
  };
  EXPECT_EQ(complain(bytes({16, 0, 0})), "A reply of 3 bytes, not of 16");
  EXPECT_EQ(complain(bytes({16, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0})),
            "A reply about interrupts 3");
  EXPECT_EQ(complain(bytes({16, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 8, 0, 0})),
            "2049 interrupts of one kind");
}

}  // namespace
}  // namespace lintel::passthrough::user
