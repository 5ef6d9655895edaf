// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/choose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"

namespace lintel::passthrough::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Choosing : public ::testing::Test {
 protected:
  Choosing() {
    host_.add({});
    host_.add({.address = "0000:01:00.1",
               .ids = "10de:22ba",
               .class_code = "0x040300",
               .driver = "snd_hda_intel"});
    host_.add({.address = "0000:02:00.0",
               .ids = "144d:a80a",
               .class_code = "0x010802",
               .driver = "nvme",
               .group = 15});
  }
  Choice choose(const Wish& wish) const { return host::choose(take_inventory(host_.tree()), wish); }
  // The one complaint, as text.
  std::string refusal(const Wish& wish) const {
    const Choice choice = choose(wish);
    EXPECT_THAT(choice.functions, IsEmpty());
    if (choice.complaints.size() != 1 || !choice.complaints[0].fatal) return "(none)";
    return to_error(choice.complaints[0]).describe();
  }
  static std::vector<std::string> names(const Choice& choice) {
    std::vector<std::string> out;
    for (const PciAddress address : choice.functions) out.push_back(to_string(address));
    return out;
  }

  FakeHost host_;
};

TEST_F(Choosing, by_address_takes_one_function) {
  const Choice choice = choose({device_named("01:00.0"), parse_ids("10de:2684")});
  EXPECT_THAT(names(choice), ElementsAre("0000:01:00.0"));
  EXPECT_THAT(choice.complaints, IsEmpty());
}

TEST_F(Choosing, all_functions_are_those_of_the_slot) {
  const Choice choice = choose({.device = device_named("0000:01:00.1"), .all_functions = true});
  EXPECT_THAT(names(choice), ElementsAre("0000:01:00.1", "0000:01:00.0"));
  EXPECT_THAT(choice.complaints, IsEmpty());
}

TEST_F(Choosing, virtual_functions_of_a_slot_are_devices_of_their_own) {
  host_.link(FakeHost::folder("0000:01:00.1") + "/physfn", "../0000:01:00.0");
  EXPECT_THAT(names(choose({.device = device_named("0000:01:00.0"), .all_functions = true})),
              ElementsAre("0000:01:00.0"));
  EXPECT_THAT(choose({device_named("0000:01:00.1")}).complaints, IsEmpty());
}

TEST_F(Choosing, by_ids_needs_exactly_one) {
  EXPECT_THAT(names(choose({device_named("144d:a80a")})), ElementsAre("0000:02:00.0"));
  EXPECT_THAT(refusal({device_named("144d:ffff")}),
              HasSubstr("the host has no PCI device 144d:ffff"));
  host_.add({.address = "0000:03:00.0", .ids = "144d:a80a", .driver = "", .group = 16});
  const std::string text = refusal({device_named("144d:a80a")});
  EXPECT_THAT(text, HasSubstr("the host has 2 devices 144d:a80a"));
  EXPECT_THAT(text, HasSubstr("0000:02:00.0  144d:a80a  NVMe controller  nvme"));
  EXPECT_THAT(text, HasSubstr("0000:03:00.0  144d:a80a  VGA controller  (no driver)"));
}

TEST_F(Choosing, expectation_that_fails_says_where_the_device_is) {
  const std::string text = refusal({device_named("0000:01:00.0"), parse_ids("144d:a80a")});
  EXPECT_THAT(text, HasSubstr("0000:01:00.0 is 10de:2684, not 144d:a80a"));
  EXPECT_THAT(text, HasSubstr("144d:a80a is now at 0000:02:00.0 (IOMMU group 15)"));
  EXPECT_THAT(refusal({device_named("0000:01:00.0"), parse_ids("8086:0000")}),
              HasSubstr("the host has no 8086:0000"));
  EXPECT_THAT(refusal({device_named("0000:09:00.0"), parse_ids("144d:a80a")}),
              HasSubstr("144d:a80a is now at 0000:02:00.0"));
}

TEST_F(Choosing, what_is_not_there_or_no_endpoint_is_refused) {
  EXPECT_THAT(refusal({device_named("0000:09:00.0")}), HasSubstr("no PCI device 0000:09:00.0"));
  host_.add({.address = "0000:00:01.0", .class_code = "0x060400", .driver = "pcieport"});
  EXPECT_THAT(refusal({device_named("0000:00:01.0")}), HasSubstr("is a PCI bridge"));
}

TEST(DeviceName, spellings_of_one_name_are_equal) {
  const DeviceName address = device_named("0000:3b:00.0");
  EXPECT_EQ(to_string(address), "0000:3b:00.0");
  for (const char* other : {"3b:00.0", "3B:00.0", "0000:3B:00.0", "00000000:3b:00.0"}) {
    EXPECT_EQ(device_named(other), address) << other;
  }
  EXPECT_NE(device_named("10000:3b:00.0"), address);
  EXPECT_EQ(device_named("10DE:2684"), device_named("10de:2684"));
  EXPECT_EQ(to_string(device_named("10DE:2684")), "10de:2684");
}

TEST(DeviceName, anything_else_is_refused) {
  try {
    device_named("eth0");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.describe(), HasSubstr("\"eth0\" is neither an address nor vendor:device"));
  }
}

}  // namespace
}  // namespace lintel::passthrough::host
