// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/rom_image.h"

#include <span>

#include <fmt/format.h>

#include "vmm/pci/rom_image.h"

namespace lintel::passthrough::host {

namespace {

Complaint warning(std::string message, std::string help) {
  return {.kind = ComplaintKind::kRom,
          .fatal = false,
          .message = std::move(message),
          .help = std::move(help)};
}

}  // namespace

std::vector<Complaint> check_rom_image(std::string_view bytes, PciIds device) {
  std::vector<Complaint> out;
  auto rest = std::as_bytes(std::span(bytes));
  auto image = lintel::pci::parse_rom_image(rest);
  if (!image) {
    out.push_back({.kind = ComplaintKind::kRom,
                   .message = "the file is no option ROM: it lacks the signature 55 AA, or the "
                              "PCI data structure behind it",
                   .help = "dumps of some tools start with a header of the vendor's: cut off what "
                           "is in front of 55 AA"});
    return out;
  }
  const PciIds ids{image->vendor, image->device};
  if (ids != device) {
    out.push_back(warning(fmt::format("the option ROM is for {}, the device is {}", to_string(ids),
                                      to_string(device)),
                          "firmware leaves ROMs of other devices alone"));
  }
  bool efi = false;
  while (image) {
    efi = efi || image->code_type == lintel::pci::kRomEfi;
    if (image->last || image->size == 0 || image->size >= rest.size()) break;
    rest = rest.subspan(image->size);
    image = lintel::pci::parse_rom_image(rest);
  }
  if (!efi) {
    out.push_back(warning("the option ROM has code for a BIOS only",
                          "UEFI firmware shows no picture with it"));
  }
  return out;
}

}  // namespace lintel::passthrough::host
