// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/rng.h"

#include <stdlib.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

#include "tests/fakes/virtio.h"
#include "vmm/base/error.h"

namespace lintel::virtio {
namespace {

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    UniqueFd fd(mkstemp(path_.data()));
    write_exactly(fd.get(), std::as_bytes(std::span(content)), 0);
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "lintel-rng-XXXXXX";
};

TEST(RngTest, Requests_are_filled) {
  fakes::DeviceHarness harness;
  Rng rng(harness.loop(), {});
  harness.activate(rng, rng.features());
  const fakes::Buffer buffer = harness.driver(0).writable(64);
  harness.driver(0).add({buffer});
  harness.kick(0);
  const auto used = harness.driver(0).take_used();
  ASSERT_TRUE(used);
  EXPECT_EQ(used->length, 64u);
  EXPECT_NE(harness.driver(0).content(buffer.address, 64), std::string(64, '\0'));
  EXPECT_EQ(harness.interrupts.queue_count(0), 1);
}

TEST(RngTest, Request_without_writable_part_is_returned_empty) {
  fakes::DeviceHarness harness;
  Rng rng(harness.loop(), {});
  harness.activate(rng, rng.features());
  harness.driver(0).add({harness.driver(0).readable("what?")});
  harness.kick(0);
  EXPECT_EQ(harness.driver(0).take_used(), (fakes::Used{0, 0}));
}

TEST(RngTest, Source_file_is_used_and_its_end_is_survived) {
  const TemporaryFile source("0123456789");
  fakes::DeviceHarness harness;
  Rng rng(harness.loop(), {.source = source.path()});
  harness.activate(rng, rng.features());
  const fakes::Buffer first = harness.driver(0).writable(10);
  const fakes::Buffer second = harness.driver(0).writable(10);
  harness.driver(0).add({first});
  harness.driver(0).add({second});
  harness.kick(0);
  EXPECT_EQ(harness.driver(0).content(first.address, 10), "0123456789");
  ASSERT_TRUE(harness.driver(0).take_used());
  EXPECT_EQ(harness.driver(0).take_used()->length, 10u);
}

TEST(RngTest, Missing_source_is_an_error) {
  EventLoop loop;
  EXPECT_THROW(Rng(loop, {.source = "/nonexistent"}), Error);
}

TEST(RngTest, Greedy_driver_is_served_in_portions) {
  fakes::DeviceHarness harness;
  Rng rng(harness.loop(), {.source = {}, .bytes_per_second = 50 * 64});
  harness.activate(rng, rng.features());
  const fakes::Buffer buffer = harness.driver(0).writable(100);
  harness.driver(0).add({buffer});
  harness.driver(0).add({buffer});
  harness.kick(0);
  EXPECT_EQ(harness.driver(0).take_used()->length, 64u);
  // The second comes with the next portion.
  harness.interrupts.await_queue(0, 2);
  EXPECT_EQ(harness.driver(0).take_used()->length, 64u);
}

TEST(RngTest, Reset_while_a_request_waits_forgets_it) {
  fakes::DeviceHarness harness;
  Rng rng(harness.loop(), {.source = {}, .bytes_per_second = 50});
  harness.activate(rng, rng.features());
  for (int i = 0; i < 4; ++i) harness.driver(0).add({harness.driver(0).writable(1)});
  harness.kick(0);
  harness.reset();
  harness.settle();
}

}  // namespace
}  // namespace lintel::virtio
