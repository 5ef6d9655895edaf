// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/config_patch.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/config_space.h"

namespace lintel::passthrough::host {
namespace {

namespace reg = lintel::pci::reg;

constexpr uint16_t kHeaderSize = 0x40;
constexpr uint16_t kExtendedAddress = 0x14;  // Enhanced Allocation
constexpr uint16_t kResizableBar = 0x15;
constexpr unsigned kBars = 6;

struct Name {
  std::string_view name;
  ConfigPatch::Capability capability;
};

// setpci(8) lists them by --dumpregs.
constexpr std::array kNames = {
    Name{"CAP_PM", {0x01, false}},      Name{"CAP_AGP", {0x02, false}},
    Name{"CAP_VPD", {0x03, false}},     Name{"CAP_SLOTID", {0x04, false}},
    Name{"CAP_MSI", {0x05, false}},     Name{"CAP_CHSWP", {0x06, false}},
    Name{"CAP_PCIX", {0x07, false}},    Name{"CAP_HT", {0x08, false}},
    Name{"CAP_VNDR", {0x09, false}},    Name{"CAP_DBG", {0x0a, false}},
    Name{"CAP_CCRC", {0x0b, false}},    Name{"CAP_HOTPLUG", {0x0c, false}},
    Name{"CAP_SSVID", {0x0d, false}},   Name{"CAP_AGP3", {0x0e, false}},
    Name{"CAP_SECURE", {0x0f, false}},  Name{"CAP_EXP", {0x10, false}},
    Name{"CAP_MSIX", {0x11, false}},    Name{"CAP_SATA", {0x12, false}},
    Name{"CAP_AF", {0x13, false}},      Name{"ECAP_AER", {0x01, true}},
    Name{"ECAP_VC", {0x02, true}},      Name{"ECAP_DSN", {0x03, true}},
    Name{"ECAP_PB", {0x04, true}},      Name{"ECAP_RCLINK", {0x05, true}},
    Name{"ECAP_RCILINK", {0x06, true}}, Name{"ECAP_RCECOLL", {0x07, true}},
    Name{"ECAP_MFVC", {0x08, true}},    Name{"ECAP_RBCB", {0x0a, true}},
    Name{"ECAP_VNDR", {0x0b, true}},    Name{"ECAP_ACS", {0x0d, true}},
    Name{"ECAP_ARI", {0x0e, true}},     Name{"ECAP_ATS", {0x0f, true}},
    Name{"ECAP_SRIOV", {0x10, true}},   Name{"ECAP_MRIOV", {0x11, true}},
    Name{"ECAP_MCAST", {0x12, true}},   Name{"ECAP_PRI", {0x13, true}},
    Name{"ECAP_REBAR", {0x15, true}},   Name{"ECAP_DPA", {0x16, true}},
    Name{"ECAP_TPHR", {0x17, true}},    Name{"ECAP_LTR", {0x18, true}},
    Name{"ECAP_SECPCI", {0x19, true}},  Name{"ECAP_PASID", {0x1b, true}},
    Name{"ECAP_DPC", {0x1d, true}},     Name{"ECAP_L1PM", {0x1e, true}},
    Name{"ECAP_PTM", {0x1f, true}},
};

// What the guest finds in the header is made by the machine, and drives it.
struct Driven {
  uint16_t offset;
  uint16_t size;
  std::string_view why;
  uint8_t bits = 0xff;  // of each byte
};
constexpr std::array kDriven = {
    Driven{reg::kCommand, 2, "the command register switches memory, ports, DMA and INTx"},
    Driven{reg::kStatus, 1, "the interrupt's state and the list of capabilities are the monitor's",
           reg::kStatusInterrupt | reg::kStatusCapabilities},
    Driven{reg::kHeaderType, 1, "the header's type says what the other registers are"},
    Driven{reg::kBar0, 4 * kBars, "the BARs are where the guest puts them"},
    Driven{reg::kExpansionRom, 4, "the ROM is where the guest puts it; `rom` is for its bytes"},
    Driven{reg::kCapabilityPointer, 1, "`hide` and `show` change the list of capabilities"},
    Driven{reg::kInterruptLine, 2, "the interrupt's line and pin are those of the guest's board"},
};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::optional<uint32_t> hexadecimal(std::string_view text) {
  uint32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::pair<std::string_view, std::optional<std::string_view>> split(std::string_view text, char at) {
  const size_t place = text.find(at);
  if (place == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, place), text.substr(place + 1)};
}

// "CAP_EXP", or by number "CAP10" and "ECAP0001".
std::optional<ConfigPatch::Capability> capability_named(std::string_view text) {
  const std::string name = upper(text);
  const auto* found = std::ranges::find(kNames, std::string_view(name), &Name::name);
  if (found != kNames.end()) return found->capability;
  const bool extended = name.starts_with("ECAP");
  const std::string_view number = std::string_view(name).substr(extended ? 4 : 3);
  const auto id = hexadecimal(number);
  if (!id || number.size() != (extended ? 4u : 2u)) return std::nullopt;
  return ConfigPatch::Capability{static_cast<uint16_t>(*id), extended};
}

class Parser {
 public:
  explicit Parser(std::string_view text) { patch_.text = text; }

  ConfigPatch parse() {
    const auto [where, what] = split(patch_.text, '=');
    if (!what) fail("it has no \"=\"");
    const auto [place, width] = split(where, '.');
    parse_width(width.value_or("b"));
    parse_place(place);
    parse_value(*what);
    check();
    return std::move(patch_);
  }

 private:
  [[noreturn]] void fail(std::string_view why) const {
    throw Error(fmt::format("\"{}\" is no patch: {}", patch_.text, why))
        .with_help(
            "as for setpci, hexadecimal: REGISTER[.b|.w|.l]=VALUE[:MASK], with an offset such as "
            "2c, or CAP_EXP+0c and ECAP_AER+8 in a capability");
  }

  void parse_width(std::string_view width) {
    const std::string name = upper(width);
    if (name != "B" && name != "W" && name != "L") fail("the width is .b, .w or .l");
    patch_.size = name == "B" ? 1 : name == "W" ? 2 : 4;
  }

  void parse_place(std::string_view place) {
    const auto [base, more] = split(place, '+');
    const bool named = upper(base).starts_with("CAP") || upper(base).starts_with("ECAP");
    std::string_view number = place;
    if (named) {
      patch_.capability = capability_named(base);
      if (!patch_.capability) fail(fmt::format("no capability is called \"{}\"", base));
      number = more.value_or("0");
    }
    const auto offset = hexadecimal(number);
    const size_t end = lintel::pci::kConfigSize;
    if (!offset) fail(fmt::format("\"{}\" is no offset", number));
    if (*offset >= end || *offset + patch_.size > end) fail("the space ends at fff");
    if (*offset % patch_.size != 0) {
      fail(fmt::format("a register of {} bytes begins at a multiple of that", patch_.size));
    }
    patch_.offset = static_cast<uint16_t>(*offset);
  }

  void parse_value(std::string_view text) {
    const auto [value_text, mask_text] = split(text, ':');
    const uint32_t all = UINT32_MAX >> (32 - 8 * patch_.size);
    const auto value = hexadecimal(value_text);
    const auto mask = mask_text ? hexadecimal(*mask_text) : all;
    if (!value) fail(fmt::format("\"{}\" is no value", value_text));
    if (!mask || *mask == 0) fail("the mask has at least one bit");
    if (*value > all || *mask > all) fail(fmt::format("the register has {} bytes", patch_.size));
    patch_.mask = *mask;
    patch_.value = *value & *mask;
  }

  void check() const {
    std::string_view why;
    if (patch_.capability) {
      why = obstacle_in_capability(*patch_.capability, patch_.offset, patch_.size, patch_.mask);
    } else if (patch_.offset < kHeaderSize) {
      why = obstacle_in_header(patch_.offset, patch_.size, patch_.mask);
    }
    if (!why.empty()) throw_error("\"{}\" cannot be fixed for the guest: {}", patch_.text, why);
  }

  ConfigPatch patch_;
};

// Whether one of the mask's bytes lies in [from, from + length).
bool touches(uint16_t offset, unsigned size, uint32_t mask, const Driven& part) {
  for (unsigned i = 0; i < size; ++i) {
    const unsigned at = offset + i;
    if (at < part.offset || at >= part.offset + part.size) continue;
    if ((mask >> (8 * i) & part.bits) != 0) return true;
  }
  return false;
}

}  // namespace

std::string_view obstacle_in_header(uint16_t offset, unsigned size, uint32_t mask) {
  for (const Driven& part : kDriven) {
    if (touches(offset, size, mask, part)) return part.why;
  }
  return {};
}

std::string_view obstacle_in_capability(const ConfigPatch::Capability& capability, uint16_t offset,
                                        unsigned size, uint32_t mask) {
  const auto in = [&](uint16_t from, uint16_t length) {
    return touches(offset, size, mask, {from, length, {}});
  };
  if (in(0, capability.extended ? 4 : 2)) {
    return "a capability's ID and link are those of the list: see `hide` and `show`";
  }
  if (capability.extended) {
    if (capability.id != kResizableBar) return {};
    return "the guest's BARs have their present sizes: see `rebar`";
  }
  switch (capability.id) {
    case reg::kCapMsi:
    case reg::kCapMsix: return "the guest's messages go by these registers";
    case kExtendedAddress: return "its addresses are the host's";
    case reg::kCapPowerManagement:
      if (in(reg::kPmControl, 2)) return "the power state is what the guest sets";
      return {};
    default: return {};
  }
}

ConfigPatch parse_patch(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace lintel::passthrough::host
