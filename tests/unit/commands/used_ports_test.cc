// SPDX-License-Identifier: Apache-2.0
#include "vmm/commands/used_ports.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"

namespace lintel::commands {
namespace {

// As the kernel of this host writes it.
std::string address_text(int family, const char* text) {
  std::array<uint8_t, 16> bytes{};
  EXPECT_EQ(inet_pton(family, text, bytes.data()), 1);
  std::string out;
  for (size_t i = 0; i < (family == AF_INET ? 4 : 16); i += 4) {
    uint32_t word = 0;
    std::memcpy(&word, bytes.data() + i, 4);
    out += fmt::format("{:08X}", word);
  }
  return out;
}

class UsedPorts : public ::testing::Test {
 protected:
  void add(const std::string& file, const std::string& address, int port,
           const std::string& state) {
    text_[file] +=
        fmt::format("   0: {}:{:04X} 00000000:0000 {} 00000000:00000000\n", address, port, state);
    host_.write("/proc/net/" + file,
                "  sl  local_address rem_address   st tx_queue\n" + text_[file]);
  }
  bool used(const HostPort& port) const { return is_port_used(host_.tree(), port); }

  passthrough::host::FakeHost host_;
  std::map<std::string, std::string> text_;
};

TEST_F(UsedPorts, listener_has_its_port_and_no_other) {
  add("tcp", address_text(AF_INET, "0.0.0.0"), 8080, "0A");
  add("tcp", address_text(AF_INET, "0.0.0.0"), 9090, "01");
  EXPECT_TRUE(used({false, "", 8080}));
  EXPECT_TRUE(used({false, "127.0.0.1", 8080}));
  EXPECT_FALSE(used({false, "", 8081}));
  EXPECT_FALSE(used({false, "", 9090})) << "a connection";
  EXPECT_FALSE(used({true, "", 8080}));
}

TEST_F(UsedPorts, addresses_that_differ_do_not_meet) {
  add("tcp", address_text(AF_INET, "127.0.0.1"), 8080, "0A");
  EXPECT_TRUE(used({false, "127.0.0.1", 8080}));
  EXPECT_TRUE(used({false, "", 8080}));
  EXPECT_FALSE(used({false, "10.0.0.1", 8080}));
  EXPECT_FALSE(used({false, "::1", 8080}));
  add("tcp6", address_text(AF_INET6, "::1"), 8080, "0A");
  EXPECT_TRUE(used({false, "::1", 8080}));
}

TEST_F(UsedPorts, datagram_sockets_listen_in_any_state) {
  add("udp6", address_text(AF_INET6, "::"), 53, "07");
  EXPECT_TRUE(used({true, "127.0.0.1", 53}));
}

TEST_F(UsedPorts, what_is_not_understood_is_free) {
  host_.write("/proc/net/tcp", "x\n0: 7F:1F90 0 0A\n0: 0000000:1F90 0 0A\n0: nothing 0 0A\n");
  EXPECT_FALSE(used({false, "", 8080}));
}

}  // namespace
}  // namespace lintel::commands
