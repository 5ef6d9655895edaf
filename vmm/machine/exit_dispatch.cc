// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/exit_dispatch.h"

#include "vmm/base/endian.h"

namespace lintel {
namespace {

void access(Bus& bus, GuestAddress address, AccessSize size, bool write, std::byte* data) {
  if (write) {
    bus.write(address, size, load_le_bytes(data, bytes(size)));
  } else {
    store_le_bytes(data, bus.read(address, size), bytes(size));
  }
}

}  // namespace

void dispatch(Bus& ports, const kvm::PortExit& exit) {
  for (size_t offset = 0; offset < exit.data.size(); offset += bytes(exit.size)) {
    access(ports, GuestAddress(exit.port), exit.size, exit.write, exit.data.data() + offset);
  }
}

void dispatch(Bus& memory, const kvm::MmioExit& exit) {
  if (const auto size = access_size(exit.data.size())) {
    access(memory, exit.address, *size, exit.write, exit.data.data());
    return;
  }
  for (size_t i = 0; i < exit.data.size(); ++i) {
    access(memory, exit.address + i, AccessSize::k1, exit.write, exit.data.data() + i);
  }
}

}  // namespace lintel
