// SPDX-License-Identifier: Apache-2.0
// From the configuration to the machine's devices: the only list of them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "vmm/base/clock.h"
#include "vmm/base/event_loop.h"
#include "vmm/bus/doorbell.h"
#include "vmm/config/config.h"
#include "vmm/devices/byte_sink.h"
#include "vmm/machine/passed_devices.h"
#include "vmm/memory/guest_memory.h"
#include "vmm/memory/memory_map.h"
#include "vmm/pci/function_list.h"
#include "vmm/pci/pci_bus.h"

namespace lintel {

namespace pci {
class RootPort;
}

namespace passthrough::pci {
class PassedFunction;
}

namespace virtio {
class Console;
}

struct DeviceServices {
  const config::Config& config;
  const GuestMemory& memory;
  MemoryMap& memory_map;
  ConsoleIo& console;
  EventLoop& io_loop;
  const Clock& clock;
  // A loop on a thread of its own, for a device that moves data.
  std::function<EventLoop&(const std::string& thread_name)> own_loop;
  pci::PciBus& root_bus;
  PassedDevices* passed;  // null: no devices of the host
  DoorbellSink& doorbells;
};

// The guest's side of one of the slots of PassedDevices.
struct PassedSlot {
  PassedSlot(pci::PciBus& slot_bus, unsigned slot_device, pci::RootPort* slot_port);
  PassedSlot(PassedSlot&&) noexcept;
  ~PassedSlot();

  pci::PciBus* bus;
  unsigned device;      // on the bus
  pci::RootPort* port;  // above the bus; null: on the root bus, where nothing can be plugged
  std::vector<std::unique_ptr<passthrough::pci::PassedFunction>> functions;
};

struct Devices {
  pci::FunctionList functions;
  std::vector<PassedSlot> passed;      // in the order of the slots; refers to `functions`
  virtio::Console* console = nullptr;  // inside one of the functions, if there is one
};

// What passed functions need while they are there.
struct PassedServices {
  MemoryMap& memory_map;
  EventLoop& loop;
  const Clock& clock;
};

// Puts what is open of a slot into the guest's, which is empty. While no vCPU runs, so what takes
// long was read before, if a guest waits. Throws Error; then it stays empty.
void fill(PassedSlot& place, PassedDevices::Slot& slot, const PassedServices& services);

// In slots 1, 2, 3... of the root bus, in the order of the configuration. Throws Error, with the
// device's id in it.
Devices make_devices(const DeviceServices& services);

}  // namespace lintel
