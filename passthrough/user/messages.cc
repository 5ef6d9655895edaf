// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/messages.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <nlohmann/json.hpp>

#include "passthrough/user/protocol.h"
#include "passthrough/user/region_capabilities.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::user {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxFdsOfKernel = 253;  // SCM_MAX_FD of the kernel's net/scm.h
constexpr uint32_t kMaxRegions = 64;
constexpr uint32_t kMaxIrqs = 16;
constexpr uint32_t kMaxVectors = 2048;  // of MSI-X (PCI Express Base 6.0, section 7.7.2)

template <typename Message>
Message load(std::span<const std::byte> reply) {
  if (reply.size() < sizeof(Message)) {
    throw_error("A reply of {} bytes, not of {}", reply.size(), sizeof(Message));
  }
  Message message;
  std::memcpy(&message, reply.data(), sizeof message);
  return message;
}

uint64_t number(const Json& capabilities, const char* name, uint64_t fallback) {
  const auto at = capabilities.find(name);
  if (at == capabilities.end()) return fallback;
  if (!at->is_number_unsigned()) throw_error("\"{}\" is not a number", name);
  return at->get<uint64_t>();
}

std::optional<size_t> twin_socket(const Json& capabilities, size_t fds) {
  const auto at = capabilities.find("twin_socket");
  if (at == capabilities.end()) return std::nullopt;
  if (!at->is_object()) throw_error("\"twin_socket\" is not an object");
  const auto supported = at->find("supported");
  if (supported == at->end()) return std::nullopt;
  if (!supported->is_boolean()) throw_error("\"supported\" is not a boolean");
  if (!supported->get<bool>()) return std::nullopt;
  const uint64_t index = number(*at, "fd_index", fds);
  if (index >= fds) throw_error("No socket came with \"twin_socket\"");
  return index;
}

Json capabilities_of(std::span<const std::byte> text) {
  const std::string_view whole(reinterpret_cast<const char*>(text.data()), text.size());
  const std::string_view json = whole.substr(0, whole.find('\0'));
  if (json.empty()) return Json::object();
  const Json parsed = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) throw_error("The capabilities are not a JSON object");
  const auto at = parsed.find("capabilities");
  if (at == parsed.end()) return Json::object();
  if (!at->is_object()) throw_error("\"capabilities\" is not an object");
  return *at;
}

}  // namespace

const char* command_name(Command command) {
  switch (command) {
    case Command::kVersion: return "VERSION";
    case Command::kDmaMap: return "DMA_MAP";
    case Command::kDmaUnmap: return "DMA_UNMAP";
    case Command::kDeviceGetInfo: return "DEVICE_GET_INFO";
    case Command::kDeviceGetRegionInfo: return "DEVICE_GET_REGION_INFO";
    case Command::kDeviceGetIrqInfo: return "DEVICE_GET_IRQ_INFO";
    case Command::kDeviceSetIrqs: return "DEVICE_SET_IRQS";
    case Command::kRegionRead: return "REGION_READ";
    case Command::kRegionWrite: return "REGION_WRITE";
    case Command::kDmaRead: return "DMA_READ";
    case Command::kDmaWrite: return "DMA_WRITE";
    case Command::kDeviceReset: return "DEVICE_RESET";
  }
  return "unknown command";
}

std::vector<std::byte> encode_version() {
  const Json data = {{"capabilities",
                      {{"max_msg_fds", kMaxMessageFds},
                       {"max_data_xfer_size", kMaxTransfer},
                       {"max_dma_maps", kDefaultDmaMaps},
                       {"pgsizes", kDefaultPageSizes},
                       {"twin_socket", {{"supported", true}}}}}};
  const std::string text = data.dump();
  const VersionMessage version;
  std::vector<std::byte> payload(sizeof version + text.size() + 1);  // and a NUL
  std::memcpy(payload.data(), &version, sizeof version);
  std::memcpy(payload.data() + sizeof version, text.data(), text.size());
  return payload;
}

ServerLimits decode_version(std::span<const std::byte> reply, size_t fds) {
  const auto version = load<VersionMessage>(reply);
  if (version.major != kMajor || version.minor > kMinor) {
    throw_error("The server speaks version {}.{}, not {}.{}", version.major, version.minor, kMajor,
                kMinor);
  }
  const Json capabilities = capabilities_of(reply.subspan(sizeof version));
  ServerLimits limits;
  const uint64_t message_fds = number(capabilities, "max_msg_fds", kDefaultMessageFds);
  if (message_fds == 0) throw_error("The server takes no file descriptors");
  limits.message_fds = std::min<uint64_t>(message_fds, kMaxFdsOfKernel);
  const uint64_t transfer = number(capabilities, "max_data_xfer_size", kDefaultTransfer);
  if (transfer < 8) throw_error("The server takes accesses of only {} bytes", transfer);
  // Its replies have to fit in what we receive.
  limits.transfer = std::min<uint64_t>(transfer, kMaxTransfer);
  limits.dma_maps = static_cast<uint32_t>(
      std::min<uint64_t>(number(capabilities, "max_dma_maps", kDefaultDmaMaps), UINT32_MAX));
  limits.page_sizes = number(capabilities, "pgsizes", kDefaultPageSizes);
  if (limits.page_sizes == 0) throw_error("The server maps pages of no size");
  limits.twin_socket = twin_socket(capabilities, fds);
  return limits;
}

DeviceInfo decode_device_info(std::span<const std::byte> reply) {
  const auto message = load<DeviceInfoMessage>(reply);
  if ((message.flags & kDevicePci) == 0) throw_error("It is not a PCI device");
  if (message.regions <= pci_region::kConfig || message.regions > kMaxRegions) {
    throw_error("A PCI device with {} regions", message.regions);
  }
  if (message.irqs > kMaxIrqs)
    throw_error("A PCI device with {} kinds of interrupts", message.irqs);
  return {.kind = DeviceKind::kPci,
          .can_reset = (message.flags & kDeviceReset) != 0,
          .regions = message.regions,
          .irqs = message.irqs};
}

RegionReply decode_region_info(std::span<const std::byte> reply, uint32_t index, size_t fds) {
  const auto message = load<RegionInfoMessage>(reply);
  // Of fixed messages some servers count the header, so only here it says anything.
  if (message.argsz > kMaxRegionInfo) {
    throw_error("A description of {} bytes, more than {}", message.argsz, kMaxRegionInfo);
  }
  if (message.index != index) throw_error("A reply about region {}", message.index);
  RegionReply region;
  region.info.index = index;
  region.info.size = message.size;
  if (message.size == 0) return region;
  region.info.readable = (message.flags & kRegionReadable) != 0;
  region.info.writable = (message.flags & kRegionWritable) != 0;
  region.info.mappable = (message.flags & kRegionMappable) != 0;
  if (region.info.mappable) {
    if (fds != 1) throw_error("{} file descriptors came for a region that can be mapped", fds);
    if (message.size > INT64_MAX || message.offset > INT64_MAX - message.size) {
      throw_error("No file has [{:#x}, +{:#x})", message.offset, message.size);
    }
    region.file_offset = message.offset;
  } else if (message.size > INT64_MAX) {
    throw_error("A region of {:#x} bytes", message.size);
  }
  if ((message.flags & kRegionHasCapabilities) != 0) {
    auto capabilities = parse_region_capabilities(reply, message.cap_offset, message.size);
    region.info.sparse = std::move(capabilities.sparse);
    region.info.type = capabilities.type;
    region.info.msix_mappable = capabilities.msix_mappable;
  }
  return region;
}

IrqInfo decode_irq_info(std::span<const std::byte> reply, uint32_t index) {
  const auto message = load<IrqInfoMessage>(reply);
  if (message.index != index) throw_error("A reply about interrupts {}", message.index);
  if (message.count > kMaxVectors) throw_error("{} interrupts of one kind", message.count);
  return {.index = index,
          .count = message.count,
          .eventfd = (message.flags & kIrqEventfd) != 0,
          .maskable = (message.flags & kIrqMaskable) != 0,
          .automasked = (message.flags & kIrqAutomasked) != 0,
          .noresize = (message.flags & kIrqNoresize) != 0};
}

}  // namespace lintel::passthrough::user
