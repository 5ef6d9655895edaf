// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/table.h"

#include <algorithm>

#include "vmm/base/error.h"

namespace lintel::acpi {

namespace {

enum class AddressSpace : uint8_t { kSystemMemory = 0, kSystemIo = 1 };

}  // namespace

Bytes generic_address(const PortRegister& reg) {
  Bytes out;
  append(out, static_cast<uint8_t>(AddressSpace::kSystemIo));
  append(out, reg.bits);
  append(out, uint8_t{0});  // bit offset
  append(out, static_cast<uint8_t>(reg.access));
  append(out, reg.port);
  return out;
}

Bytes generic_address(const MemoryRegister& reg) {
  Bytes out = generic_address(
      PortRegister{.port = reg.address.value, .bits = reg.bits, .access = reg.access});
  out.front() = std::byte{static_cast<uint8_t>(AddressSpace::kSystemMemory)};
  return out;
}

Table::Table(std::string_view signature, uint8_t revision, size_t size) {
  constexpr uint32_t kOemRevision = 1;
  constexpr std::string_view kCreatorId = "LNTL";
  constexpr uint32_t kCreatorRevision = 1;
  append(bytes_, signature);
  append(bytes_, uint32_t{0});  // length
  append(bytes_, revision);
  append(bytes_, uint8_t{0});  // checksum
  append(bytes_, kOemId);
  append(bytes_, kOemTableId);
  append(bytes_, kOemRevision);
  append(bytes_, kCreatorId);
  append(bytes_, kCreatorRevision);
  bytes_.resize(std::max(size, kHeaderSize));
}

void Table::put(size_t offset, std::span<const std::byte> content) {
  std::copy(content.begin(), content.end(), bytes_.begin() + static_cast<ptrdiff_t>(offset));
}

uint32_t TableImage::place(std::span<const std::byte> content, uint64_t alignment) {
  const auto offset = static_cast<uint32_t>(align_up(bytes_.size(), alignment));
  bytes_.resize(offset);
  append(bytes_, content);
  return offset;
}

uint32_t TableImage::place(const Table& table) {
  // No table but the FACS needs an alignment; this one keeps every field naturally aligned.
  constexpr uint64_t kAlignment = 16;
  const uint32_t offset = place(table.bytes(), kAlignment);
  const auto length = static_cast<uint32_t>(table.bytes().size());
  store_le(bytes_.data() + offset + Table::kLengthOffset, length);
  seal({.offset = offset + uint32_t{Table::kChecksumOffset}, .start = offset, .length = length});
  return offset;
}

Bytes TableImage::finish(GuestAddress base) const {
  Bytes out = bytes_;
  for (const PointerField& pointer : pointers_) {
    const uint64_t address = base.value + pointer.target;
    if (pointer.size < sizeof address && address >> (8 * pointer.size) != 0) {
      throw_error("An ACPI table at {:#x} is beyond what a {}-byte pointer reaches", address,
                  pointer.size);
    }
    store_le_bytes(out.data() + pointer.offset, address, pointer.size);
  }
  for (const ChecksumField& field : checksums_) {
    out[field.offset] = std::byte{0};
    out[field.offset] = std::byte{checksum(std::span(out).subspan(field.start, field.length))};
  }
  return out;
}

uint8_t checksum(std::span<const std::byte> content) {
  uint8_t sum = 0;
  for (const std::byte byte : content)
    sum = static_cast<uint8_t>(sum + std::to_integer<uint8_t>(byte));
  return static_cast<uint8_t>(-sum);
}

}  // namespace lintel::acpi
