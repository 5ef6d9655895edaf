// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/config_plan.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "passthrough/host/config_patch.h"
#include "passthrough/pci/capability_list.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/text.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/function.h"

namespace lintel::passthrough::pci {
namespace {

namespace reg = lintel::pci::reg;
using host::ConfigPatch;
using lintel::pci::kConfigSize;
using lintel::pci::kStandardConfigSize;

constexpr uint16_t kHeaderSize = 0x40;
constexpr uint16_t kResizableBar = 0x15;
constexpr uint16_t kResizableBarSize = 12;  // at least: for one BAR

struct KnownCapability {
  uint16_t id;
  std::string_view name;
  Treatment treatment = Treatment::kPass;
  std::string_view reason = {};
  bool fixed = false;  // the guest could not use the device's own
};

// PCI Code and ID Assignment Specification 1.11, 2.
constexpr std::array kStandard = {
    KnownCapability{0x01, "PM"},
    KnownCapability{0x02, "AGP", Treatment::kHide, "there is no AGP port"},
    KnownCapability{0x03, "VPD"},
    KnownCapability{0x04, "Slot-ID", Treatment::kHide, "the guest's slots are others"},
    KnownCapability{0x05, "MSI", Treatment::kEmulate, "the host sends its interrupts", true},
    KnownCapability{0x06, "CompactPCI", Treatment::kHide, "the guest's slots are others"},
    KnownCapability{0x09, "Vendor"},
    KnownCapability{0x0c, "Hot-plug", Treatment::kHide, "the guest's slots are others"},
    KnownCapability{0x0d, "Subsystem"},
    KnownCapability{0x10, "Express"},
    KnownCapability{0x11, "MSI-X", Treatment::kEmulate, "the host sends its interrupts", true},
    KnownCapability{0x12, "SATA"},
    KnownCapability{0x13, "AF"},
    KnownCapability{0x14, "EA", Treatment::kHide, "its addresses are the host's", true},
};

// The same, 3.
constexpr std::array kExtended = {
    KnownCapability{0x01, "AER"},
    KnownCapability{0x02, "VC"},
    KnownCapability{0x03, "Serial"},
    KnownCapability{0x04, "Power-Budget"},
    KnownCapability{0x09, "VC9"},
    KnownCapability{0x0b, "Vendor-Specific"},
    KnownCapability{0x0d, "ACS", Treatment::kHide, "isolation is the host's affair"},
    KnownCapability{0x0e, "ARI", Treatment::kHide, "the guest numbers functions its own way"},
    KnownCapability{0x0f, "ATS", Treatment::kHide, "the guest has no IOMMU"},
    KnownCapability{0x10, "SR-IOV", Treatment::kHide, "virtual functions are the host's", true},
    KnownCapability{0x11, "MR-IOV", Treatment::kHide, "virtual functions are the host's", true},
    KnownCapability{0x12, "Multicast", Treatment::kHide, "its addresses are the host's"},
    KnownCapability{0x13, "PRI", Treatment::kHide, "the guest has no IOMMU"},
    KnownCapability{0x15, "Resizable-BAR", Treatment::kEmulate, "shown with its present size",
                    true},
    KnownCapability{0x16, "DPA"},
    KnownCapability{0x17, "TPH", Treatment::kHide, "its tags name the host's CPUs"},
    KnownCapability{0x18, "LTR"},
    KnownCapability{0x19, "Secondary-Express"},
    KnownCapability{0x1b, "PASID", Treatment::kHide, "the guest has no IOMMU"},
    KnownCapability{0x1d, "DPC", Treatment::kHide, "containment is the host's affair"},
    KnownCapability{0x1e, "L1-PM", Treatment::kHide, "the link is the host's"},
    KnownCapability{0x1f, "PTM", Treatment::kHide, "the link is the host's"},
    KnownCapability{0x23, "Designated-Vendor"},
    KnownCapability{0x24, "VF-Resizable-BAR", Treatment::kHide, "virtual functions are the host's"},
    KnownCapability{0x25, "Data-Link"},
    KnownCapability{0x26, "Physical-16GT"},
    KnownCapability{0x27, "Lane-Margining"},
    KnownCapability{0x2a, "Physical-32GT"},
    KnownCapability{0x2e, "DOE"},
};

KnownCapability known(uint16_t id, bool extended) {
  const std::span<const KnownCapability> table = extended
                                                     ? std::span<const KnownCapability>(kExtended)
                                                     : std::span<const KnownCapability>(kStandard);
  const auto found = std::find_if(table.begin(), table.end(),
                                  [id](const KnownCapability& entry) { return entry.id == id; });
  return found == table.end() ? KnownCapability{.id = id, .name = {}} : *found;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char left, char right) {
    return std::tolower(static_cast<unsigned char>(left)) ==
           std::tolower(static_cast<unsigned char>(right));
  });
}

bool names(std::string_view text, const CapabilityPlan& capability) {
  if (!capability.name.empty() && same_word(text, capability.name)) return true;
  const bool extended = text.starts_with("ext:");
  if (extended) text.remove_prefix(4);
  if (!text.starts_with("0x") || extended != capability.extended) return false;
  text.remove_prefix(2);
  unsigned id = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  return result.ec == std::errc() && result.ptr == text.data() + text.size() && id == capability.id;
}

class Planner {
 public:
  explicit Planner(std::span<const std::byte> bytes) : bytes_(bytes) {
    plan_.size = static_cast<uint16_t>(bytes.size());
  }

  ConfigPlan make(const ConfigOptions& options) {
    list_standard();
    if (bytes_.size() == kConfigSize) list_extended();
    set_sizes();
    for (const std::string& name : options.hide) hide(name);
    for (const std::string& name : options.show) show(name);
    link();
    plan_header();
    for (const CapabilityPlan& capability : plan_.capabilities) plan_capability(capability);
    for (const std::string& text : options.patch) patch(host::parse_patch(text));
    return std::move(plan_);
  }

 private:
  uint8_t byte(size_t offset) const { return std::to_integer<uint8_t>(bytes_[offset]); }
  uint16_t word(size_t offset) const {
    return static_cast<uint16_t>(byte(offset) | byte(offset + 1) << 8);
  }
  uint32_t dword(size_t offset) const {
    return word(offset) | static_cast<uint32_t>(word(offset + 2)) << 16;
  }

  void list_standard() {
    const uint16_t broken = walk_capabilities([this](uint16_t at) { return word(at); },
                                              [this](uint16_t at, uint8_t id) {
                                                add(at, id, false);
                                                return true;
                                              });
    if (broken != 0) log::warn("A list of PCI capabilities is broken at {:#x}", broken);
  }

  void list_extended() {
    uint16_t at = reg::kExtendedStart;
    while (at >= reg::kExtendedStart && !listed(at)) {
      const uint32_t header = dword(at);
      // PCI Express Base 5.0, 7.6.2: no list at all.
      if (header == 0 || header == UINT32_MAX) return;
      add(at, reg::extended_id(header), true);
      at = reg::extended_next(header);
    }
    if (at != 0) log::warn("A list of PCI Express capabilities is broken at {:#x}", at);
  }

  bool listed(uint16_t at) const {
    return std::any_of(plan_.capabilities.begin(), plan_.capabilities.end(),
                       [at](const CapabilityPlan& other) { return other.offset == at; });
  }

  void add(uint16_t at, uint16_t id, bool extended) {
    const KnownCapability what = known(id, extended);
    plan_.capabilities.push_back({.offset = at,
                                  .id = id,
                                  .extended = extended,
                                  .treatment = what.treatment,
                                  .name = what.name,
                                  .reason = what.reason});
  }

  // A capability has at most what is left until the next one begins.
  void set_sizes() {
    for (CapabilityPlan& capability : plan_.capabilities) {
      uint16_t end = capability.extended ? kConfigSize : kStandardConfigSize;
      for (const CapabilityPlan& other : plan_.capabilities) {
        if (other.offset > capability.offset) end = std::min(end, other.offset);
      }
      capability.size = static_cast<uint16_t>(end - capability.offset);
    }
  }

  std::string list_of_all() const {
    std::vector<std::string> there;
    there.reserve(plan_.capabilities.size());
    for (const CapabilityPlan& capability : plan_.capabilities) {
      there.push_back(capability.name.empty()
                          ? fmt::format("{}{:#x}", capability.extended ? "ext:" : "", capability.id)
                          : std::string(capability.name));
    }
    return there.empty() ? "it has none" : "it has " + join(there);
  }

  CapabilityPlan& named(const std::string& name) {
    const auto found =
        std::find_if(plan_.capabilities.begin(), plan_.capabilities.end(),
                     [&](const CapabilityPlan& capability) { return names(name, capability); });
    if (found == plan_.capabilities.end()) {
      throw Error(fmt::format("The device has no capability \"{}\"", name))
          .with_help(list_of_all());
    }
    return *found;
  }

  // The guest's lists leave out what is hidden, but for the head of the extended one, which begins
  // at a fixed place: an empty capability stands for it.
  void link() {
    CapabilityPlan* last = nullptr;
    CapabilityPlan* last_extended = nullptr;
    for (CapabilityPlan& capability : plan_.capabilities) {
      const bool head = capability.extended && capability.offset == reg::kExtendedStart;
      if (capability.treatment == Treatment::kHide && !head) continue;
      CapabilityPlan*& before = capability.extended ? last_extended : last;
      if (before != nullptr) {
        before->next = capability.offset;
      } else if (!capability.extended) {
        plan_.first = static_cast<uint8_t>(capability.offset);
      }
      before = &capability;
    }
  }

  void patch(const ConfigPatch& patch) {
    const uint16_t at = place_of(patch);
    for (const CapabilityPlan& capability : plan_.capabilities) {
      if (at >= capability.offset && at < capability.offset + capability.size) {
        check_inside(patch, capability, static_cast<uint16_t>(at - capability.offset));
      }
    }
    for (unsigned i = 0; i < patch.size; ++i) {
      const auto bits = static_cast<uint8_t>(patch.mask >> (8 * i));
      if ((plan_.patched[at + i] & bits) != 0) {
        throw_error("The patch \"{}\" fixes bits at {:#x} that another one fixes too", patch.text,
                    at + i);
      }
      plan_.patched[at + i] |= bits;
      ours(at + i, 1, bits);
    }
    plan_.patches.push_back({at, patch.size, patch.value, patch.mask, patch.text});
  }

  uint16_t place_of(const ConfigPatch& patch) const {
    if (!patch.capability) {
      if (patch.offset + patch.size <= bytes_.size()) return patch.offset;
      throw_error("The patch \"{}\" is beyond the {} bytes of the device's configuration space",
                  patch.text, bytes_.size());
    }
    const auto found = std::ranges::find_if(plan_.capabilities, [&](const CapabilityPlan& other) {
      return ConfigPatch::Capability{other.id, other.extended} == *patch.capability;
    });
    if (found == plan_.capabilities.end()) {
      throw Error(fmt::format("The device has no capability for the patch \"{}\"", patch.text))
          .with_help(list_of_all());
    }
    if (patch.offset + patch.size > found->size) {
      throw_error("The patch \"{}\" is beyond the {:#x} bytes of the capability at {:#x}",
                  patch.text, found->size, found->offset);
    }
    return static_cast<uint16_t>(found->offset + patch.offset);
  }

  static void check_inside(const ConfigPatch& patch, const CapabilityPlan& capability,
                           uint16_t offset) {
    std::string_view why = host::obstacle_in_capability({capability.id, capability.extended},
                                                        offset, patch.size, patch.mask);
    if (capability.treatment == Treatment::kHide) why = "the guest does not see that capability";
    if (why.empty()) return;
    throw_error("The patch \"{}\" cannot be, in the capability {} at {:#x}: {}", patch.text,
                capability.name.empty() ? "that is there" : capability.name, capability.offset,
                why);
  }

  void hide(const std::string& name) {
    CapabilityPlan& capability = named(name);
    capability.treatment = Treatment::kHide;
    capability.reason = "the configuration says so";
  }

  void show(const std::string& name) {
    CapabilityPlan& capability = named(name);
    const KnownCapability what = known(capability.id, capability.extended);
    if (what.fixed) {
      throw_error("The device's own capability \"{}\" cannot work in a guest: {}", name,
                  what.reason);
    }
    capability.treatment = Treatment::kPass;
    capability.reason = "the configuration says so";
  }

  void ours(size_t offset, size_t size, uint8_t bits = 0xff) {
    for (size_t i = offset; i < std::min<size_t>(offset + size, kConfigSize); ++i) {
      plan_.emulated[i] |= bits;
    }
  }

  // PCI Local Bus 3.0, 6.1. The device's own: command bits that the device must see, status, BIST.
  void plan_header() {
    ours(0, kHeaderSize);
    plan_.emulated[reg::kStatus] = reg::kStatusCapabilities;
    plan_.emulated[reg::kStatus + 1] = 0;
  }

  void plan_capability(const CapabilityPlan& capability) {
    // The link to the next is always ours.
    ours(capability.offset, capability.extended ? 4 : 2);
    if (capability.treatment != Treatment::kPass) ours(capability.offset, capability.size);
    if (capability.treatment == Treatment::kHide) return;
    if (capability.extended) {
      if (capability.id == kResizableBar) plan_resizable_bars(capability);
      return;
    }
    switch (capability.id) {
      case reg::kCapMsi: plan_msi(capability); break;
      case reg::kCapMsix: plan_msix(capability); break;
      case reg::kCapPowerManagement: plan_power_management(capability); break;
      case reg::kCapExpress: plan_express(capability); break;
      case reg::kCapAdvancedFeatures: plan_advanced_features(capability); break;
      default: break;
    }
  }

  void plan_power_management(const CapabilityPlan& capability) {
    if (capability.size < reg::kPmSize) return;
    plan_.power_management = capability.offset;
    // No wake-up events: they would have to reach the guest from a sleeping device.
    const uint16_t at = capability.offset + reg::kPmCapabilities;
    plan_.constants.push_back(
        {at, static_cast<uint32_t>(word(at) & static_cast<uint16_t>(~reg::kPmPmeSupport))});
    ours(at, 2);
  }

  void plan_express(const CapabilityPlan& capability) {
    if (capability.size < reg::kExpressDeviceControl + 2) return;
    const uint32_t device = dword(capability.offset + reg::kExpressDeviceCapabilities);
    if ((device & reg::kExpressFunctionReset) == 0) return;
    const uint16_t control = capability.offset + reg::kExpressDeviceControl;
    plan_.reset_bits.push_back(
        {static_cast<uint16_t>(control + 1), reg::kExpressInitiateReset >> 8});
  }

  void plan_advanced_features(const CapabilityPlan& capability) {
    if (capability.size < reg::kAdvancedControl + 1) return;
    const uint8_t features = byte(capability.offset + reg::kAdvancedCapabilities);
    if ((features & reg::kAdvancedFunctionReset) == 0) return;
    plan_.reset_bits.push_back({static_cast<uint16_t>(capability.offset + reg::kAdvancedControl),
                                reg::kAdvancedInitiateReset});
  }

  void plan_msi(const CapabilityPlan& capability) {
    if (capability.size < reg::kMsiAddressUpper + 2) return;
    const uint16_t control = word(capability.offset + reg::kMsiControl);
    lintel::pci::MsiLayout layout{
        .vectors = 1u << std::min(control >> 1 & 7, 5),
        .address64 = (control & reg::kMsi64Bit) != 0,
        .per_vector_masks = (control & reg::kMsiPerVectorMask) != 0,
        .offset = static_cast<uint8_t>(capability.offset),
    };
    if (capability.offset + layout.size() <= kStandardConfigSize) plan_.msi = layout;
  }

  void plan_msix(const CapabilityPlan& capability) {
    if (capability.offset + reg::kMsixSize > kStandardConfigSize) return;
    const uint32_t table = dword(capability.offset + reg::kMsixTable);
    const uint32_t pba = dword(capability.offset + reg::kMsixPba);
    plan_.msix = lintel::pci::MsixLayout{
        .vectors = static_cast<uint16_t>((word(capability.offset + reg::kMsixControl) & 0x7ff) + 1),
        .table_bar = static_cast<uint8_t>(table & 7),
        .table_offset = table & ~7u,
        .pba_bar = static_cast<uint8_t>(pba & 7),
        .pba_offset = pba & ~7u,
    };
  }

  // PCI Express Base 5.0, 7.8.6: of each BAR the sizes that it can have, and the present one.
  void plan_resizable_bars(const CapabilityPlan& capability) {
    if (capability.size < kResizableBarSize) return;
    const unsigned count = std::min(dword(capability.offset + 8u) >> 5 & 7, 6u);
    for (unsigned i = 0; i < count && 4 + 8 * (i + 1) <= capability.size; ++i) {
      const auto at = static_cast<uint16_t>(capability.offset + 4 + 8 * i);
      const uint32_t control = dword(at + 4u);
      const uint32_t size = control >> 8 & 0x3f;
      // Bit 4 of the capability register is 1 MiB.
      plan_.constants.push_back({at, size < 28 ? 1u << (4 + size) : 0});
      plan_.constants.push_back({static_cast<uint16_t>(at + 4), control});
    }
  }

  const std::span<const std::byte> bytes_;
  ConfigPlan plan_;
};

}  // namespace

std::string_view to_string(Treatment treatment) {
  switch (treatment) {
    case Treatment::kPass: return "pass";
    case Treatment::kEmulate: return "emulate";
    case Treatment::kHide: return "hide";
  }
  return "";
}

const CapabilityPlan* ConfigPlan::find(uint8_t id) const {
  const auto found = std::find_if(capabilities.begin(), capabilities.end(),
                                  [id](const CapabilityPlan& capability) {
                                    return !capability.extended && capability.id == id;
                                  });
  return found == capabilities.end() ? nullptr : &*found;
}

std::vector<GuestByte> guest_view(std::span<const std::byte> bytes, const ConfigPlan& plan) {
  std::vector<GuestByte> view(plan.size);
  for (size_t i = 0; i < view.size(); ++i) {
    view[i].value = static_cast<uint8_t>(std::to_integer<uint8_t>(bytes[i]) & ~plan.emulated[i]);
  }
  const auto set = [&](size_t offset, unsigned size, uint32_t value, uint32_t mask = UINT32_MAX) {
    for (unsigned i = 0; i < size && offset + i < view.size(); ++i) {
      const auto bits = static_cast<uint8_t>(mask >> (8 * i));
      uint8_t& byte = view[offset + i].value;
      byte = static_cast<uint8_t>((byte & ~bits) | (value >> (8 * i) & bits));
    }
  };
  const auto set_later = [&](size_t offset, size_t size) {
    for (size_t i = offset; i < offset + size && i < view.size(); ++i) view[i] = {0, false};
  };
  for (const uint16_t id : {reg::kVendorId, reg::kRevision, reg::kSubsystemVendorId}) {
    set(id, 4, load_le<uint32_t>(&bytes[id]));
  }
  set_later(reg::kCommand, 2);
  set_later(reg::kCacheLineSize, 1);
  set_later(reg::kHeaderType, 1);
  set_later(reg::kBar0, size_t{4} * lintel::pci::kMaxBars);
  set_later(reg::kExpansionRom, 4);
  set_later(reg::kInterruptLine, 2);
  set(reg::kStatus, 1, plan.first != 0 ? reg::kStatusCapabilities : 0, reg::kStatusCapabilities);
  set(reg::kCapabilityPointer, 1, plan.first);
  for (const CapabilityPlan& capability : plan.capabilities) {
    const bool hidden = capability.treatment == Treatment::kHide;
    const uint16_t at = capability.offset;
    if (capability.extended) {
      if (hidden && at != reg::kExtendedStart) continue;
      const uint32_t header = hidden ? 0 : load_le<uint32_t>(&bytes[at]) & 0x000fffff;
      set(at, 4, header | uint32_t{capability.next} << 20);
    } else if (!hidden) {
      set(at, 2, capability.id | uint32_t{capability.next} << 8);
      if (capability.treatment == Treatment::kEmulate) set_later(at + 2u, capability.size - 2u);
    }
  }
  for (const ConfigPlan::Constant& constant : plan.constants) {
    set(constant.offset, constant.size(), constant.value);
  }
  for (const ConfigPlan::Patch& patch : plan.patches) {
    set(patch.offset, patch.size, patch.value, patch.mask);
  }
  return view;
}

ConfigPlan plan_config(std::span<const std::byte> bytes, const ConfigOptions& options) {
  if (bytes.size() != kStandardConfigSize && bytes.size() != kConfigSize) {
    throw_error("A configuration space of {} bytes, which should have 256 or 4096", bytes.size());
  }
  return Planner(bytes).make(options);
}

}  // namespace lintel::passthrough::pci
