// SPDX-License-Identifier: Apache-2.0
// The tables for a firmware that places them itself: SeaBIOS and OVMF read three fw_cfg files, two
// with tables and one with the commands that allocate memory for them, relocate their pointers and
// redo their checksums: the table loader interface that both share with QEMU.
#pragma once

#include <string_view>

#include "firmware/acpi/tables.h"
#include "firmware/acpi/virt_tables.h"

namespace lintel::acpi {

inline constexpr std::string_view kRsdpFile = "etc/acpi/rsdp";
inline constexpr std::string_view kTablesFile = "etc/acpi/tables";
inline constexpr std::string_view kLoaderFile = "etc/table-loader";

struct LoaderFiles {
  Bytes rsdp;
  Bytes tables;  // a pointer holds its target's offset in this file
  Bytes loader;
};

LoaderFiles build_loader_files(const PcTables& description);
LoaderFiles build_loader_files(const VirtTables& description);

}  // namespace lintel::acpi
