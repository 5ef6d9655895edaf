// SPDX-License-Identifier: Apache-2.0
// What a guest sees of a passed-through function's configuration space: which capabilities, and for
// each bit whether it is the device's or ours. Pure: from the bytes as the kernel shows them to a
// plan.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vmm/pci/config_space.h"
#include "vmm/pci/msi.h"
#include "vmm/pci/msix.h"

namespace lintel::passthrough::pci {

enum class Treatment : uint8_t {
  kPass,     // the device's registers, read and written
  kEmulate,  // registers of ours
  kHide,     // not in the guest's list; its bytes read as zeros and drop writes
};
std::string_view to_string(Treatment treatment);

struct CapabilityPlan {
  uint16_t offset = 0;
  uint16_t id = 0;
  bool extended = false;
  uint16_t size = 0;  // up to the next capability, or the end of the space
  uint16_t next = 0;  // of those that the guest sees, as its list has it
  Treatment treatment = Treatment::kPass;
  std::string_view name = {};  // "MSI-X"; empty for an unknown one
  std::string_view reason = {};
};

// What the user wants differently: capabilities by their names (as `name` spells them, in any case)
// or numbers ("0x1e", "ext:0x1e").
struct ConfigOptions {
  std::vector<std::string> hide = {};
  std::vector<std::string> show = {};
  std::vector<std::string> patch = {};  // as host::parse_patch() takes them
};

struct ConfigPlan {
  // In the order of the list, standard ones first.
  std::vector<CapabilityPlan> capabilities;
  // For each byte, the bits that are ours.
  std::array<uint8_t, lintel::pci::kConfigSize> emulated{};
  // Values of ours that are constant, where nothing else defines them (fixed-size resizable BARs).
  struct Constant {
    uint16_t offset;
    uint32_t value;
    unsigned size() const { return offset % 4 == 0 ? 4 : 2; }
  };
  std::vector<Constant> constants;
  // Bits that the user has fixed, and as `emulated` which these are. They are not the device's
  // either when the guest writes.
  struct Patch {
    uint16_t offset;
    uint8_t size;
    uint32_t value;
    uint32_t mask;
    std::string text;
  };
  std::vector<Patch> patches;
  std::array<uint8_t, lintel::pci::kConfigSize> patched{};
  std::optional<lintel::pci::MsiLayout> msi;
  std::optional<lintel::pci::MsixLayout> msix;
  uint16_t power_management = 0;  // offset of the capability if the guest sees it
  // Where the guest resets the function by writing a one, of the capabilities that it sees.
  struct ResetBit {
    uint16_t offset;  // of the byte
    uint8_t mask;
  };
  std::vector<ResetBit> reset_bits;
  uint16_t size = 0;  // 256 or 4096: beyond it nothing is there
  uint8_t first = 0;  // where the guest's list begins; 0: it has none

  const CapabilityPlan* find(uint8_t id) const;
};

// `bytes`: the device's configuration space, 256 bytes or 4096, as read. A list of capabilities
// that loops or leaves the space ends there, with a line in the log. Throws Error if `options` name
// what the device has not, or want to show what cannot work.
ConfigPlan plan_config(std::span<const std::byte> bytes, const ConfigOptions& options);

// A byte as the guest reads it, as long as the device's own are as they were.
struct GuestByte {
  uint8_t value = 0;
  bool known = true;  // else it is what the guest or the machine has set: commands, BARs, messages

  bool operator==(const GuestByte&) const = default;
};
// For all of the plan's size. `bytes`: those that the plan was made from.
std::vector<GuestByte> guest_view(std::span<const std::byte> bytes, const ConfigPlan& plan);

}  // namespace lintel::passthrough::pci
