// SPDX-License-Identifier: Apache-2.0
// What a machine is made of, after the TOML file, the profiles and `--set` have been applied and
// checked: paths are absolute or relative to the working directory, automatic values are filled
// in, and the combination is possible. Plain data; how each member is spelled in TOML, its range
// and its documentation are in fields.cc.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "passthrough/host/address.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::config {

using Milliseconds = std::chrono::milliseconds;
using MacAddress = std::array<uint8_t, 6>;

enum class Architecture : uint8_t { kX86_64, kArm64 };

enum class OnReboot : uint8_t { kRestart, kExit };

enum class GicVersion : uint8_t { kAuto, kV2, kV3 };
// GICv2 (Arm IHI 0048), 4.3.12: what a byte of target CPUs can name. GICv3: as many as have their
// redistributors in the board's low memory.
inline constexpr uint32_t kGicV2MaxCpus = 8;
inline constexpr uint32_t kGicV3MaxCpus = 123;

struct VmConfig {
  std::string name;                       // the TOML file's stem unless it is set
  Milliseconds shutdown_timeout{30'000};  // from the power button to the hard stop
  std::optional<Milliseconds> timeout;    // of the whole run; then exit status 124
  OnReboot on_reboot = OnReboot::kRestart;
  GicVersion gic = GicVersion::kAuto;
};

enum class FastBoot : uint8_t { kAuto, kOff };
enum class KernelFormat : uint8_t { kAuto, kFlat };

struct BootConfig {
  std::string kernel;
  std::vector<std::string> initrd;  // concatenated in this order
  std::string cmdline;
  FastBoot fast = FastBoot::kAuto;
  KernelFormat format = KernelFormat::kAuto;
};

enum class CpuModel : uint8_t { kHost, kBaseline };

struct CpuTopology {
  uint32_t sockets = 0;
  uint32_t cores = 0;    // of a socket
  uint32_t threads = 0;  // of a core

  bool operator==(const CpuTopology&) const = default;
};

struct CpuConfig {
  uint32_t count = 1;
  CpuModel model = CpuModel::kHost;
  CpuTopology topology;  // the product is `count`
  bool nested = false;
};

struct MemoryConfig {
  uint64_t size = uint64_t{2} << 30;
  MemoryBacking backing;
};

enum class ConsoleType : uint8_t { kSerial, kVirtio, kNone };
enum class ConsoleMode : uint8_t { kStdio, kFile, kPty, kSocket, kOff };

struct ConsoleConfig {
  ConsoleType type = ConsoleType::kSerial;
  ConsoleMode mode = ConsoleMode::kStdio;
  std::string path;  // of the file or the socket
};

enum class DiskFormat : uint8_t { kRaw };

struct DiskConfig {
  std::string id;
  std::string path;  // a regular file or a block device
  DiskFormat format = DiskFormat::kRaw;
  bool readonly = false;
  bool direct = false;  // O_DIRECT: bypass the host's page cache
  bool discard = true;  // pass the guest's discard on to the file
  std::string serial;   // at most 20 bytes; the id unless it is set
};

enum class NetType : uint8_t { kUser, kTap, kNone };
enum class Vhost : uint8_t { kAuto, kOn, kOff };
enum class Transport : uint8_t { kTcp, kUdp };

struct PortForward {
  Transport transport = Transport::kTcp;
  std::string host_address;  // empty: every address of the host
  uint16_t host_port = 0;
  uint16_t guest_port = 0;

  bool operator==(const PortForward&) const = default;
};

struct NetConfig {
  std::string id;
  NetType type = NetType::kUser;
  std::string tap;                // name of the host's interface
  std::optional<MacAddress> mac;  // always set once the configuration is loaded
  std::optional<uint32_t> mtu;
  Vhost vhost = Vhost::kAuto;
  std::vector<PortForward> forward;  // user networking only
};

struct VsockConfig {
  std::optional<uint32_t> cid;  // no device without one
};

struct RngConfig {
  bool enabled = true;
  std::string source = "/dev/urandom";
};

struct BalloonConfig {
  bool enabled = false;
  bool free_page_reporting = true;
};

enum class ConfigPorts : uint8_t { kAuto, kOn, kOff };

struct PciBusConfig {
  ConfigPorts config_ports = ConfigPorts::kAuto;
  // Empty at the start, besides those of the configured devices.
  uint32_t hotplug_ports = 0;
  // Bytes of addresses for the memory of what is put into an empty port: prefetchable memory above
  // 4 GiB, and all else below.
  uint64_t hotplug_memory = kGiB;
  uint64_t hotplug_memory32 = 32 * kMiB;
};

enum class PciFunctions : uint8_t { kOne, kAll };
enum class PciBind : uint8_t { kAuto, kManual, kKeep };
enum class PciReset : uint8_t { kAuto, kFlr, kBus, kDeviceSpecific, kPm, kNone };
enum class PciRootPort : uint8_t { kAuto, kOn, kOff };

// A device of the host's that the guest gets.
struct PciConfig {
  std::string id;
  std::optional<passthrough::host::DeviceName> device;  // or a socket
  std::string socket;                                   // of a vfio-user server that serves it
  std::optional<passthrough::host::PciIds> expect;      // what must be there
  PciFunctions functions = PciFunctions::kOne;
  PciBind bind = PciBind::kAuto;
  std::string rom;             // a file instead of the device's own option ROM
  std::string rebar = "keep";  // or "max", or a size: of the resizable BARs
  PciReset reset = PciReset::kAuto;
  bool vga = false;  // it has the legacy addresses of VGA too
  std::vector<std::string> reset_when{"start", "reboot", "end"};
  std::string guest_address;  // "05.0" on the root bus; empty: any
  PciRootPort root_port = PciRootPort::kAuto;
  std::vector<std::string> hide;   // capabilities that the guest is not shown, or is shown all the
  std::vector<std::string> show;   // same: names as `lintel devices --config` has them, or numbers
  std::vector<std::string> patch;  // bits that the guest reads, as passthrough's parse_patch has it
};

// Whether one of a machine's devices has the legacy addresses of VGA.
inline bool has_legacy_vga(std::span<const PciConfig> pcis) {
  return std::any_of(pcis.begin(), pcis.end(), [](const PciConfig& pci) { return pci.vga; });
}

// What follows when a device reports an uncorrectable error.
enum class PassthroughOnError : uint8_t { kStop, kReset, kDetach, kReport };

enum class PassthroughBackend : uint8_t { kAuto, kContainer, kIommufd };

struct PassthroughConfig {
  PassthroughBackend backend = PassthroughBackend::kAuto;
  bool peer_to_peer = false;
  bool unsafe_noiommu = false;
  PassthroughOnError on_error = PassthroughOnError::kStop;
  std::string report;  // a file; empty: none
};

struct Config {
  VmConfig vm;
  BootConfig boot;
  CpuConfig cpu;
  MemoryConfig memory;
  ConsoleConfig console;
  std::vector<DiskConfig> disks;
  std::vector<NetConfig> nets;
  VsockConfig vsock;
  RngConfig rng;
  BalloonConfig balloon;
  PciBusConfig pci_bus;
  std::vector<PciConfig> pcis;
  PassthroughConfig passthrough;
};

}  // namespace lintel::config
