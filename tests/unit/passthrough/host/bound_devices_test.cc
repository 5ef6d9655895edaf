// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/bound_devices.h"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/log_capture.h"
#include "tests/unit/passthrough/host/fake_host.h"
#include "vmm/base/types.h"

namespace lintel::passthrough::host {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kGpu = "0000:01:00.0";
const std::string kAudio = "0000:01:00.1";

class Bound : public ::testing::Test {
 protected:
  Bound() {
    host_.add({});
    host_.add({.address = kAudio,
               .ids = "10de:22ba",
               .class_code = "0x040300",
               .driver = "snd_hda_intel"});
    kernel_.log.clear();
  }

  static PciAddress at(const std::string& text) { return *parse_address(text); }
  std::vector<BindRequest> both(BindMode mode = BindMode::kAuto) const {
    return {{at(kGpu), mode, {}}, {at(kAudio), mode, {}}};
  }
  std::unique_ptr<BoundDevices> take(const std::vector<BindRequest>& requests,
                                     const std::string& name = "win11") {
    return std::make_unique<BoundDevices>(access_, name, requests);
  }
  void give_audio_its_own_group() const {
    host_.remove("/sys/kernel/iommu_groups/14/devices/" + kAudio);
    host_.join_group(kAudio, 15);
  }
  std::string value(const std::string& file) const {
    return host_.read(FakeHost::folder(kGpu) + "/" + file);
  }
  // Everything of a function that we may have changed.
  std::string state(const std::string& address) const {
    std::string text = host_.driver(address);
    for (const char* file :
         {"driver_override", "d3cold_allowed", "power/control", "resource", "reset_method"}) {
      text += "\n" + host_.read(FakeHost::folder(address) + "/" + file);
    }
    return text;
  }
  // Nothing of it runs as long as the test does.
  void kill(std::unique_ptr<BoundDevices> devices) { killed_.push_back(std::move(devices)); }
  void die() const { host_.remove(fmt::format("/proc/{}", getpid())); }
  void live(int start = 4711) const {
    host_.write(fmt::format("/proc/{}/stat", getpid()), FakeHost::stat_line(start));
  }
  std::string failure(const std::vector<BindRequest>& requests) {
    try {
      take(requests);
      return "(none)";
    } catch (const Error& error) {
      return error.describe();
    }
  }

  FakeHost host_;
  FakeKernel kernel_{host_};
  JournalFolder journals_{host_.tree(), "/lintel"};
  HostAccess access_{host_.tree(), kernel_, journals_};
  std::vector<std::unique_ptr<BoundDevices>> killed_;
};

TEST_F(Bound, devices_are_with_vfio_and_awake_and_come_back) {
  host_.write(FakeHost::folder(kGpu) + "/power/control", "auto\n");
  const std::string before = state(kGpu);
  const std::string audio_before = state(kAudio);
  host_.write(FakeHost::folder(kAudio) + "/vfio-dev/vfio3/dev", "1:2\n");
  {
    const auto devices = take(both());
    EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
    EXPECT_EQ(host_.driver(kAudio), "vfio-pci");
    EXPECT_EQ(value("d3cold_allowed"), "0");
    EXPECT_EQ(value("power/control"), "on");
    ASSERT_EQ(devices->functions().size(), 2U);
    EXPECT_EQ(devices->functions()[0].group_node, "/dev/vfio/14");
    EXPECT_EQ(devices->functions()[0].device_node, "");
    EXPECT_EQ(devices->functions()[1].device_node, "/dev/vfio/devices/vfio3");
    EXPECT_THAT(journals_.names(), ElementsAre("win11"));
  }
  EXPECT_EQ(state(kGpu), before);
  EXPECT_EQ(state(kAudio), audio_before);
  EXPECT_THAT(journals_.names(), IsEmpty());
}

TEST_F(Bound, never_by_new_id_and_the_module_is_loaded_once) {
  take(both());
  EXPECT_THAT(kernel_.log, Not(Contains(HasSubstr("new_id"))));
  EXPECT_EQ(std::count(kernel_.log.begin(), kernel_.log.end(), "modprobe vfio-pci"), 1);
  EXPECT_EQ(kernel_.log.front(), "modprobe vfio-pci");
}

TEST_F(Bound, device_is_awake_before_its_driver_goes_and_after_the_new_one_came) {
  host_.write(FakeHost::folder(kGpu) + "/power/control", "auto\n");
  const auto devices = take({{at(kGpu), BindMode::kAuto, {}}, {at(kAudio), BindMode::kAuto, {}}});
  const std::string folder = FakeHost::folder(kGpu);
  std::vector<std::string> ours;
  for (const std::string& line : kernel_.log) {
    if (line.find(kGpu) != std::string::npos) ours.push_back(line);
  }
  EXPECT_THAT(
      ours,
      ElementsAre("0 > " + folder + "/d3cold_allowed", "on > " + folder + "/power/control",
                  "vfio-pci > " + folder + "/driver_override",
                  kGpu + " > /sys/bus/pci/drivers/nvidia/unbind",
                  kGpu + " > /sys/bus/pci/drivers_probe", "on > " + folder + "/power/control"));
}

// The heart of the matter: killed at any write, `lintel restore` puts everything back.
TEST_F(Bound, kill_at_any_moment_is_repaired) {
  host_.write(FakeHost::folder(kGpu) + "/power/control", "auto\n");
  host_.write(FakeHost::folder(kGpu) + "/resource1_resize", "00000000000007c0\n");
  const std::string before = state(kGpu) + state(kAudio);
  std::vector<BindRequest> requests = both();
  requests[0].resize.kind = BarResize::Kind::kMax;
  int survived = 0;
  for (int lives = 0; survived == 0; ++lives) {
    ASSERT_LT(lives, 100);
    live();
    kernel_.lives = lives;
    bool killed = false;
    try {
      auto devices = take(requests);
      kernel_.lives.reset();
      kill(std::move(devices));  // killed while the guest runs
      survived = lives;
    } catch (const Killed&) {
      killed = true;
    }
    kernel_.lives.reset();
    EXPECT_EQ(killed, survived == 0);
    if (lives > 1) {
      EXPECT_NE(state(kGpu) + state(kAudio), before);
    }
    die();
    ASSERT_THAT(restorable(journals_), ElementsAre("win11")) << lives;
    const RestoreReport report = restore_journal(access_, "win11");
    EXPECT_THAT(report.failures, IsEmpty());
    EXPECT_EQ(report.restored.size(), 2U);
    EXPECT_EQ(state(kGpu) + state(kAudio), before) << lives;
    EXPECT_THAT(restorable(journals_), IsEmpty());
  }
  EXPECT_GT(survived, 8);
}

TEST_F(Bound, kill_during_the_restore_is_repaired_by_the_next) {
  const std::string before = state(kGpu) + state(kAudio);
  kill(take(both()));
  die();
  int tries = 0;
  for (bool done = false; !done; ++tries) {
    ASSERT_LT(tries, 100);
    kernel_.lives = 1;
    try {
      restore_journal(access_, "win11");
      done = true;
    } catch (const Killed&) {
      done = false;
    }
  }
  EXPECT_GT(tries, 4);
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
}

TEST_F(Bound, living_machine_keeps_its_devices) {
  const auto devices = take(both());
  EXPECT_THAT(restorable(journals_), IsEmpty());
  EXPECT_THROW(restore_journal(access_, "win11"), Error);
  EXPECT_THAT(failure(both()), HasSubstr("The machine win11 still runs, as process"));
  try {
    take({{at(kAudio), BindMode::kAuto, {}}}, "other");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.describe(), HasSubstr("0000:01:00.1 belongs to the machine win11"));
  }
  EXPECT_EQ(host_.driver(kAudio), "vfio-pci");
}

TEST_F(Bound, machine_that_runs_takes_more_and_gives_some_back) {
  give_audio_its_own_group();
  const std::string gpu_before = state(kGpu);
  const std::string audio_before = state(kAudio);
  const auto devices = take({{at(kGpu), BindMode::kAuto, {}}});
  devices->add({{at(kAudio), BindMode::kAuto, {}}});
  EXPECT_EQ(host_.driver(kAudio), "vfio-pci");
  EXPECT_EQ(devices->functions().size(), 2U);
  EXPECT_EQ(journals_.load("win11")->devices.size(), 2U);
  EXPECT_THAT(devices->release({at(kGpu)}).failures, IsEmpty());
  EXPECT_EQ(state(kGpu), gpu_before);
  EXPECT_EQ(host_.driver(kAudio), "vfio-pci");
  EXPECT_EQ(devices->functions().size(), 1U);
  EXPECT_EQ(journals_.load("win11")->devices.size(), 1U);
  EXPECT_THAT(devices->release({at(kAudio)}).failures, IsEmpty());
  EXPECT_EQ(state(kAudio), audio_before);
  EXPECT_THAT(journals_.names(), IsEmpty());
  devices->add({{at(kAudio), BindMode::kAuto, {}}});
  EXPECT_EQ(host_.driver(kAudio), "vfio-pci");
}

TEST_F(Bound, more_that_fails_leaves_what_is_there) {
  give_audio_its_own_group();
  const auto devices = take({{at(kGpu), BindMode::kAuto, {}}});
  const std::string audio_before = state(kAudio);
  EXPECT_THROW(devices->add({{at(kAudio), BindMode::kAuto, {}}, {at("0000:0f:00.0"), {}, {}}}),
               Error);
  EXPECT_THROW(devices->add({{at(kGpu), BindMode::kAuto, {}}}), Error) << "it is there already";
  EXPECT_EQ(state(kAudio), audio_before);
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
  EXPECT_EQ(journals_.load("win11")->devices.size(), 1U);
}

TEST_F(Bound, first_devices_may_come_while_the_machine_runs) {
  const auto devices = take({});
  EXPECT_THAT(journals_.names(), IsEmpty());
  const std::string before = state(kGpu);
  devices->add(both());
  EXPECT_THAT(journals_.names(), ElementsAre("win11"));
  EXPECT_THAT(devices->restore(), IsEmpty());
  EXPECT_EQ(state(kGpu), before);
}

TEST_F(Bound, what_cannot_be_given_back_stays_in_the_journal) {
  give_audio_its_own_group();
  const auto devices = take(both());
  kernel_.fails["nvidia/bind"] = EINVAL;
  EXPECT_THAT(devices->release({at(kGpu)}).failures, Not(IsEmpty()));
  EXPECT_EQ(journals_.load("win11")->devices.size(), 2U);
  kernel_.fails.clear();
}

// The kernel refuses a driver that does DMA to a group that a guest uses.
TEST_F(Bound, what_leaves_before_its_group_waits_for_the_last) {
  const std::string before = state(kGpu) + state(kAudio);
  const auto devices = take(both());
  kernel_.log.clear();
  const ReleaseReport report = devices->release({at(kGpu)});
  EXPECT_THAT(report.failures, IsEmpty());
  EXPECT_THAT(report.waiting, ElementsAre(testing::AllOf(HasSubstr("0000:01:00.0 stays"),
                                                         HasSubstr("let go of 0000:01:00.1"))));
  EXPECT_THAT(kernel_.log, IsEmpty());
  EXPECT_EQ(devices->waiting().at(0).address, at(kGpu));
  EXPECT_EQ(journals_.load("win11")->devices.size(), 2U);
  EXPECT_THAT(devices->release({at(kAudio)}).waiting, IsEmpty());
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
  EXPECT_THAT(devices->waiting(), IsEmpty());
  EXPECT_THAT(journals_.names(), IsEmpty());
}

TEST_F(Bound, what_waits_for_its_group_is_back_at_the_end) {
  const std::string before = state(kGpu) + state(kAudio);
  auto devices = take(both());
  devices->release({at(kGpu)});
  devices.reset();
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
}

TEST_F(Bound, what_waits_for_its_group_may_come_back) {
  const std::string before = state(kGpu) + state(kAudio);
  const auto devices = take(both());
  devices->release({at(kGpu)});
  devices->add({{at(kGpu), BindMode::kAuto, {}}});
  EXPECT_THAT(devices->waiting(), IsEmpty());
  EXPECT_EQ(devices->functions().size(), 2U);
  EXPECT_THAT(devices->release({at(kAudio)}).waiting, ElementsAre(HasSubstr("0000:01:00.1 stays")));
  EXPECT_THAT(devices->release({at(kGpu)}).failures, IsEmpty());
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
}

TEST_F(Bound, what_waits_for_its_group_stays_if_it_cannot_come_back) {
  const std::string before = state(kGpu) + state(kAudio);
  const auto devices = take(both());
  devices->release({at(kGpu)});
  EXPECT_THROW(devices->add({{at(kGpu), BindMode::kAuto, {}}, {at("0000:0f:00.0"), {}, {}}}),
               Error);
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
  EXPECT_EQ(devices->waiting().size(), 1U);
  devices->release({at(kAudio)});
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
}

TEST_F(Bound, what_could_not_be_given_back_may_come_back) {
  give_audio_its_own_group();
  const std::string before = state(kGpu);
  const auto devices = take({{at(kGpu), BindMode::kAuto, {}, "bus"}});
  kernel_.fails["nvidia/bind"] = EINVAL;
  EXPECT_THAT(devices->release({at(kGpu)}).failures, Not(IsEmpty()));
  kernel_.fails.clear();
  devices->add({{at(kGpu), BindMode::kAuto, {}}});
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
  EXPECT_EQ(value("reset_method"), "flr bus");
  EXPECT_EQ(journals_.load("win11")->devices.size(), 1U);
  EXPECT_THROW(devices->add({{at(kGpu), BindMode::kAuto, {}}}), Error) << "now it is there";
  EXPECT_THAT(devices->release({at(kGpu)}).failures, IsEmpty());
  EXPECT_EQ(state(kGpu), before) << "and not what it was when it came back";
}

TEST_F(Bound, first_device_that_failed_may_come_again) {
  give_audio_its_own_group();
  const std::string before = state(kGpu);
  const auto devices = take({});
  const std::vector<BindRequest> gpu{{at(kGpu), BindMode::kAuto, {}}};
  for (const bool again : {true, false}) {
    kernel_.fails = {{"drivers_probe", EINVAL}, {"nvidia/bind", EINVAL}};
    EXPECT_THROW(devices->add(gpu), Error);
    EXPECT_EQ(host_.driver(kGpu), "") << "it could not be undone";
    kernel_.fails.clear();
    if (again) {
      devices->add(gpu);
      EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
      EXPECT_THAT(devices->release({at(kGpu)}).failures, IsEmpty());
    } else {
      EXPECT_THAT(devices->restore(), IsEmpty());
    }
    EXPECT_EQ(state(kGpu), before);
  }
}

TEST_F(Bound, another_card_in_the_slot_of_what_could_not_be_given_back_is_a_new_one) {
  give_audio_its_own_group();
  const auto devices = take({{at(kGpu), BindMode::kAuto, {}}});
  kernel_.fails["vfio-pci/unbind"] = EINVAL;
  EXPECT_THAT(devices->release({at(kGpu)}).failures, Not(IsEmpty()));
  kernel_.fails.clear();
  host_.add({.ids = "1b36:0010", .driver = "nvme"});
  devices->add({{at(kGpu), BindMode::kAuto, {}}});
  EXPECT_EQ(journals_.load("win11")->devices.size(), 1U);
  EXPECT_THAT(devices->release({at(kGpu)}).failures, IsEmpty());
  EXPECT_EQ(host_.driver(kGpu), "nvme");
}

TEST_F(Bound, functions_that_leave_together_wait_for_nobody) {
  const std::string before = state(kGpu) + state(kAudio);
  const auto devices = take(both());
  EXPECT_THAT(devices->release({at(kGpu), at(kAudio)}).waiting, IsEmpty());
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
}

TEST_F(Bound, function_that_had_no_driver_waits_for_nobody) {
  host_.remove(FakeHost::folder(kGpu) + "/driver");
  const auto devices = take(both());
  EXPECT_THAT(devices->release({at(kGpu)}).waiting, IsEmpty());
  EXPECT_EQ(host_.driver(kGpu), "");
}

TEST_F(Bound, host_that_unbinds_a_device_itself_is_no_obstacle) {
  give_audio_its_own_group();
  const std::string before = state(kGpu);
  const auto devices = take({{at(kGpu), BindMode::kAuto, {}}});
  kernel_.meanwhile = [this](const std::string& path) {
    if (path.find("vfio-pci/unbind") != path.npos) {
      host_.remove(FakeHost::folder(kGpu) + "/driver");
    }
  };
  EXPECT_THAT(devices->release({at(kGpu)}).failures, IsEmpty());
  EXPECT_EQ(state(kGpu), before);
}

TEST_F(Bound, next_start_inherits_what_a_killed_one_left) {
  const std::string before = state(kGpu) + state(kAudio);
  kill(take(both()));
  live(4712);  // another process with the same number
  kernel_.log.clear();
  {
    const auto devices = take(both());
    EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
    EXPECT_THAT(kernel_.log, Not(Contains(HasSubstr("unbind"))));
  }
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
}

TEST_F(Bound, next_start_restores_what_it_does_not_want_again) {
  give_audio_its_own_group();
  const std::string audio_before = state(kAudio);
  kill(take(both()));
  live(4712);
  const auto devices = take({{at(kGpu), BindMode::kAuto, {}}});
  EXPECT_EQ(state(kAudio), audio_before);
  EXPECT_EQ(journals_.load("win11")->devices.size(), 1U);
}

TEST_F(Bound, another_machine_inherits_only_what_it_takes) {
  give_audio_its_own_group();
  kill(take(both()));
  live(4712);
  {
    const auto devices = take({{at(kGpu), BindMode::kAuto, {}}}, "other");
    EXPECT_EQ(journals_.load("win11")->devices.size(), 1U);
  }
  EXPECT_EQ(host_.driver(kGpu), "nvidia");
  EXPECT_EQ(host_.driver(kAudio), "vfio-pci");
  EXPECT_THAT(restorable(journals_), ElementsAre("win11"));
}

TEST_F(Bound, failure_gives_everything_back_and_says_why) {
  const std::string before = state(kGpu) + state(kAudio);
  kernel_.fails["snd_hda_intel/unbind"] = ETIMEDOUT;
  const std::string text = failure(both());
  EXPECT_THAT(text, HasSubstr("Cannot take devices from the host"));
  EXPECT_THAT(text, HasSubstr("snd_hda_intel/unbind"));
  // The stuck one keeps its driver, and stays in the journal for later.
  EXPECT_EQ(host_.driver(kGpu), "nvidia");
  EXPECT_EQ(host_.driver(kAudio), "snd_hda_intel");
  kernel_.fails.clear();
  die();
  for (const std::string& name : restorable(journals_)) restore_journal(access_, name);
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
}

// The kernel no longer shows the driver then, and has the device locked for all but the first look.
TEST_F(Bound, driver_that_does_not_let_go_is_waited_for_once) {
  const std::string before = state(kGpu) + state(kAudio);
  kernel_.fails["snd_hda_intel/unbind"] = ETIMEDOUT;
  kernel_.meanwhile = [&](const std::string& path) {
    if (!path.ends_with("snd_hda_intel/unbind")) return;
    host_.remove(FakeHost::folder(kAudio) + "/driver");
    kernel_.fails[kAudio] = ETIMEDOUT;
  };
  EXPECT_THAT(failure(both()), HasSubstr("snd_hda_intel/unbind"));
  EXPECT_EQ(std::count_if(kernel_.timed_out.begin(), kernel_.timed_out.end(),
                          [](const std::string& path) {
                            return path.find(kAudio) != std::string::npos ||
                                   path.find("snd_hda_intel") != std::string::npos;
                          }),
            1);
  EXPECT_EQ(host_.driver(kGpu), "nvidia");
  die();
  // A later try waits once too, and changes nothing.
  kernel_.timed_out.clear();
  EXPECT_THAT(restore_journal(access_, "win11").failures, ElementsAre(HasSubstr(kAudio)));
  EXPECT_EQ(kernel_.timed_out.size(), 1U);
  kernel_.fails.clear();
  kernel_.meanwhile = nullptr;
  EXPECT_THAT(restore_journal(access_, "win11").failures, IsEmpty());
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
}

TEST_F(Bound, missing_module_is_an_error_that_changed_nothing) {
  const std::string before = state(kGpu);
  kernel_.fails["modprobe"] = 1;
  EXPECT_THAT(failure(both()), HasSubstr("no module vfio-pci"));
  EXPECT_EQ(state(kGpu), before);
}

TEST_F(Bound, restore_goes_on_after_a_failure_and_reports_all) {
  auto devices = take(both());
  kernel_.fails["nvidia/bind"] = EINVAL;
  kernel_.fails["snd_hda_intel/bind"] = EINVAL;
  const std::vector<std::string> failures = devices->restore();
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_THAT(failures[0], HasSubstr(kAudio));
  EXPECT_THAT(failures[1], HasSubstr(kGpu));
  EXPECT_EQ(value("driver_override"), "(null)");
  EXPECT_EQ(value("d3cold_allowed"), "1");
  kernel_.fails.clear();
  devices.reset();
  die();
  EXPECT_THAT(restore_journal(access_, "win11").failures, IsEmpty());
  EXPECT_EQ(host_.driver(kGpu), "nvidia");
}

TEST_F(Bound, restore_loads_the_old_drivers_module_if_it_went) {
  auto devices = take(both());
  host_.remove(FakeHost::driver_folder("nvidia"));
  EXPECT_THAT(devices->restore(), IsEmpty());
  EXPECT_THAT(kernel_.log, Contains("modprobe nvidia"));
  EXPECT_EQ(host_.driver(kGpu), "nvidia");
}

TEST_F(Bound, restore_leaves_another_card_alone) {
  auto devices = take(both());
  host_.write(FakeHost::folder(kGpu) + "/device", "0x9999\n");
  host_.add_holder(99, "qemu", "/dev/vfio/14");
  give_audio_its_own_group();
  EXPECT_THAT(devices->restore(), IsEmpty()) << "whoever has that card open";
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
  EXPECT_EQ(host_.driver(kAudio), "snd_hda_intel");
}

// A killed machine left it; somebody has given it a driver by hand, and perhaps mounted it.
TEST_F(Bound, restore_leaves_a_driver_alone_that_somebody_else_chose) {
  for (const std::string old : {"", "nvidia", "vfio-pci"}) {
    host_.remove("/lintel");
    live();
    host_.remove(FakeHost::folder(kGpu) + "/driver");
    host_.add({.driver = old});
    kill(take(both()));
    die();
    host_.write(FakeHost::folder(kGpu) + "/driver_override", "nvme\n");
    host_.link(FakeHost::folder(kGpu) + "/driver", "../../../../bus/pci/drivers/nvme");
    const LogCapture log(log::Level::kWarn);
    const RestoreReport report = restore_journal(access_, "win11");
    EXPECT_THAT(report.failures, IsEmpty());
    EXPECT_THAT(log.text(), HasSubstr("0000:01:00.0 has nvme now"));
    EXPECT_EQ(host_.driver(kGpu), "nvme") << old;
    EXPECT_EQ(value("driver_override"), "nvme") << old;
    EXPECT_EQ(host_.driver(kAudio), "snd_hda_intel");
    EXPECT_THAT(journals_.names(), IsEmpty());
  }
}

TEST_F(Bound, what_got_another_driver_has_the_settings_back_that_nobody_changed) {
  const auto restored = [this](const std::string& d3cold, const std::string& control,
                               const std::string& reset) {
    host_.remove("/lintel");
    live();
    host_.remove(FakeHost::folder(kGpu) + "/driver");
    host_.add({});
    host_.write(FakeHost::folder(kGpu) + "/power/control", "auto\n");
    kill(take({{at(kGpu), BindMode::kAuto, {}, "flr"}, {at(kAudio), BindMode::kAuto, {}}}));
    die();
    EXPECT_EQ(value("d3cold_allowed") + value("power/control") + value("reset_method"), "0onflr");
    host_.link(FakeHost::folder(kGpu) + "/driver", "../../../../bus/pci/drivers/nvme");
    for (const auto& [file, text] : {std::pair{"d3cold_allowed", d3cold},
                                     {"power/control", control},
                                     {"reset_method", reset}}) {
      if (!text.empty()) host_.write(FakeHost::folder(kGpu) + "/" + file, text + "\n");
    }
    EXPECT_THAT(restore_journal(access_, "win11").failures, IsEmpty());
    return value("d3cold_allowed") + " " + value("power/control") + " " + value("reset_method");
  };
  EXPECT_EQ(restored("", "", ""), "1 auto flr bus");
  EXPECT_EQ(restored("1", "auto", "bus flr"), "1 auto bus flr");
  EXPECT_EQ(restored("", "", "pm"), "1 auto pm") << "none of those of before";
  EXPECT_EQ(host_.driver(kGpu), "nvme");
}

TEST_F(Bound, next_start_leaves_a_driver_alone_that_somebody_else_chose) {
  host_.remove(FakeHost::folder(kGpu) + "/driver");
  give_audio_its_own_group();
  kill(take(both()));
  live(4712);
  host_.link(FakeHost::folder(kGpu) + "/driver", "../../../../bus/pci/drivers/nvme");
  const auto devices = take({{at(kAudio), BindMode::kAuto, {}}});
  EXPECT_EQ(host_.driver(kGpu), "nvme");
  EXPECT_EQ(journals_.load("win11")->devices.size(), 1U);
}

// The child of the killed monitor has the device locked until vfio-pci is there.
TEST_F(Bound, restore_looks_again_after_it_has_waited_for_a_probe) {
  give_audio_its_own_group();
  const std::string before = state(kGpu);
  kernel_.lives = 4;  // the next would be the probe
  EXPECT_THROW(take({{at(kGpu), BindMode::kAuto, {}}}), Killed);
  ASSERT_EQ(kernel_.log.back(), kGpu + " > /sys/bus/pci/drivers/nvidia/unbind");
  kernel_.lives.reset();
  die();
  kernel_.during_read = [this](const std::string& path) {
    if (!path.ends_with(kGpu + "/driver_override")) return;
    host_.link(FakeHost::folder(kGpu) + "/driver", "../../../../bus/pci/drivers/vfio-pci");
  };
  EXPECT_THAT(restore_journal(access_, "win11").failures, IsEmpty());
  EXPECT_EQ(state(kGpu), before);
}

// A guest has it by bind = "manual" or "keep", of which no journal tells.
TEST_F(Bound, restore_takes_nothing_from_a_process_that_has_it_open) {
  const std::string before = state(kGpu) + state(kAudio);
  host_.write(FakeHost::folder(kAudio) + "/vfio-dev/vfio3/dev", "1:2\n");
  give_audio_its_own_group();
  bind_and_keep(access_, {at(kGpu), at(kAudio)});
  host_.add_holder(99, "lintel", "/dev/vfio/14");
  EXPECT_THAT(restore_journal(access_, "").failures,
              ElementsAre("0000:01:00.0: it is in use by process 99 (lintel), which has "
                          "/dev/vfio/14 open"));
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
  EXPECT_EQ(host_.driver(kAudio), "snd_hda_intel");
  bind_and_keep(access_, {at(kAudio)});
  host_.add_holder(99, "lintel", "/dev/vfio/devices/vfio3");
  EXPECT_THAT(restore_journal(access_, "").failures, ElementsAre(HasSubstr("0000:01:00.1")));
  EXPECT_EQ(host_.driver(kGpu), "nvidia");
  EXPECT_EQ(host_.driver(kAudio), "vfio-pci");
  host_.remove("/proc/99");
  EXPECT_THAT(restore_journal(access_, "").failures, IsEmpty());
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
}

TEST_F(Bound, next_start_takes_nothing_from_a_process_that_has_it_open) {
  give_audio_its_own_group();
  kill(take(both()));
  live(4712);
  host_.add_holder(99, "lintel", "/dev/vfio/14");
  auto devices = take({{at(kAudio), BindMode::kAuto, {}}});
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
  devices.reset();
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
  EXPECT_EQ(host_.driver(kAudio), "snd_hda_intel");
  EXPECT_EQ(journals_.load("win11")->devices.size(), 1U);
}

TEST_F(Bound, old_override_comes_back) {
  host_.write(FakeHost::folder(kGpu) + "/driver_override", "nvidia\n");
  take(both());
  EXPECT_EQ(value("driver_override"), "nvidia");
  EXPECT_EQ(host_.driver(kGpu), "nvidia");
}

TEST_F(Bound, device_without_a_driver_has_none_again) {
  host_.remove(FakeHost::folder(kGpu) + "/driver");
  take(both());
  EXPECT_EQ(host_.driver(kGpu), "");
}

TEST_F(Bound, manual_changes_nothing_and_wants_vfio) {
  EXPECT_THAT(failure(both(BindMode::kManual)), HasSubstr("lintel bind 0000:01:00.0"));
  bind_and_keep(access_, {at(kGpu), at(kAudio)});
  kernel_.log.clear();
  {
    const auto devices = take(both(BindMode::kManual));
    EXPECT_EQ(devices->functions().size(), 2U);
  }
  EXPECT_THAT(kernel_.log, IsEmpty());
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
}

TEST_F(Bound, kept_devices_wait_for_lintel_restore) {
  const std::string before = state(kGpu) + state(kAudio);
  take(both(BindMode::kKeep));
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
  EXPECT_THAT(restorable(journals_), ElementsAre(""));
  take(both());  // a machine in between does not change that
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
  bind_and_keep(access_, {at(kGpu)});
  EXPECT_THAT(restore_journal(access_, "").failures, IsEmpty());
  EXPECT_EQ(state(kGpu) + state(kAudio), before);
}

TEST_F(Bound, group_that_only_the_first_driver_reveals_is_judged_then) {
  host_.remove(FakeHost::folder(kGpu) + "/iommu_group");
  host_.remove("/sys/kernel/iommu_groups/14/devices/" + kGpu);
  kernel_.late_group = 14;
  const std::string text = failure({{at(kGpu), BindMode::kAuto, {}}});
  EXPECT_THAT(text, HasSubstr("shares IOMMU group 14"));
  EXPECT_EQ(host_.driver(kGpu), "nvidia");
  kernel_.late_group = 20;
  host_.remove(FakeHost::folder(kGpu) + "/iommu_group");
  host_.remove("/sys/kernel/iommu_groups/14/devices/" + kGpu);
  EXPECT_EQ(take({{at(kGpu), BindMode::kAuto, {}}})->functions().at(0).group_node, "/dev/vfio/20");
}

TEST_F(Bound, resizable_bar_gets_its_size_and_the_old_one_back) {
  host_.write(FakeHost::folder(kGpu) + "/resource1_resize", "00000000000007c0\n");  // 64M to 1G
  const std::string before = state(kGpu);
  const auto size = [&] { return read_function(host_.tree(), at(kGpu))->bars.at(1).size; };
  std::vector<BindRequest> requests = both();
  requests[0].resize = {BarResize::Kind::kSize, 512 * kMiB};
  auto devices = take(requests);
  EXPECT_EQ(size(), 512 * kMiB);
  devices.reset();
  EXPECT_EQ(state(kGpu), before);
  requests[0].resize = {BarResize::Kind::kMax, 0};
  devices = take(requests);
  EXPECT_EQ(size(), kGiB);
  devices.reset();
  EXPECT_EQ(state(kGpu), before);
  requests[0].resize = {BarResize::Kind::kSize, 2 * kGiB};
  EXPECT_THAT(failure(requests), HasSubstr("BAR 1 can have 64M, 128M, 256M, 512M, 1G"));
  EXPECT_EQ(state(kGpu), before);
  kernel_.fails["resource1_resize"] = ENOSPC;
  requests[0].resize = {BarResize::Kind::kMax, 0};
  EXPECT_EQ(failure(requests), "(none)");  // no room: it stays as it is
}

TEST_F(Bound, reset_method_is_chosen_and_the_old_ones_come_back) {
  host_.write(FakeHost::folder(kGpu) + "/reset_method", "device_specific flr bus\n");
  const std::string before = state(kGpu);
  auto devices = take({{at(kGpu), BindMode::kAuto, {}, "flr"}, {at(kAudio), BindMode::kAuto, {}}});
  EXPECT_EQ(value("reset_method"), "flr");
  EXPECT_EQ(host_.read(FakeHost::folder(kAudio) + "/reset_method"), "flr bus");
  devices.reset();
  EXPECT_EQ(state(kGpu), before);
}

TEST_F(Bound, reset_method_comes_back_after_a_kill) {
  host_.write(FakeHost::folder(kGpu) + "/reset_method", "flr bus\n");
  const std::string before = state(kGpu);
  kill(take({{at(kGpu), BindMode::kAuto, {}, "bus"}, {at(kAudio), BindMode::kAuto, {}}}));
  die();
  EXPECT_EQ(value("reset_method"), "bus");
  EXPECT_THAT(restore_journal(access_, "win11").failures, IsEmpty());
  EXPECT_EQ(state(kGpu), before);
}

TEST_F(Bound, reset_methods_of_before_come_back_for_the_next_start) {
  host_.write(FakeHost::folder(kGpu) + "/reset_method", "flr pm\n");
  const std::string before = state(kGpu);
  for (const BindMode mode : {BindMode::kAuto, BindMode::kKeep}) {
    live();
    kill(take({{at(kGpu), mode, {}, "pm"}, {at(kAudio), BindMode::kAuto, {}}}));
    live(4712);
    auto devices = take(both());
    EXPECT_EQ(value("reset_method"), "flr pm");
    EXPECT_THAT(devices->restore(), IsEmpty());
    die();
    for (const std::string& name : restorable(journals_)) restore_journal(access_, name);
    EXPECT_EQ(state(kGpu), before);
  }
}

TEST_F(Bound, kept_device_has_its_reset_methods_back_after_each_run) {
  host_.write(FakeHost::folder(kGpu) + "/reset_method", "flr pm\n");
  bind_and_keep(access_, {at(kGpu), at(kAudio)});
  const BindRequest by_pm{at(kGpu), BindMode::kAuto, {}, "pm"};
  auto devices = take({by_pm});
  EXPECT_EQ(value("reset_method"), "pm");
  bind_and_keep(access_, {at(kGpu)});
  EXPECT_EQ(value("reset_method"), "pm") << "the machine uses it";
  EXPECT_THAT(devices->restore(), IsEmpty());
  EXPECT_EQ(value("reset_method"), "flr pm");
  EXPECT_EQ(host_.driver(kGpu), "vfio-pci");
  devices = take({});
  devices->add({by_pm});
  EXPECT_EQ(value("reset_method"), "pm");
  EXPECT_THAT(devices->release({at(kGpu)}).failures, IsEmpty());
  EXPECT_EQ(value("reset_method"), "flr pm");
}

TEST_F(Bound, kept_device_has_its_reset_methods_back_after_a_failure) {
  give_audio_its_own_group();
  host_.write(FakeHost::folder(kGpu) + "/reset_method", "flr pm\n");
  bind_and_keep(access_, {at(kGpu)});
  kernel_.fails["snd_hda_intel/unbind"] = ETIMEDOUT;
  EXPECT_THROW(take({{at(kGpu), BindMode::kAuto, {}, "pm"}, {at(kAudio), BindMode::kAuto, {}}}),
               Error);
  EXPECT_EQ(value("reset_method"), "flr pm");
  kernel_.fails.clear();
}

TEST_F(Bound, reset_methods_that_the_kernel_refuses_by_now_are_its_own_again) {
  host_.write(FakeHost::folder(kGpu) + "/reset_method", "pm bus\n");
  kernel_.reset_methods = "flr pm";
  auto devices = take({{at(kGpu), BindMode::kAuto, {}, "pm"}, {at(kAudio), BindMode::kAuto, {}}});
  EXPECT_EQ(value("reset_method"), "pm");
  EXPECT_THAT(devices->restore(), IsEmpty());
  EXPECT_EQ(value("reset_method"), "flr pm");
  EXPECT_THAT(failure({{at(kGpu), BindMode::kAuto, {}, "bus"}, {at(kAudio), BindMode::kAuto, {}}}),
              HasSubstr("No reset by"));
}

TEST_F(Bound, reset_method_that_does_not_come_back_is_said) {
  bind_and_keep(access_, {at(kGpu), at(kAudio)});
  const auto devices = take({{at(kGpu), BindMode::kAuto, {}, "bus"}});
  kernel_.fails["reset_method"] = EINVAL;
  EXPECT_THAT(devices->restore(), ElementsAre(HasSubstr("0000:01:00.0: Cannot write")));
  kernel_.fails.clear();
}

TEST_F(Bound, broken_journal_of_another_machine_is_no_obstacle) {
  host_.write("/lintel/other/restore.json", "{");
  EXPECT_EQ(failure(both()), "(none)");
  EXPECT_THAT(restorable(journals_), ElementsAre("other"));
  EXPECT_THROW(restore_journal(access_, "other"), Error);
  host_.write("/lintel/win11/restore.json", "{");
  EXPECT_THAT(failure(both()), HasSubstr("/lintel/win11/restore.json"));
  host_.remove("/lintel/win11");
  host_.write("/lintel/bound.json", "{");
  EXPECT_THAT(failure(both()),
              testing::AllOf(HasSubstr("/lintel/bound.json"), HasSubstr("help: move it away")));
}

}  // namespace
}  // namespace lintel::passthrough::host
