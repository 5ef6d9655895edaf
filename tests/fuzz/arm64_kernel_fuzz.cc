// SPDX-License-Identifier: Apache-2.0
// arm64 kernel files: an Image, plain or packed, and the place that its header asks for.
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/boot/arm64_image.h"
#include "firmware/boot/linux_arm64.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

// A megabyte of zeros packs into a few bytes: larger outputs only cost time.
constexpr uint32_t kUnpackedLimit = 4 * kMiB;

constexpr MemoryMapEntry kMap[] = {
    {{GuestAddress(kGiB), 5 * kMiB + 1}, MemoryType::kRam},
    {{GuestAddress(kGiB + 6 * kMiB), kMiB}, MemoryType::kReserved},
    {{GuestAddress(kGiB + 7 * kMiB), 60 * kMiB}, MemoryType::kRam},
    {{GuestAddress(UINT64_MAX - 3 * kMiB), 3 * kMiB}, MemoryType::kRam},
};

void check(bool holds) {
  if (!holds) __builtin_trap();
}

// Whatever has a place is in RAM and overlaps nothing.
void check_plan(const Arm64Image& image, uint64_t initrd_size) {
  const Arm64Plan plan = plan_arm64(kMap, image, initrd_size);
  require_ram(kMap, plan.kernel, "kernel");
  require_ram(kMap, plan.device_tree, "device tree");
  check(!plan.kernel.overlaps(plan.device_tree));
  if (initrd_size == 0) return;
  require_ram(kMap, plan.initrd, "initrd");
  check(!plan.initrd.overlaps(plan.kernel) && !plan.initrd.overlaps(plan.device_tree));
}

void run(std::span<const std::byte> bytes) {
  const SpanSource source(bytes);
  const Arm64Kernel kernel = parse_arm64_kernel(source);
  const uint64_t initrd_size = bytes.size() % 7 * kMiB;
  if (kernel.container == Arm64Container::kNone) {
    check_plan(parse_arm64_image(source), initrd_size);
    return;
  }
  check(kernel.payload_offset <= bytes.size());
  check(kernel.payload_size <= bytes.size() - kernel.payload_offset);
  const auto payload = bytes.subspan(kernel.payload_offset, kernel.payload_size);
  if (payload.size() < 4 ||
      load_le<uint32_t>(payload.data() + payload.size() - 4) > kUnpackedLimit) {
    return;
  }
  const MmapRegion unpacked = unpack_arm64_kernel(source, kernel);
  check_plan(parse_arm64_image(SpanSource(unpacked.bytes())), initrd_size);
}

}  // namespace
}  // namespace lintel::boot

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    lintel::boot::run(std::as_bytes(std::span(data, size)));
  } catch (const lintel::Error&) {
    // A refusal is a result.
  }
  return 0;
}
