// SPDX-License-Identifier: Apache-2.0
// What can be asked of a running machine, and the requests that ask it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vmm/api/http.h"
#include "vmm/api/server.h"
#include "vmm/base/error.h"

namespace lintel::api {

enum class State : uint8_t { kRunning, kPaused, kShuttingDown, kStopping };

struct DeviceStatus {
  std::string id;      // as the configuration names it, or the host's address
  std::string kind;    // "disk", "net", "pci", ...
  std::string detail;  // the path, the type or the address
  std::string state;   // "attached", "attaching", "detaching"
};

// How a device of the host's does in the guest.
struct PassedStatus {
  struct Page {
    uint64_t offset = 0;
    uint64_t accesses = 0;
  };
  struct Part {
    uint64_t offset = 0;
    uint64_t size = 0;
  };
  // Of the host's driver's own (linux/vfio.h: VFIO_REGION_TYPE_*).
  struct Region {
    unsigned index = 0;
    uint32_t type = 0;
    uint32_t subtype = 0;
    uint64_t size = 0;
  };
  struct Bar {
    unsigned index = 0;
    uint64_t size = 0;             // bytes
    uint64_t mapped = 0;           // of them without exits
    std::vector<Part> holes = {};  // where it always exits
    uint64_t accesses = 0;         // exits
    std::vector<Page> pages = {};  // where most of them were
  };
  std::string device;      // the host's address, or a server's socket
  std::string interrupts;  // "MSI-X", "MSI", "INTx", "none"
  unsigned vectors = 0;
  unsigned most_vectors = 0;           // that there were at once
  std::string intx_way;                // "kernel", "event", "access", "off"; empty: it has none
  std::optional<uint64_t> intx_count;  // interrupts; without a value they are not known
  uint64_t config_accesses = 0;
  unsigned resets = 0;         // by Lintel, that were done
  unsigned failed_resets = 0;  // that were not, though they were to be
  uint64_t guest_resets = 0;   // that the guest asked for
  std::vector<Bar> bars;
  std::vector<Region> regions = {};
};

struct Status {
  std::string name;
  State state = State::kRunning;
  int64_t pid = 0;
  std::chrono::milliseconds uptime{0};
  uint32_t cpus = 0;
  uint64_t memory = 0;      // bytes
  uint32_t free_ports = 0;  // into which a device can be put
  std::vector<DeviceStatus> devices;
  std::vector<std::string> waiting =
      {};                   // functions that have left, and wait for their IOMMU group
  uint64_t dma_mapped = 0;  // bytes of memory that passed devices reach
  std::vector<PassedStatus> passed = {};
};

// Why something was not done.
struct Refusal {
  int status;  // of HTTP
  Error error;
};

// What became of a request.
struct Result {
  std::optional<Refusal> refusal = {};  // without a value it was done
  std::string note = {};  // what whoever asked should know although it was done; empty: nothing
};

// A device of the host: the address of a PCI function, "0000:01:00.0", its vendor and device,
// "8086:10d3", a vfio-user server's socket, "/run/device.sock", or the id of one that is
// configured.
struct AttachRequest {
  std::string device;
  bool all_functions = false;  // of its slot at the host
};
struct DetachRequest {
  std::string device;
  bool force = false;  // the guest is not asked
};

// The machine, as requests see it.
//
// Threads: the control thread's.
class Control {
 public:
  // Called once, at once or later.
  using Done = std::function<void(const Result&)>;

  virtual ~Control() = default;

  virtual Status status() = 0;
  // These throw Error if the machine is in no state for it.
  virtual void shutdown() = 0;
  virtual void kill() = 0;
  virtual void pause() = 0;
  virtual void resume() = 0;
  // May throw Error instead of calling `done`.
  virtual void attach(const AttachRequest& request, Done done) = 0;
  virtual void detach(const DetachRequest& request, Done done) = 0;
};

// Answers every request. Threads: as `control`.
void handle(Control& control, const Request& request, const Server::Answer& answer);

// The body of the answer to GET /status.
std::string to_text(const Status& status);

// "running", "shutting-down", ...
std::string_view to_string(State state);

}  // namespace lintel::api
