// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/pci_plan.h"

#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"
#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"

namespace lintel {
namespace {

using namespace passthrough::host;

class PciPlan : public testing::Test {
 protected:
  PciPlan() {
    host_.add({});
    host_.add({.address = "0000:01:00.1", .ids = "10de:22ba", .driver = "snd_hda_intel"});
    config_.pcis.resize(1);
    config_.pcis[0].device = parse_device("01:00.0");
    config_.pcis[0].functions = config::PciFunctions::kAll;
  }
  std::vector<PlannedFunction> plan() const {
    return plan_pci(config_, with_old_resets(take_inventory(host_.tree()), journals_));
  }

  FakeHost host_;
  JournalFolder journals_{host_.tree(), "/lintel"};
  config::Config config_;
};

TEST_F(PciPlan, Functions_are_in_order_and_only_the_named_one_is_resized) {
  config_.pcis[0].rebar = "512M";
  config_.pcis[0].bind = config::PciBind::kKeep;
  const auto planned = plan();
  ASSERT_EQ(planned.size(), 2u);
  EXPECT_EQ(to_string(planned[0].request.address), "0000:01:00.0");
  EXPECT_EQ(planned[0].request.mode, BindMode::kKeep);
  EXPECT_EQ(planned[0].request.resize.size, 512 * kMiB);
  EXPECT_EQ(planned[1].pci, 0u);
  EXPECT_EQ(planned[1].request.resize.kind, BarResize::Kind::kKeep);
}

TEST_F(PciPlan, Served_devices_are_not_the_hosts) {
  config::PciConfig served;
  served.socket = "/run/device";
  config_.pcis.insert(config_.pcis.begin(), served);
  const auto planned = plan();
  ASSERT_EQ(planned.size(), 2u);
  EXPECT_EQ(planned[0].pci, 1u);
}

TEST_F(PciPlan, Function_without_the_reset_that_is_asked_for_keeps_its_own) {
  host_.write(FakeHost::folder("0000:01:00.1") + "/reset_method", "pm\n");
  config_.pcis[0].reset = config::PciReset::kFlr;
  const auto planned = plan();
  ASSERT_EQ(planned.size(), 2u);
  EXPECT_EQ(planned[0].request.reset_method, "flr");
  EXPECT_EQ(planned[1].request.reset_method, "");
}

TEST_F(PciPlan, Bus_of_several_functions_is_reset_by_vfio_alone) {
  host_.write(FakeHost::folder("0000:01:00.0") + "/reset_method", "pm bus\n");
  config_.pcis[0].reset = config::PciReset::kBus;
  EXPECT_EQ(plan().at(0).request.reset_method, "");
  host_.remove(FakeHost::folder("0000:01:00.1"));
  EXPECT_EQ(plan().at(0).request.reset_method, "bus");
}

TEST_F(PciPlan, Reset_methods_of_before_come_back) {
  const std::string gpu = FakeHost::folder("0000:01:00.0");
  ForkingWriter writer(host_.tree(), {});
  OldState old = old_state(writer, *read_function(host_.tree(), *parse_address("01:00.0")));
  host_.write(gpu + "/reset_method", "pm\n");
  old.reset_methods = "flr pm";
  const UniqueFd lock = journals_.lock();
  journals_.store({.name = "killed", .owner = ProcessId{1, 1}, .devices = {old}});
  config_.pcis[0].reset = config::PciReset::kFlr;
  EXPECT_EQ(plan().at(0).request.reset_method, "flr");
}

TEST_F(PciPlan, Device_that_is_not_there_is_an_error) {
  host_.remove(FakeHost::folder("0000:01:00.0"));
  EXPECT_THROW(plan(), Error);
}

}  // namespace
}  // namespace lintel
