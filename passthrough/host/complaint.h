// SPDX-License-Identifier: Apache-2.0
// Why a device cannot, or should not, be given to a guest: for a caret below a line of the
// configuration, or for an Error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vmm/base/error.h"

namespace lintel::passthrough::host {

enum class ComplaintKind : uint8_t {
  kNoDevice,     // not there, or no single one is meant
  kOtherDevice,  // something else is at that address
  kBusy,         // the host uses it
  kDriver,       // on the wrong driver, and we may not change that
  kNoIommu,
  kGroup,      // others in the IOMMU group are with the host
  kAddresses,  // guest addresses that the IOMMU does not translate
  kReset,
  kSiblings,  // functions of the slot stay with the host
  kNetwork,   // the host loses its way out
  kRom,
  kVga  // no graphics card where one is asked for
};

struct Complaint {
  ComplaintKind kind = ComplaintKind::kNoDevice;
  bool fatal = true;  // else a warning
  std::string message;
  std::vector<std::string> notes = {};
  std::string help = {};
};

// The notes are lines below the message.
inline Error to_error(const Complaint& complaint) {
  std::string text = complaint.message;
  for (const std::string& note : complaint.notes) text += "\n  note: " + note;
  return Error(std::move(text)).with_help(complaint.help);
}

}  // namespace lintel::passthrough::host
