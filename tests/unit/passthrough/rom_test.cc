// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/rom.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_vfio_device.h"

namespace lintel::passthrough::pci {
namespace {

struct Image {
  uint16_t vendor = 0x10de;
  uint16_t device = 0x2684;
  uint8_t code_type = 0;
  uint16_t units = 2;
};

std::vector<std::byte> rom(const std::vector<Image>& images) {
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < images.size(); ++i) {
    const size_t at = bytes.size();
    bytes.resize(at + images[i].units * 512u);
    store_le<uint16_t>(&bytes[at], 0xaa55);
    store_le<uint16_t>(&bytes[at + 0x18], 0x40);
    std::byte* const structure = &bytes[at + 0x40];
    std::memcpy(structure, "PCIR", 4);
    store_le(structure + 4, images[i].vendor);
    store_le(structure + 6, images[i].device);
    store_le(structure + 0x10, images[i].units);
    store_le(structure + 0x14, images[i].code_type);
    store_le<uint8_t>(structure + 0x15, i + 1 == images.size() ? 0x80 : 0);
  }
  return bytes;
}

TEST(ParseRom, Images_areListedInOrder) {
  const auto images = parse_rom(rom({{}, {.code_type = lintel::pci::kRomEfi, .units = 4}}));
  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(images[0].size, 1024u);
  EXPECT_EQ(images[1].code_type, lintel::pci::kRomEfi);
  EXPECT_EQ(images[1].device, 0x2684);
}

TEST(ParseRom, BrokenRoms_areRefused) {
  EXPECT_THROW(parse_rom({}), Error);
  auto bytes = rom({{}});
  bytes[0] = std::byte{0};
  EXPECT_THROW(parse_rom(bytes), Error) << "no signature";
  bytes = rom({{}});
  store_le<uint16_t>(&bytes[0x18], 0x3f0);
  EXPECT_THROW(parse_rom(bytes), Error) << "structure beyond the end";
  bytes = rom({{}});
  bytes[0x55] = std::byte{0};
  EXPECT_THROW(parse_rom(bytes), Error) << "another image is announced";
  bytes = rom({{}});
  store_le<uint16_t>(&bytes[0x50], 0);
  EXPECT_THROW(parse_rom(bytes), Error) << "no length";
}

TEST(RomBar, DevicesRom_isReadPageByPageWhenTheGuestLooks) {
  FakeVfioDevice device;
  device.add_region({.index = pci_region::kRom, .size = 0x10008, .readable = true});
  device.bytes(pci_region::kRom)[0] = std::byte{0x55};
  device.bytes(pci_region::kRom)[0x10000] = std::byte{0xaa};
  RomBar bar(device, 0x10008);
  EXPECT_TRUE(device.take_calls().empty());
  EXPECT_EQ(bar.read(0, AccessSize::k1), 0x55u);
  EXPECT_EQ(bar.read(8, AccessSize::k8), 0u);
  EXPECT_EQ(device.take_calls(), std::vector<std::string>{"read 6 0x0 4096"});
  EXPECT_EQ(bar.read(0x10000, AccessSize::k4), 0xaau);
  EXPECT_EQ(device.take_calls(), std::vector<std::string>{"read 6 0x10000 8"});
  EXPECT_EQ(bar.read(0x1ffe, AccessSize::k4), 0u);
  EXPECT_EQ(device.take_calls(),
            (std::vector<std::string>{"read 6 0x1000 4096", "read 6 0x2000 4096"}));
  EXPECT_EQ(bar.read(0x10008, AccessSize::k4), 0xffffffffu);
  EXPECT_EQ(bar.read(0x10006, AccessSize::k4), 0xffffffffu);
}

TEST(RomBar, RomThatCannotBeRead_isOnes) {
  FakeVfioDevice device;
  device.add_region({.index = pci_region::kRom, .size = 16, .readable = true});
  device.vanish();
  RomBar bar(device, 16);
  EXPECT_EQ(bar.read(0, AccessSize::k2), 0xffffu);
  EXPECT_EQ(bar.read(8, AccessSize::k8), UINT64_MAX);
}

TEST(RomBar, Guest_seesAPowerOfTwo) {
  EXPECT_EQ(RomBar::shown_size(1), 2048u);
  EXPECT_EQ(RomBar::shown_size(2048), 2048u);
  EXPECT_EQ(RomBar::shown_size(60000), 65536u);
}

}  // namespace
}  // namespace lintel::passthrough::pci
