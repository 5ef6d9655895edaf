// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/config_plan.h"

#include <gtest/gtest.h>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"

namespace lintel::passthrough::pci {
namespace {

namespace reg = lintel::pci::reg;

struct Config {
  explicit Config(size_t size = 4096) : bytes(size) {}
  void set8(size_t offset, uint8_t value) { bytes[offset] = std::byte{value}; }
  void set16(size_t offset, uint16_t value) { store_le(&bytes[offset], value); }
  void set32(size_t offset, uint32_t value) { store_le(&bytes[offset], value); }
  void add(uint8_t at, uint8_t id, uint8_t next) {
    set16(reg::kStatus, reg::kStatusCapabilities);
    set8(at, id);
    set8(at + 1u, next);
  }
  ConfigPlan plan(const ConfigOptions& options = {}) const { return plan_config(bytes, options); }

  std::vector<std::byte> bytes;
};

TEST(ConfigPlan, Header_isOursButForTheStatus) {
  const ConfigPlan plan = Config().plan();
  EXPECT_EQ(plan.emulated[reg::kBar0], 0xff);
  EXPECT_EQ(plan.emulated[reg::kStatus], 0x10);
  EXPECT_EQ(plan.emulated[reg::kStatus + 1], 0);
  EXPECT_TRUE(plan.capabilities.empty());
}

TEST(ConfigPlan, Capabilities_endWhereTheNextBegins) {
  Config config;
  config.set8(reg::kCapabilityPointer, 0x40);
  config.add(0x40, reg::kCapPowerManagement, 0x70);
  config.add(0x70, reg::kCapVendor, 0x48);
  config.add(0x48, reg::kCapExpress, 0);
  const ConfigPlan plan = config.plan();
  ASSERT_EQ(plan.capabilities.size(), 3u);
  EXPECT_EQ(plan.capabilities[0].size, 8u);
  EXPECT_EQ(plan.capabilities[1].size, 0x90u);
  EXPECT_EQ(plan.capabilities[2].size, 0x28u);
  EXPECT_EQ(plan.power_management, 0x40);
}

TEST(ConfigPlan, ListThatLoops_endsThere) {
  Config config;
  config.set8(reg::kCapabilityPointer, 0x40);
  config.add(0x40, reg::kCapVendor, 0x50);
  config.add(0x50, reg::kCapVendor, 0x40);
  config.set32(0x100, 0x10000003 | 1 << 16);
  EXPECT_EQ(config.plan().capabilities.size(), 3u);
}

TEST(ConfigPlan, ListThatPointsIntoTheHeader_endsThere) {
  Config config;
  config.set8(reg::kCapabilityPointer, 0x40);
  config.add(0x40, reg::kCapVendor, 0x10);
  config.set32(0x100, 0x0ff10003);
  config.set32(0xfc, 0x00010004);
  EXPECT_EQ(config.plan().capabilities.size(), 2u);
}

TEST(ConfigPlan, Msix_isReadFromTheCapability) {
  Config config;
  config.set8(reg::kCapabilityPointer, 0x40);
  config.add(0x40, reg::kCapMsix, 0);
  config.set16(0x42, 0x8000 | 64);
  config.set32(0x44, 0x3004);
  config.set32(0x48, 0x4002);
  const ConfigPlan plan = config.plan();
  ASSERT_TRUE(plan.msix);
  EXPECT_EQ(plan.msix->vectors, 65);
  EXPECT_EQ(plan.msix->table_bar, 4);
  EXPECT_EQ(plan.msix->table_offset, 0x3000u);
  EXPECT_EQ(plan.msix->pba_bar, 2);
  EXPECT_EQ(plan.msix->pba_offset, 0x4000u);
  EXPECT_EQ(plan.emulated[0x44], 0xff);
}

TEST(ConfigPlan, Msi_hasItsFlavour) {
  Config config;
  config.set8(reg::kCapabilityPointer, 0xd0);
  config.add(0xd0, reg::kCapMsi, 0);
  config.set16(0xd2, 0x0106);  // 8 vectors, 32 bits, masks
  const ConfigPlan plan = config.plan();
  ASSERT_TRUE(plan.msi);
  EXPECT_EQ(plan.msi->vectors, 8u);
  EXPECT_FALSE(plan.msi->address64);
  EXPECT_TRUE(plan.msi->per_vector_masks);
  EXPECT_EQ(plan.msi->offset, 0xd0);
}

TEST(ConfigPlan, WhatNeedsAnIommuOrTheHost_isHidden) {
  for (const uint16_t id : {0x0d, 0x0e, 0x0f, 0x10, 0x13, 0x1b, 0x24}) {
    Config config;
    config.set32(0x100, id | 1 << 16);
    const ConfigPlan plan = config.plan();
    ASSERT_EQ(plan.capabilities.size(), 1u);
    EXPECT_EQ(plan.capabilities[0].treatment, Treatment::kHide) << id;
    EXPECT_EQ(plan.emulated[0x104], 0xff);
  }
}

TEST(ConfigPlan, ResizableBar_hasItsPresentSizeOnly) {
  Config config;
  config.set32(0x100, 0x00010015);
  config.set32(0x104, 0x0000fff0);
  config.set32(0x108, 8 << 8 | 1 << 5 | 1);  // one BAR, number 1, of 256 MiB
  const ConfigPlan plan = config.plan();
  ASSERT_EQ(plan.constants.size(), 2u);
  EXPECT_EQ(plan.constants[0].value, 1u << 12);
  EXPECT_EQ(plan.constants[1].value, 8u << 8 | 1 << 5 | 1);
}

TEST(ConfigPlan, ResizableBarAtTheVeryEnd_hasNone) {
  for (const uint32_t at : {0xff8u, 0xffcu}) {
    Config config;
    config.set32(0x100, 0x0001000b | at << 20);
    config.set32(at, 0x00010015);
    const ConfigPlan plan = config.plan();
    EXPECT_EQ(plan.capabilities.size(), 2u);
    EXPECT_TRUE(plan.constants.empty());
  }
}

TEST(ConfigPlan, Options_hideAndShowByNameOrNumber) {
  Config config;
  config.set32(0x100, 0x14010001);
  config.set32(0x140, 0x1801000d);
  config.set32(0x180, 0x00010077);
  const ConfigPlan plan = config.plan({.hide = {"aer", "ext:0x77"}, .show = {"ACS"}});
  EXPECT_EQ(plan.capabilities[0].treatment, Treatment::kHide);
  EXPECT_EQ(plan.capabilities[1].treatment, Treatment::kPass);
  EXPECT_EQ(plan.capabilities[2].treatment, Treatment::kHide);
}

TEST(ConfigPlan, OptionForWhatIsNotThere_listsWhatIs) {
  Config config;
  config.set32(0x100, 0x00010001);
  try {
    config.plan({.hide = {"VC"}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.describe().find("AER"), std::string::npos);
  }
}

TEST(ConfigPlan, WhatCannotWork_cannotBeShown) {
  Config config;
  config.set32(0x100, 0x00010010);
  EXPECT_THROW(config.plan({.show = {"sr-iov"}}), Error);
}

std::string complaint(const Config& config, const ConfigOptions& options) {
  try {
    config.plan(options);
  } catch (const Error& error) {
    return error.what();
  }
  return "(none)";
}

TEST(ConfigPlan, Patch_isOursAndNotTheDevicesWhenWritten) {
  Config config;
  config.set8(reg::kCapabilityPointer, 0x40);
  config.add(0x40, reg::kCapExpress, 0);
  config.set32(0x100, 0x00010003);
  const ConfigPlan plan =
      config.plan({.patch = {"2c.w=1af4", "CAP_EXP+8.w=0:7000", "ecap_dsn+4.l=1234", "f0=ff:f0"}});
  ASSERT_EQ(plan.patches.size(), 4u);
  EXPECT_EQ(plan.patches[1].offset, 0x48);
  EXPECT_EQ(plan.patches[2].offset, 0x104);
  EXPECT_EQ(plan.patches[3].value, 0xf0u);
  EXPECT_EQ(plan.emulated[0x49], 0x70);
  EXPECT_EQ(plan.patched[0x49], 0x70);
  EXPECT_EQ(plan.emulated[0x48], 0);
  EXPECT_EQ(plan.patched[0x2c], 0xff);
}

TEST(ConfigPlan, PatchOfWhatTheMonitorDrives_isRefused) {
  Config config;
  config.set8(reg::kCapabilityPointer, 0x40);
  config.add(0x40, reg::kCapMsi, 0x60);
  config.add(0x60, reg::kCapPowerManagement, 0x80);
  config.add(0x80, reg::kCapVendor, 0);
  for (const char* text : {"41=0", "42.w=0", "64.w=0", "80.w=0"}) {
    EXPECT_NE(complaint(config, {.patch = {text}}), "(none)") << text;
  }
  EXPECT_EQ(complaint(config, {.patch = {"62.w=0", "82.w=0"}}), "(none)");
  EXPECT_NE(complaint(config, {.hide = {"Vendor"}, .patch = {"82.w=0"}}), "(none)");
  EXPECT_NE(complaint(config, {.patch = {"CAP_EXP+4=0"}}).find("no capability"), std::string::npos);
  EXPECT_NE(complaint(config, {.patch = {"CAP_PM+20=0"}}).find("beyond"), std::string::npos);
  EXPECT_NE(complaint(config, {.patch = {"82=1:1", "82.w=0"}}).find("another"), std::string::npos);
  EXPECT_NE(complaint(Config(256), {.patch = {"100=0"}}).find("beyond"), std::string::npos);
}

TEST(ConfigPlan, Lists_leaveOutWhatIsHidden) {
  Config config;
  config.set8(reg::kCapabilityPointer, 0x40);
  config.add(0x40, reg::kCapVendor, 0x60);
  config.add(0x60, reg::kCapExpress, 0x90);
  config.add(0x90, 0x03 /* VPD */, 0);
  config.set32(0x100, 0x14010010);
  config.set32(0x140, 0x18010001);
  config.set32(0x180, 0x00010003);
  const ConfigPlan plan = config.plan({.hide = {"Express", "AER"}});
  EXPECT_EQ(plan.first, 0x40);
  EXPECT_EQ(plan.capabilities[0].next, 0x90);
  EXPECT_EQ(plan.capabilities[2].next, 0);
  EXPECT_EQ(plan.capabilities[3].next, 0x180);
  const std::vector<GuestByte> view = guest_view(config.bytes, plan);
  EXPECT_EQ(view[0x41].value, 0x90);
  EXPECT_EQ(view[0x60].value, 0);
  EXPECT_EQ(view[0x103].value, 0x18);
  EXPECT_EQ(view[0x100].value, 0);
  EXPECT_FALSE(view[reg::kBar0].known);
}

TEST(ConfigPlan, SpaceOfAnotherSize_isRefused) {
  EXPECT_THROW(Config(128).plan(), Error);
  EXPECT_EQ(Config(256).plan().size, 256);
}

}  // namespace
}  // namespace lintel::passthrough::pci
