// SPDX-License-Identifier: Apache-2.0
// The folder of one user's machines while they run: their control sockets, NAME.sock, and the
// journals of the devices that they have from the host: NAME/, bound.json, lock.
#pragma once

#include <string>
#include <string_view>

namespace lintel {

// "/run/lintel" for root, else "lintel" below $XDG_RUNTIME_DIR; empty if there is neither.
std::string default_run_folder();

// It is this user's and nobody else's from then on (mode 0700), also if it was there before. Throws
// Error, also if it belongs to another user or is no folder.
void make_run_folder(const std::string& path);

// Whether a machine can have the name: none that is no file's, or that is another file's there.
bool can_name_machine(std::string_view name);

}  // namespace lintel
