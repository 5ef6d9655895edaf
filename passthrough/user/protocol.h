// SPDX-License-Identifier: Apache-2.0
// The vfio-user protocol, version 0.1: what travels over the socket ("vfio-user Protocol
// Specification", docs/interop/vfio-user.rst of QEMU; the sections are named after the commands).
// All values are little-endian, as both hosts are; each struct is the table of that section, so its
// members are at the offsets of the table. What it takes from linux/vfio.h is repeated here: a
// server speaks the protocol whatever the kernel's headers say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lintel::passthrough::user {

inline constexpr uint16_t kMajor = 0;
inline constexpr uint16_t kMinor = 1;

// "Commands". The server sends kDmaRead and kDmaWrite, we all others.
enum class Command : uint16_t {
  kVersion = 1,
  kDmaMap = 2,
  kDmaUnmap = 3,
  kDeviceGetInfo = 4,
  kDeviceGetRegionInfo = 5,
  kDeviceGetIrqInfo = 7,
  kDeviceSetIrqs = 8,
  kRegionRead = 9,
  kRegionWrite = 10,
  kDmaRead = 11,
  kDmaWrite = 12,
  kDeviceReset = 13,
};

// For messages: "REGION_READ".
const char* command_name(Command command);

// "Header". The size counts the header too.
struct Header {
  uint16_t id = 0;
  uint16_t command = 0;
  uint32_t size = 0;
  uint32_t flags = 0;
  uint32_t error = 0;  // an errno, in a reply with kFlagError
};
static_assert(sizeof(Header) == 16);

inline constexpr uint32_t kTypeMask = 0xf;
inline constexpr uint32_t kTypeCommand = 0;
inline constexpr uint32_t kTypeReply = 1;
inline constexpr uint32_t kFlagNoReply = 1u << 4;
inline constexpr uint32_t kFlagError = 1u << 5;

// In front of the JSON text.
struct VersionMessage {
  uint16_t major = kMajor;
  uint16_t minor = kMinor;
};
static_assert(sizeof(VersionMessage) == 4);

struct DmaMapMessage {
  uint32_t argsz = sizeof(DmaMapMessage);
  uint32_t flags = 0;
  uint64_t offset = 0;  // in the file that comes with the message
  uint64_t address = 0;
  uint64_t size = 0;
};
static_assert(sizeof(DmaMapMessage) == 32);
inline constexpr uint32_t kDmaReadable = 1u << 0;
inline constexpr uint32_t kDmaWritable = 1u << 1;

struct DmaUnmapMessage {
  uint32_t argsz = sizeof(DmaUnmapMessage);
  uint32_t flags = 0;
  uint64_t address = 0;
  uint64_t size = 0;
};
static_assert(sizeof(DmaUnmapMessage) == 24);

struct DeviceInfoMessage {
  uint32_t argsz = sizeof(DeviceInfoMessage);
  uint32_t flags = 0;
  uint32_t regions = 0;
  uint32_t irqs = 0;
};
static_assert(sizeof(DeviceInfoMessage) == 16);
inline constexpr uint32_t kDeviceReset = 1u << 0;
inline constexpr uint32_t kDevicePci = 1u << 1;

struct RegionInfoMessage {
  uint32_t argsz = 0;
  uint32_t flags = 0;
  uint32_t index = 0;
  uint32_t cap_offset = 0;  // from the start of this struct
  uint64_t size = 0;
  uint64_t offset = 0;  // in the file that comes with the reply
};
static_assert(sizeof(RegionInfoMessage) == 32);
inline constexpr uint32_t kRegionReadable = 1u << 0;
inline constexpr uint32_t kRegionWritable = 1u << 1;
inline constexpr uint32_t kRegionMappable = 1u << 2;
inline constexpr uint32_t kRegionHasCapabilities = 1u << 3;

// Ids in the chain of capabilities (capability_chain.h), whose offsets count from the start of
// RegionInfoMessage.
inline constexpr uint16_t kCapabilitySparseMmap = 1;
inline constexpr uint16_t kCapabilityType = 2;
inline constexpr uint16_t kCapabilityMsixMappable = 3;

// What kCapabilitySparseMmap has, and then `count` areas.
struct SparseMmapHead {
  uint32_t count = 0;
  uint32_t reserved = 0;
};
static_assert(sizeof(SparseMmapHead) == 8);
struct SparseMmapArea {
  uint64_t offset = 0;
  uint64_t size = 0;
};
static_assert(sizeof(SparseMmapArea) == 16);

struct IrqInfoMessage {
  uint32_t argsz = sizeof(IrqInfoMessage);
  uint32_t flags = 0;
  uint32_t index = 0;
  uint32_t count = 0;
};
static_assert(sizeof(IrqInfoMessage) == 16);
inline constexpr uint32_t kIrqEventfd = 1u << 0;
inline constexpr uint32_t kIrqMaskable = 1u << 1;
inline constexpr uint32_t kIrqAutomasked = 1u << 2;
inline constexpr uint32_t kIrqNoresize = 1u << 3;

struct SetIrqsMessage {
  uint32_t argsz = sizeof(SetIrqsMessage);
  uint32_t flags = 0;
  uint32_t index = 0;
  uint32_t start = 0;
  uint32_t count = 0;
};
static_assert(sizeof(SetIrqsMessage) == 20);
inline constexpr uint32_t kIrqDataNone = 1u << 0;
inline constexpr uint32_t kIrqDataEventfd = 1u << 2;
inline constexpr uint32_t kIrqActionMask = 1u << 3;
inline constexpr uint32_t kIrqActionUnmask = 1u << 4;
inline constexpr uint32_t kIrqActionTrigger = 1u << 5;

// REGION_READ and REGION_WRITE, both ways; the data follows.
struct RegionAccessMessage {
  uint64_t offset = 0;
  uint32_t region = 0;
  uint32_t count = 0;

  bool operator==(const RegionAccessMessage&) const = default;
};
static_assert(sizeof(RegionAccessMessage) == 16);

// DMA_READ and DMA_WRITE, both ways; the data follows. (The table of DMA_WRITE's reply says 4 bytes
// for the count; servers read 8, as everywhere else.)
struct DmaAccessMessage {
  uint64_t address = 0;
  uint64_t count = 0;
};
static_assert(sizeof(DmaAccessMessage) == 16);

// What the other side of a capability that it did not mention has ("VFIO_USER_VERSION").
inline constexpr uint64_t kDefaultMessageFds = 1;
inline constexpr uint64_t kDefaultTransfer = 1048576;
inline constexpr uint64_t kDefaultDmaMaps = 65535;
inline constexpr uint64_t kDefaultPageSizes = 0x1000;

// Our own limits, which the server is told.
inline constexpr size_t kMaxMessageFds = 8;
inline constexpr size_t kMaxTransfer = 1048576;
// No message to us has more than this behind its header.
inline constexpr size_t kMaxPayload = sizeof(DmaAccessMessage) + kMaxTransfer;

template <typename Message>
std::span<const std::byte> bytes_of(const Message& message) {
  return std::as_bytes(std::span(&message, 1));
}

}  // namespace lintel::passthrough::user
