// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/relocations.h"

#include <utility>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/base/types.h"

namespace lintel::boot {
namespace {

// The kernel is linked to run at this address plus its physical address (Linux
// Documentation/arch/x86/x86_64/mm.rst). The table has the lower halves of such addresses.
constexpr uint32_t kKernelMapLow = 0x80000000;

uint64_t width(RelocationKind kind) {
  return kind == RelocationKind::kAddress64 ? 8 : 4;
}

std::vector<uint32_t> to_offsets(std::span<const std::byte> list, RelocationKind kind,
                                 const RelocationBounds& bounds) {
  std::vector<uint32_t> offsets;
  offsets.reserve(list.size() / sizeof(uint32_t));
  for (size_t at = 0; at < list.size(); at += sizeof(uint32_t)) {
    const auto address = load_le<uint32_t>(&list[at]);
    const uint64_t physical = uint64_t{address} - kKernelMapLow;
    if (address < kKernelMapLow || physical < bounds.link_address ||
        !GuestRange{GuestAddress(bounds.link_address), bounds.memory_size}.contains(
            GuestAddress(physical), width(kind))) {
      throw_error("The relocation table names {:#x}, which is outside the kernel",
                  0xffffffff00000000 | address);
    }
    offsets.push_back(static_cast<uint32_t>(physical - bounds.link_address));
  }
  return offsets;
}

template <typename T>
void add_to_words(std::span<std::byte> kernel, std::span<const uint32_t> offsets, T delta) {
  if (kernel.size() < sizeof(T)) throw_error("The kernel has {} bytes", kernel.size());
  const size_t last = kernel.size() - sizeof(T);
  for (const uint32_t offset : offsets) {
    if (offset > last) throw_error("A relocation is outside the kernel: {:#x}", offset);
    std::byte* word = kernel.data() + offset;
    store_le<T>(word, load_le<T>(word) + delta);
  }
}

}  // namespace

// A zero stands in front of each list, so the zeros tell the layouts apart: three lists (64-bit,
// inverse 32-bit, 32-bit) up to Linux 6.14, two (64-bit, 32-bit) since per-CPU data is linked like
// the rest.
Relocations parse_relocations(std::span<const std::byte> table, const RelocationBounds& bounds) {
  if (table.empty()) {
    throw_error("The kernel has no relocation table (it is built without CONFIG_RANDOMIZE_BASE)");
  }
  if (table.size() % sizeof(uint32_t) != 0 || load_le<uint32_t>(table.data()) != 0) {
    throw_error("The relocation table of {:#x} bytes has an unknown layout: no zero in front",
                table.size());
  }
  std::vector<size_t> begins;  // of the lists
  for (size_t at = 0; at < table.size() && begins.size() <= kRelocationKinds;
       at += sizeof(uint32_t)) {
    if (load_le<uint32_t>(&table[at]) == 0) begins.push_back(at + sizeof(uint32_t));
  }
  if (begins.size() != 2 && begins.size() != 3) {
    throw_error("The relocation table has an unknown layout: {} lists or more", begins.size());
  }
  const auto list = [&](size_t index) {
    const size_t end =
        index + 1 < begins.size() ? begins[index + 1] - sizeof(uint32_t) : table.size();
    return table.subspan(begins[index], end - begins[index]);
  };
  Relocations relocations;
  const auto take = [&](RelocationKind kind, size_t index) {
    relocations[static_cast<size_t>(kind)] = to_offsets(list(index), kind, bounds);
  };
  take(RelocationKind::kAddress64, 0);
  if (begins.size() == 3) take(RelocationKind::kInverse32, 1);
  take(RelocationKind::kAddress32, begins.size() - 1);
  return relocations;
}

void apply_relocations(std::span<std::byte> kernel, std::span<const uint32_t> offsets,
                       RelocationKind kind, uint64_t delta) {
  const auto low = static_cast<uint32_t>(delta);
  switch (kind) {
    case RelocationKind::kAddress64: return add_to_words<uint64_t>(kernel, offsets, delta);
    case RelocationKind::kAddress32: return add_to_words<uint32_t>(kernel, offsets, low);
    case RelocationKind::kInverse32: return add_to_words<uint32_t>(kernel, offsets, 0 - low);
  }
}

}  // namespace lintel::boot
