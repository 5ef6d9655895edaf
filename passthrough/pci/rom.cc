// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/rom.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::pci {
namespace {

constexpr uint64_t kMinSize = 2 * kKiB;
// What is read at once. The vCPU waits for it, and the server of another process may take no more
// than 8 bytes a message.
constexpr size_t kPage = 4 * kKiB;

}  // namespace

std::vector<RomImage> parse_rom(std::span<const std::byte> rom) {
  std::vector<RomImage> images;
  uint64_t at = 0;
  while (true) {
    const auto image =
        at < rom.size() ? lintel::pci::parse_rom_image(rom.subspan(at)) : std::nullopt;
    if (!image) {
      throw_error(
          "There is no expansion ROM image at {:#x}: it lacks 55 aa, or the PCI data structure "
          "that "
          "it points to",
          at);
    }
    if (image->size == 0) throw_error("The expansion ROM image at {:#x} has no length", at);
    images.push_back(*image);
    if (image->last) return images;
    at += image->size;
  }
}

std::vector<std::byte> read_rom_file(const std::string& path, uint16_t vendor, uint16_t device) {
  return with_context(
      [&] { return fmt::format("Cannot use \"{}\" as an expansion ROM", path); },
      [&] {
        const std::string text = read_whole_file(path, RomBar::kMaxSize);
        const auto bytes = std::as_bytes(std::span(text));
        const std::vector<RomImage> images = parse_rom(bytes);
        const auto fits = [&](const RomImage& image) {
          return image.vendor == vendor && image.device == device;
        };
        if (std::none_of(images.begin(), images.end(), fits)) {
          throw Error(fmt::format("It is for {:04x}:{:04x}, the device is {:04x}:{:04x}",
                                  images.front().vendor, images.front().device, vendor, device))
              .with_help("read the ROM of this very card, or of one of the same model");
        }
        const auto is_efi = [](const RomImage& image) {
          return image.code_type == lintel::pci::kRomEfi;
        };
        if (std::none_of(images.begin(), images.end(), is_efi)) {
          log::warn("\"{}\" has no image for UEFI firmware", path);
        }
        return std::vector<std::byte>(bytes.begin(), bytes.end());
      });
}

uint64_t RomBar::shown_size(uint64_t size) {
  return std::bit_ceil(std::max(size, kMinSize));
}

RomBar::RomBar(passthrough::Device& device, uint64_t size)
    : name_(fmt::format("{} expansion ROM", device.name())),
      device_(&device),
      loaded_((size + kPage - 1) / kPage),
      image_(size) {}

RomBar::RomBar(std::string name, std::vector<std::byte> image)
    : name_(std::move(name)), image_(std::move(image)) {}

// The page that the offset is in. What cannot be read is ones.
void RomBar::load(uint64_t offset) {
  if (device_ == nullptr || loaded_[offset / kPage]) return;
  loaded_[offset / kPage] = true;
  const uint64_t start = align_down(offset, kPage);
  const auto to = std::span(image_).subspan(start, std::min(kPage, image_.size() - start));
  if (!device_->read(pci_region::kRom, start, to)) std::ranges::fill(to, std::byte{0xff});
}

uint64_t RomBar::read(uint64_t offset, AccessSize size) {
  MutexLock lock(mutex_);
  if (offset > image_.size() || bytes(size) > image_.size() - offset) return all_ones(size);
  load(offset);
  load(offset + bytes(size) - 1);
  return load_le_bytes(&image_[offset], bytes(size));
}

}  // namespace lintel::passthrough::pci
