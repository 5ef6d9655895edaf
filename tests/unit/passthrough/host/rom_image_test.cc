// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/rom_image.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lintel::passthrough::host {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr PciIds kDevice{0x10de, 0x2684};

// One image of 512 bytes.
std::string image(PciIds ids, char code_type, bool last) {
  std::string out(512, '\0');
  out[0] = '\x55';
  out[1] = '\xaa';
  out[0x18] = 0x20;
  out.replace(0x20, 4, "PCIR");
  out[0x24] = static_cast<char>(ids.vendor);
  out[0x25] = static_cast<char>(ids.vendor >> 8);
  out[0x26] = static_cast<char>(ids.device);
  out[0x27] = static_cast<char>(ids.device >> 8);
  out[0x30] = 1;
  out[0x34] = code_type;
  out[0x35] = last ? '\x80' : '\0';
  return out;
}

std::string message(const std::string& rom) {
  const auto complaints = check_rom_image(rom, kDevice);
  EXPECT_LE(complaints.size(), 1U);
  return complaints.empty() ? "" : complaints[0].message;
}

TEST(RomImage, with_bios_and_uefi_code_is_good) {
  EXPECT_THAT(check_rom_image(image(kDevice, 0, false) + image(kDevice, 3, true), kDevice),
              IsEmpty());
  EXPECT_EQ(message(image(kDevice, 3, true)), "");
}

TEST(RomImage, without_uefi_code_is_warned_of) {
  EXPECT_THAT(message(image(kDevice, 0, true)), HasSubstr("BIOS only"));
  // What follows the last image does not count.
  EXPECT_THAT(message(image(kDevice, 0, true) + image(kDevice, 3, true)), HasSubstr("BIOS only"));
}

TEST(RomImage, of_another_device_is_warned_of) {
  EXPECT_EQ(message(image({0x10de, 0x1111}, 3, true)),
            "the option ROM is for 10de:1111, the device is 10de:2684");
}

TEST(RomImage, that_is_none_is_refused) {
  std::string pointer = image(kDevice, 3, true);
  pointer[0x19] = '\x7f';
  for (const std::string& rom : {std::string(), std::string("\x55\xaa"), std::string(1024, 'x'),
                                 "NVGI" + image(kDevice, 3, true), pointer}) {
    const auto complaints = check_rom_image(rom, kDevice);
    ASSERT_EQ(complaints.size(), 1U);
    EXPECT_TRUE(complaints[0].fatal);
  }
}

TEST(RomImage, of_length_zero_ends) {
  std::string rom = image(kDevice, 0, false);
  rom[0x30] = 0;
  EXPECT_THAT(message(rom + rom), HasSubstr("BIOS only"));
}

}  // namespace
}  // namespace lintel::passthrough::host
