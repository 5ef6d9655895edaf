// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/sysfs_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::host {
namespace {

using ::testing::HasSubstr;

TEST(ForkingWriter, writes_and_passes_errors_on) {
  FakeHost host;
  host.write("/x", "");
  ForkingWriter writer(host.tree(), {});
  writer.write("/x", "vfio-pci");
  EXPECT_EQ(host.read("/x"), "vfio-pci");
  host.link("/full", "/dev/full");
  for (const auto& [path, number] : {std::pair{"/full", ENOSPC}, {"/missing", ENOENT}}) {
    try {
      writer.write(path, "1");
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.errno_value(), number) << path;
      EXPECT_THAT(error.describe(), HasSubstr(path));
    }
  }
}

// A pipe that is full takes no byte, as a driver that waits does not.
TEST(ForkingWriter, does_not_wait_for_a_stuck_driver) {
  FakeHost host;
  const std::string pipe = host.tree().at("/pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const UniqueFd reader(open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  const std::array<char, 65536> block{};
  while (write(reader.get(), block.data(), block.size()) > 0) {
  }
  ForkingWriter writer(host.tree(), {.deadline = std::chrono::milliseconds(0)});
  try {
    writer.write("/pipe", "0000:01:00.0");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errno_value(), ETIMEDOUT);
    EXPECT_THAT(error.help(), HasSubstr("--users"));
  }
}

TEST(ForkingWriter, reads_and_passes_errors_on) {
  FakeHost host;
  host.write("/x", "(null)\n");
  ForkingWriter reader(host.tree(), {});
  EXPECT_EQ(reader.read("/x"), "(null)");
  host.write("/x", "");
  EXPECT_EQ(reader.read("/x"), "");
  host.link("/folder", "/");
  for (const auto& [path, number] : {std::pair{"/folder", EISDIR}, {"/missing", ENOENT}}) {
    try {
      reader.read(path);
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.errno_value(), number) << path;
    }
  }
}

// A pipe that is empty gives no byte, as a device whose driver is to let go does not.
TEST(ForkingWriter, does_not_wait_for_what_a_stuck_driver_hides) {
  FakeHost host;
  const std::string pipe = host.tree().at("/pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const UniqueFd writer(open(pipe.c_str(), O_RDWR | O_CLOEXEC));
  ForkingWriter reader(host.tree(), {.deadline = std::chrono::milliseconds(0)});
  try {
    reader.read("/pipe");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errno_value(), ETIMEDOUT);
  }
}

TEST(ForkingWriter, loads_modules_by_a_program) {
  FakeHost host;
  ForkingWriter(host.tree(), {.modprobe = "/bin/true"}).load_module("vfio-pci");
  for (const auto& [program, text] :
       {std::pair{"/bin/false", "status 1"}, {"/no/modprobe", "there is no /no/modprobe"}}) {
    try {
      ForkingWriter(host.tree(), {.modprobe = program}).load_module("vfio-pci");
      FAIL() << program;
    } catch (const Error& error) {
      EXPECT_THAT(error.describe(), HasSubstr(text));
    }
  }
}

}  // namespace
}  // namespace lintel::passthrough::host
