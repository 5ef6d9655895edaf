// SPDX-License-Identifier: Apache-2.0
#include "vmm/boards/virt/gic_choice.h"

#include <string_view>

#include "firmware/arm64_parts.h"
#include "vmm/base/error.h"
#include "vmm/boards/virt/layout.h"

namespace lintel::virt {
namespace {

static_assert(config::kGicV2MaxCpus == arm64::kGicV2MaxCpus);
static_assert(config::kGicV3MaxCpus == kLowRedistributors);

[[noreturn]] void refuse(std::string_view version, std::string_view other, bool has_other) {
  Error error(
      fmt::format("This host's KVM has no GICv{0} for guests, but vm.gic is \"{0}\"", version));
  if (!has_other) throw std::move(error);
  throw std::move(error).with_help(
      fmt::format("it has a GICv{0}: set vm.gic to \"{0}\" or \"auto\"", other));
}

// A GICv3 without an ITS has no messages, so a GICv2 is better as long as it serves all CPUs.
Gic best(uint32_t cpus, const HostGics& host) {
  const bool v2_serves = host.v2 && cpus <= arm64::kGicV2MaxCpus;
  if (host.v3 && (host.its || !v2_serves)) return Gic::kV3;
  if (host.v2) return Gic::kV2;
  throw Error("This host's KVM has no interrupt controller for guests")
      .with_help("Lintel needs a GIC of version 2 or 3 with virtualization");
}

}  // namespace

Gic choose_gic(config::GicVersion wish, uint32_t cpus, const HostGics& host) {
  if (wish == config::GicVersion::kV2 && !host.v2) refuse("2", "3", host.v3);
  if (wish == config::GicVersion::kV3 && !host.v3) refuse("3", "2", host.v2);
  const Gic gic = wish == config::GicVersion::kAuto ? best(cpus, host)
                  : wish == config::GicVersion::kV2 ? Gic::kV2
                                                    : Gic::kV3;
  if (gic == Gic::kV2 && cpus > arm64::kGicV2MaxCpus) {
    throw_error("A GICv2{} serves {} CPUs at most, not {}",
                host.v3 ? "" : ", which is all that this host's KVM has,", arm64::kGicV2MaxCpus,
                cpus);
  }
  return gic;
}

}  // namespace lintel::virt
