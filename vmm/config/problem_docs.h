// SPDX-License-Identifier: Apache-2.0
// What each problem means, for the manual.
#pragma once

#include <array>
#include <string_view>

#include "vmm/config/problem.h"

namespace lintel::config {

struct ProblemDoc {
  ProblemId id;
  std::string_view letters;  // E, an error; W, a warning
  std::string_view doc;
};

inline constexpr std::array kProblemDocs{
    ProblemDoc{ProblemId::kSyntax, "E", "The file is not TOML."},
    ProblemDoc{ProblemId::kType, "E",
               "A value of another type, or a size or time without its unit."},
    ProblemDoc{ProblemId::kUnknownKey, "E", "No such key or section."},
    ProblemDoc{ProblemId::kValue, "E",
               "A value that is out of range, malformed, or none of the choices."},
    ProblemDoc{ProblemId::kMissing, "E", "A key or section without which there is no machine."},
    ProblemDoc{ProblemId::kFile, "E", "A file that the configuration names cannot be used."},
    ProblemDoc{ProblemId::kConflict, "E", "Values that cannot stand together."},
    ProblemDoc{ProblemId::kConfigFile, "E", "The configuration itself cannot be read."},
    ProblemDoc{ProblemId::kProfile, "E", "No such profile."},
    ProblemDoc{ProblemId::kAssignment, "E",
               "--set without a key or a value, or for something that is not there."},
    ProblemDoc{ProblemId::kArchitecture, "E",
               "A key or a value for guests of another architecture."},
    ProblemDoc{ProblemId::kSilentConsole, "W",
               "The kernel would print nothing where the user looks."},
    ProblemDoc{ProblemId::kNoDevice, "E", "No such device, or more than one."},
    ProblemDoc{ProblemId::kOtherDevice, "E",
               "Another device is at that address, not the one that pci.expect names."},
    ProblemDoc{ProblemId::kDeviceBusy, "E", "The host uses the device."},
    ProblemDoc{ProblemId::kDriver, "E",
               "pci.bind is \"manual\", and the device is not with vfio-pci."},
    ProblemDoc{ProblemId::kSiblings, "W", "Functions of the same slot stay with the host."},
    ProblemDoc{ProblemId::kNetwork, "W", "The host's default route goes over the device."},
    ProblemDoc{ProblemId::kNoIommu, "E", "There is no IOMMU, or it is off."},
    ProblemDoc{ProblemId::kGroup, "E", "The host uses other devices of the IOMMU group."},
    ProblemDoc{ProblemId::kAddresses, "E",
               "The IOMMU does not translate where the guest has memory."},
    ProblemDoc{ProblemId::kMemlock, "E",
               "The limit of locked memory is too low for the guest's memory."},
    ProblemDoc{ProblemId::kWindow, "E",
               "The BARs do not fit below 4 GiB, or below what the IOMMU translates."},
    ProblemDoc{ProblemId::kReset, "EW",
               "No reset of the kind that pci.reset names; a warning where there is none, or only "
               "one that reaches other devices."},
    ProblemDoc{ProblemId::kRom, "EW",
               "A file for pci.rom that is no option ROM; a warning where it is of another device, "
               "or has no UEFI driver."},
    ProblemDoc{ProblemId::kPermission, "E", "A file of the device that this user may not open."},
    ProblemDoc{ProblemId::kBackend, "E",
               "VFIO, or the kind of it that passthrough.backend names, is not there."},
    ProblemDoc{ProblemId::kKvm, "E", "No KVM, or none that runs a guest."},
    ProblemDoc{ProblemId::kCpus, "EW",
               "More processors than KVM has; a warning where the host has fewer."},
    ProblemDoc{ProblemId::kHostMemory, "EW",
               "Too few huge pages; a warning where the host has less memory than the guest."},
    ProblemDoc{ProblemId::kConsole, "E", "The file or the socket of a console cannot be made."},
    ProblemDoc{ProblemId::kDisk, "E",
               "A disk that cannot be opened, is locked, or is used by the host."},
    ProblemDoc{
        ProblemId::kInterface, "EW",
        "No such network interface, or not ours; a warning where it, or its bridge, is down."},
    ProblemDoc{ProblemId::kPort, "E", "A port that is taken, or that only root may have."},
    ProblemDoc{ProblemId::kProgram, "E", "A program that is not installed."},
    ProblemDoc{ProblemId::kNode, "E",
               "A node of the kernel's that is not there, or that this user may not open."},
    ProblemDoc{ProblemId::kSocket, "EW",
               "No vfio-user server at the socket; a warning where the machine cannot have a "
               "control socket."},
    ProblemDoc{ProblemId::kVga, "E", "No graphics card where pci.vga asks for one."}};

}  // namespace lintel::config
