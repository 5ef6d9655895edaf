// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/backend/passt.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel::virtio {
namespace {

// A program in passt's place.
class FakeProgram {
 public:
  explicit FakeProgram(const std::string& script) {
    if (mkdtemp(folder_.data()) == nullptr) abort();
    std::ofstream(path()) << "#!/bin/sh\n" << script;
    chmod(path().c_str(), 0755);
  }
  ~FakeProgram() {
    unlink(path().c_str());
    rmdir(folder_.c_str());
  }
  std::string path() const { return folder_ + "/passt"; }

 private:
  std::string folder_ = testing::TempDir() + "lintel-passt-XXXXXX";
};

std::string failure_of(const PasstOptions& options) {
  try {
    start_passt(options);
  } catch (const Error& error) {
    return error.describe();
  }
  return "";
}

TEST(PasstTest, Arguments_name_the_socket_and_the_mtu) {
  EXPECT_EQ(passt_arguments({.program = "passt", .mtu = 9000, .forwards = {}}, 3),
            (std::vector<std::string>{"passt", "--quiet", "--fd", "3", "--mtu", "9000",
                                      "--udp-ports", "none"}));
}

TEST(PasstTest, Forwards_become_port_options_and_tcp_alone_forwards_no_udp) {
  const PasstOptions tcp{
      .program = "p",
      .mtu = 1500,
      .forwards = {
          {.udp = false, .host_address = "127.0.0.1", .host_port = 8080, .guest_port = 80}}};
  EXPECT_EQ(passt_arguments(tcp, 3),
            (std::vector<std::string>{"p", "--quiet", "--fd", "3", "--mtu", "1500", "--tcp-ports",
                                      "127.0.0.1/8080:80", "--udp-ports", "none"}));
  const PasstOptions udp{
      .program = "p",
      .mtu = 1500,
      .forwards = {{.udp = true, .host_address = "", .host_port = 5353, .guest_port = 53}}};
  EXPECT_EQ(passt_arguments(udp, 3).back(), "5353:53");
}

TEST(PasstTest, Missing_program_is_an_error_that_names_the_package) {
  const std::string failure = failure_of({.program = "/nonexistent/passt", .forwards = {}});
  EXPECT_NE(failure.find("/nonexistent/passt"), std::string::npos) << failure;
  EXPECT_NE(failure.find("apt install passt"), std::string::npos) << failure;
}

TEST(PasstTest, Program_that_fails_is_quoted_without_its_noise) {
  const FakeProgram program(
      "echo 'Failed to send 31 bytes to syslog' >&2\n"
      "echo \"Failed to bind any port for '-t 80', exiting\" >&2\n"
      "exit 1\n");
  const std::string failure = failure_of({.program = program.path(), .forwards = {}});
  EXPECT_NE(failure.find("passt did not start: Failed to bind any port"), std::string::npos)
      << failure;
  EXPECT_EQ(failure.find("syslog"), std::string::npos) << failure;
  EXPECT_NE(failure.find("help: "), std::string::npos) << failure;
}

TEST(PasstTest, Connection_leads_to_what_the_program_left_running) {
  const FakeProgram program("cat <&3 >&3 2>/dev/null &\n");
  const UniqueFd connection = start_passt({.program = program.path(), .forwards = {}});
  ASSERT_EQ(write(connection.get(), "frame", 5), 5);
  std::array<char, 8> back{};
  EXPECT_EQ(read(connection.get(), back.data(), back.size()), 5);
  EXPECT_STREQ(back.data(), "frame");
}

}  // namespace
}  // namespace lintel::virtio
