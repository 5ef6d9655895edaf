// SPDX-License-Identifier: Apache-2.0
// A file, or a device's memory, that should be an expansion ROM: the list of its images ends inside
// it, and a guest reads its bytes and ones behind them. The first bytes say where the guest reads.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "passthrough/host/rom_image.h"
#include "passthrough/pci/rom.h"
#include "tests/fakes/fake_vfio_device.h"
#include "tests/fuzz/input.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::passthrough::pci {
namespace {

using fuzz::check;
using fuzz::Input;

void check_images(std::span<const std::byte> rom) {
  std::vector<RomImage> images;
  try {
    images = parse_rom(rom);
  } catch (const Error&) {
    return;  // malformed, and told so
  }
  check(!images.empty() && images.back().last);
  uint64_t at = 0;
  for (const RomImage& image : images) {
    check(at < rom.size() && image.size != 0);
    at += image.size;
  }
}

void check_read(RomBar& bar, std::span<const std::byte> rom, uint64_t offset) {
  const uint64_t value = bar.read(offset, AccessSize::k4);
  if (offset < rom.size() && rom.size() - offset >= 4) {
    check(value == load_le<uint32_t>(&rom[offset]));
  } else {
    check(value == UINT32_MAX);
  }
}

void run(std::span<const uint8_t> bytes) {
  log::configure({.level = log::Level::kOff, .format = log::Format::kText, .file = {}});
  Input input(bytes);
  const uint64_t near = input.take(2);
  const uint64_t far = input.take(8);
  const auto rom = std::as_bytes(input.rest());
  check_images(rom);
  host::check_rom_image({reinterpret_cast<const char*>(rom.data()), rom.size()},
                        {.vendor = 0x1234, .device = 0x5678});
  const std::vector<std::byte> copy(rom.begin(), rom.end());
  RomBar of_file("file", copy);
  FakeVfioDevice device;
  device.add_region({.index = pci_region::kRom, .size = rom.size(), .readable = true});
  device.bytes(pci_region::kRom) = copy;
  RomBar of_device(device, rom.size());
  for (const uint64_t offset : {near, far}) {
    check_read(of_file, rom, offset);
    check_read(of_device, rom, offset);
  }
}

}  // namespace
}  // namespace lintel::passthrough::pci

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lintel::passthrough::pci::run({data, size});
  return 0;
}
