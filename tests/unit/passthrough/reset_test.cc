// SPDX-License-Identifier: Apache-2.0
#include "passthrough/reset.h"

#include <array>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_vfio_device.h"
#include "tests/fakes/log_capture.h"

namespace lintel::passthrough {
namespace {

using Calls = std::vector<std::string>;

constexpr uint16_t kQuiet = 0x400;  // Interrupt Disable alone

class ResetTest : public testing::Test {
 protected:
  static constexpr uint32_t kGroup = 14;

  ResetTarget target(FakeVfioDevice& device, ResetPolicy policy = ResetPolicy::kAuto) {
    return {.device = &device,
            .policy = policy,
            .owner = kGroup,
            .owner_fd = 5,
            .counts = &device == &gpu ? &gpu_counts : &audio_counts};
  }
  // "done failed" of both.
  std::string counts() const {
    return fmt::format("gpu {} {}, audio {} {}", gpu_counts.done, gpu_counts.failed,
                       audio_counts.done, audio_counts.failed);
  }
  void on_one_bus() {
    gpu.peers = {{.bus = 1, .devfn = 0, .owner = kGroup}, {.bus = 1, .devfn = 1, .owner = kGroup}};
    audio.peers = gpu.peers;
    for (FakeVfioDevice* device : {&gpu, &audio}) {
      device->set_info({.can_reset = false, .regions = 9, .irqs = 5});
    }
  }
  static bool called(const Calls& calls, const std::string& call) {
    return std::find(calls.begin(), calls.end(), call) != calls.end();
  }

  FakeVfioDevice gpu{"0000:01:00.0"};
  FakeVfioDevice audio{"0000:01:00.1"};
  ResetCounts gpu_counts;
  ResetCounts audio_counts;
};

TEST_F(ResetTest, Function_isQuietBeforeItIsReset) {
  gpu.add_irq({.index = pci_irq::kMsix, .count = 2, .eventfd = true});
  gpu.config16(0x04, 0x407);
  reset_devices(std::vector{target(gpu)});
  EXPECT_EQ(gpu.take_calls(), (Calls{"disable 2", "write 7 0x4 2: 400", "reset"}));
}

TEST_F(ResetTest, SleepingFunction_isWokenWithoutAReset) {
  gpu.config16(0x04, 0x407);
  gpu.add_capability(0x60, 0x01);
  gpu.config16(0x64, 0x0003);
  gpu.add_capability(0x40, 0x09);
  reset_devices(std::vector{target(gpu, ResetPolicy::kNone)});
  EXPECT_EQ(gpu.take_calls(),
            (Calls{"write 7 0x4 2: 400", "write 7 0x64 2: 0", "write 7 0x4 2: 400"}));
}

TEST_F(ResetTest, CapabilitiesInACircle_haveAnEnd) {
  gpu.add_capability(0x60, 0x09);
  gpu.config8(0x61, 0x60);
  reset_devices(std::vector{target(gpu, ResetPolicy::kNone)});
  EXPECT_EQ(gpu.take_calls(), Calls{"write 7 0x4 2: 400"});
}

TEST_F(ResetTest, BusIsReset_whereTheFunctionAloneCannotBe) {
  on_one_bus();
  reset_devices(std::vector{target(gpu), target(audio)});
  EXPECT_TRUE(called(gpu.take_calls(), "hot reset with 1"));
  EXPECT_FALSE(called(audio.take_calls(), "hot reset with 1"));
  EXPECT_EQ(audio.config16(0x04), kQuiet);
}

TEST_F(ResetTest, BusWithADeviceInUse_isLeftAlone) {
  on_one_bus();
  const std::array<std::string, 1> in_use{"0000:01:00.1"};
  reset_devices(std::vector{target(gpu)}, in_use);
  EXPECT_FALSE(called(gpu.take_calls(), "hot reset with 1"));
  EXPECT_THROW(reset_devices(std::vector{target(gpu, ResetPolicy::kBus)}, in_use), Error);
}

TEST_F(ResetTest, BusWithADeviceThatIsNotToBeReset_isLeftAlone) {
  on_one_bus();
  const LogCapture log(log::Level::kWarn);
  reset_devices(std::vector{target(gpu), target(audio, ResetPolicy::kNone)});
  EXPECT_FALSE(called(gpu.take_calls(), "hot reset with 1"));
  EXPECT_NE(log.text().find("also reset 0000:01:00.1, which is not to be reset"),
            std::string::npos);
  try {
    reset_devices(std::vector{target(audio, ResetPolicy::kNone), target(gpu, ResetPolicy::kBus)});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.describe().find("0000:01:00.1"), std::string::npos);
  }
  EXPECT_FALSE(called(gpu.take_calls(), "hot reset with 1"));
}

TEST_F(ResetTest, BusIsReset_whereItIsAskedFor) {
  on_one_bus();
  gpu.set_info({.can_reset = true, .regions = 9, .irqs = 5});
  reset_devices(std::vector{target(gpu, ResetPolicy::kBus), target(audio)});
  const Calls calls = gpu.take_calls();
  EXPECT_TRUE(called(calls, "hot reset with 1"));
  EXPECT_FALSE(called(calls, "reset"));
}

TEST_F(ResetTest, PeerThatIsNotOurs_isNamed) {
  on_one_bus();
  gpu.peers[1].owner = 15;
  try {
    reset_devices(std::vector{target(gpu, ResetPolicy::kBus)});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.describe().find("0000:01:00.1"), std::string::npos);
  }
  EXPECT_FALSE(called(gpu.take_calls(), "hot reset with 1"));
}

TEST_F(ResetTest, ServedDevice_ownsNoGroupOfTheHost) {
  on_one_bus();
  FakeVfioDevice served{"/run/server.sock"};
  const ResetTarget without_group{.device = &served};
  gpu.peers[1].owner = 0;
  const std::vector targets{without_group, target(gpu, ResetPolicy::kBus)};
  EXPECT_THROW(reset_devices(targets), Error) << "nobody of us has group 0";
  gpu.peers[0].owner = 0;
  ResetTarget in_group_0 = target(gpu, ResetPolicy::kBus);
  in_group_0.owner = 0;
  reset_devices(std::vector{without_group, in_group_0});
  EXPECT_TRUE(called(gpu.take_calls(), "hot reset with 1"));
}

// iommufd has no groups, and may count as ours what is not open.
TEST_F(ResetTest, WithoutGroups_theKernelSaysWhoseAPeerIs) {
  on_one_bus();
  const ResetTarget one{.device = &gpu, .policy = ResetPolicy::kBus};
  gpu.peers = {{.bus = 1, .devfn = 0, .owner = 7, .ours = true},
               {.bus = 1, .devfn = 1, .ours = true}};
  reset_devices(std::vector{one});
  EXPECT_TRUE(called(gpu.take_calls(), "hot reset with 0"));
  gpu.peers[1].ours = false;
  EXPECT_THROW(reset_devices(std::vector{one}), Error);
}

TEST_F(ResetTest, FunctionAlone_whereItIsAskedFor) {
  on_one_bus();
  gpu.set_info({.can_reset = true, .regions = 9, .irqs = 5});
  reset_devices(std::vector{target(gpu, ResetPolicy::kFunction)});
  EXPECT_TRUE(called(gpu.take_calls(), "reset"));
  gpu.set_info({.can_reset = false, .regions = 9, .irqs = 5});
  try {
    reset_devices(std::vector{target(gpu, ResetPolicy::kFunction), target(audio)});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.describe().find("0000:01:00.0 cannot be reset alone"), std::string::npos);
  }
  EXPECT_FALSE(called(gpu.take_calls(), "hot reset with 1"));
}

TEST_F(ResetTest, DeviceWithoutAnyReset_isUsedAsItIs) {
  gpu.set_info({.can_reset = false, .regions = 9, .irqs = 5});
  reset_devices(std::vector{target(gpu)});
  EXPECT_EQ(gpu.config16(0x04), kQuiet);
}

TEST_F(ResetTest, NoReset_whereNoneIsWanted) {
  reset_devices(std::vector{target(gpu, ResetPolicy::kNone)});
  EXPECT_FALSE(called(gpu.take_calls(), "reset"));
}

TEST_F(ResetTest, DeviceThatIsLostByItsReset_isAnError) {
  gpu.lost_by_reset = true;
  EXPECT_THROW(reset_devices(std::vector{target(gpu)}), Error);
}

// The kernel would wait for it for a minute.
TEST_F(ResetTest, DeviceThatIsGone_isNotReset) {
  gpu.lose();
  EXPECT_THROW(reset_devices(std::vector{target(gpu)}), Error);
  EXPECT_FALSE(called(gpu.take_calls(), "reset"));
}

// The kernel offers no reset of a device whose last one failed.
TEST_F(ResetTest, DeviceThatIsGone_isNotAnnouncedAsTheGuests) {
  gpu.set_info({.can_reset = false, .regions = 9, .irqs = 5});
  const LogCapture log(log::Level::kWarn);
  reset_devices(std::vector{target(gpu)});
  const std::string announced = log.text();
  EXPECT_NE(announced.find("is given to the guest"), std::string::npos);
  gpu.lose();
  EXPECT_THROW(reset_devices(std::vector{target(gpu)}), Error);
  EXPECT_EQ(log.text(), announced);
}

TEST_F(ResetTest, ResetThatFails_isAnError) {
  gpu.fail("reset");
  EXPECT_THROW(reset_devices(std::vector{target(gpu)}), Error);
}

TEST_F(ResetTest, ResetsThatWereDone_areCounted) {
  reset_devices(std::vector{target(gpu), target(audio)});
  reset_devices(std::vector{target(gpu), target(audio, ResetPolicy::kNone)});
  EXPECT_EQ(counts(), "gpu 2 0, audio 1 0");
}

TEST_F(ResetTest, ResetOfTheBus_countsForAllOnIt) {
  on_one_bus();
  reset_devices(std::vector{target(gpu), target(audio)});
  EXPECT_EQ(counts(), "gpu 1 0, audio 1 0");
}

TEST_F(ResetTest, ResetWithoutAWay_countsAsFailed) {
  gpu.set_info({.can_reset = false, .regions = 9, .irqs = 5});
  reset_devices(std::vector{target(gpu), target(audio)});
  EXPECT_EQ(counts(), "gpu 0 1, audio 1 0");
}

TEST_F(ResetTest, ResetThatFails_countsAsFailed_andThoseAfterItAsNeither) {
  gpu.fail("reset");
  EXPECT_THROW(reset_devices(std::vector{target(gpu), target(audio)}), Error);
  EXPECT_EQ(counts(), "gpu 0 1, audio 0 0");
  EXPECT_THROW(reset_devices(std::vector{target(audio), target(gpu)}), Error);
  EXPECT_EQ(counts(), "gpu 0 2, audio 1 0");
}

TEST_F(ResetTest, ResetThatLosesTheDevice_countsAsFailed) {
  gpu.lost_by_reset = true;
  EXPECT_THROW(reset_devices(std::vector{target(gpu), target(audio)}), Error);
  EXPECT_EQ(counts(), "gpu 0 1, audio 1 0");
}

}  // namespace
}  // namespace lintel::passthrough
