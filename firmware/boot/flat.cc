// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/flat.h"

#include "firmware/boot/byte_source.h"
#include "vmm/base/error.h"

namespace lintel::boot {

X86EntryState load_flat(const GuestMemory& memory, const X86BootPlacement& placement,
                        const std::string& path, GuestAddress address) {
  return with_context([&] { return "Cannot load " + path; },
                      [&] {
                        const FileSource file(path);
                        if (file.size() == 0) throw_error("The file is empty");
                        file.read_into(memory, address, 0, file.size());
                        X86EntryState state = prepare_entry(memory, placement, X86EntryMode::kLong);
                        state.rip = address.value;
                        return state;
                      });
}

}  // namespace lintel::boot
