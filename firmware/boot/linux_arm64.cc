// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/linux_arm64.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "firmware/boot/byte_source.h"
#include "firmware/boot/initrd.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr uint64_t kTwoMiB = 2 * kMiB;
// "Setup the device tree": at most this much, and not in a 2 MiB region with something else.
constexpr uint64_t kDeviceTreeSpace = kTwoMiB;
// Kernels before 4.2 want it within this of the kernel.
constexpr uint64_t kDeviceTreeReach = 512 * kMiB;
// "Call the kernel image": the initrd lies in a window of this size, which begins at a multiple of
// a gigabyte and covers the kernel too.
constexpr uint64_t kInitrdWindow = 32 * kGiB;
// A page of any size that a kernel may have.
constexpr uint64_t kLargestPage = 64 * kKiB;

// The lowest place: a kernel that must be low loses what is below it.
std::optional<GuestRange> place_kernel(std::span<const MemoryMapEntry> map,
                                       const Arm64Image& image) {
  for (const MemoryMapEntry& entry : map) {
    if (entry.type != MemoryType::kRam || entry.range.base.value > UINT64_MAX - kTwoMiB) continue;
    const uint64_t base = align_up(entry.range.base.value, kTwoMiB);
    const GuestRange range{GuestAddress(base + image.text_offset), image.memory_size};
    if (entry.range.contains(range.base, range.size)) return range;
  }
  return std::nullopt;
}

[[noreturn]] void throw_no_room(std::string_view what, uint64_t size) {
  throw Error(fmt::format("{} of {:#x} bytes does not fit into RAM", what, size))
      .with_help("raise memory.size");
}

}  // namespace

Arm64Plan plan_arm64(std::span<const MemoryMapEntry> map, const Arm64Image& image,
                     uint64_t initrd_size) {
  Arm64Plan plan;
  const auto kernel = place_kernel(map, image);
  if (!kernel) throw_no_room("The kernel (image_size)", image.memory_size);
  plan.kernel = *kernel;

  // What surrounds the kernel in its first and last 2 MiB stays its own.
  const uint64_t start = align_down(plan.kernel.base.value, kTwoMiB);
  std::vector<GuestRange> taken = {
      {GuestAddress(start), align_up(plan.kernel.end(), kTwoMiB) - start}};
  const auto tree = find_highest(map, taken,
                                 {.size = kDeviceTreeSpace,
                                  .alignment = kTwoMiB,
                                  .lowest = start,
                                  .highest = start + (kDeviceTreeReach - 1)});
  if (!tree) throw_no_room("The device tree behind the kernel", kDeviceTreeSpace);
  plan.device_tree = {*tree, kDeviceTreeSpace};
  taken.push_back(plan.device_tree);

  if (initrd_size == 0) return plan;
  const uint64_t window = align_down(plan.kernel.base.value, kGiB);
  const auto initrd = find_highest(map, taken,
                                   {.size = initrd_size,
                                    .alignment = kLargestPage,
                                    .lowest = window,
                                    .highest = window + (kInitrdWindow - 1)});
  if (!initrd) throw_no_room("The initrd beside the kernel", initrd_size);
  plan.initrd = {*initrd, initrd_size};
  return plan;
}

struct LinuxArm64Loader::Files {
  explicit Files(const Arm64BootRequest& request)
      : kernel_file(request.kernel_path),
        kernel(parse_arm64_kernel(kernel_file)),
        initrd(request.initrd_paths) {
    if (kernel.container == Arm64Container::kNone) {
      image = parse_arm64_image(kernel_file);
    } else {
      unpacked = unpack_arm64_kernel(kernel_file, kernel);
      image = parse_arm64_image(SpanSource(unpacked.bytes()));
    }
  }

  FileSource kernel_file;
  Arm64Kernel kernel;
  Initrd initrd;
  MmapRegion unpacked;  // until it is in guest memory
  Arm64Image image;
};

LinuxArm64Loader::LinuxArm64Loader(Arm64BootRequest request) : request_(std::move(request)) {
  files_ = with_context([&] { return "Cannot boot kernel " + request_.kernel_path; },
                        [&] { return std::make_unique<Files>(request_); });
}

LinuxArm64Loader::~LinuxArm64Loader() = default;

void LinuxArm64Loader::load_kernel(const GuestMemory& memory) {
  const GuestAddress address = plan_.kernel.base;
  if (files_->kernel.container == Arm64Container::kNone) {
    files_->kernel_file.read_into(memory, address, 0,
                                  std::min(files_->kernel_file.size(), plan_.kernel.size));
    return;
  }
  if (!files_->unpacked) {
    files_->unpacked = unpack_arm64_kernel(files_->kernel_file, files_->kernel);
  }
  const auto bytes = files_->unpacked.bytes();
  // The file may have changed since the place was chosen.
  SpanSource(bytes).read_into(memory, address, 0,
                              std::min<uint64_t>(bytes.size(), plan_.kernel.size));
  files_->unpacked.reset();
}

void LinuxArm64Loader::load(const GuestMemory& memory) {
  with_context([&] { return "Cannot boot kernel " + request_.kernel_path; },
               [&] {
                 const auto map = make_memory_map(memory, request_.reserved);
                 plan_ = plan_arm64(map, files_->image, files_->initrd.size());
                 load_kernel(memory);
                 if (plan_.initrd.size != 0) files_->initrd.load(memory, plan_.initrd.base);
               });
}

Arm64EntryState LinuxArm64Loader::finish(const GuestMemory& memory,
                                         std::span<const std::byte> device_tree) const {
  if (device_tree.size() > plan_.device_tree.size) {
    throw_error("The device tree has {:#x} bytes, more than a kernel takes", device_tree.size());
  }
  memory.write(plan_.device_tree.base, device_tree);
  return {.pc = plan_.kernel.base.value, .x0 = plan_.device_tree.base.value};
}

}  // namespace lintel::boot
