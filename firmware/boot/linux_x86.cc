// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/linux_x86.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "firmware/boot/byte_source.h"
#include "firmware/boot/bzimage.h"
#include "firmware/boot/elf.h"
#include "firmware/boot/initrd.h"
#include "firmware/boot/kaslr.h"
#include "firmware/boot/kernel_cache.h"
#include "firmware/boot/kernel_image.h"
#include "firmware/boot/pvh.h"
#include "firmware/boot/zero_page.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::boot {
namespace {

// boot.rst, "64-bit Boot Protocol": "The 64-bit entry point is at 0x200 from the load address".
constexpr uint64_t kEntry64Offset = 0x200;
constexpr uint64_t kPage = 4 * kKiB;
constexpr size_t kSeedBytes = 32;

struct PvhKernel {
  ElfFile elf;
  uint32_t entry = 0;
};

using Kernel = std::variant<BzImage, PvhKernel>;

Kernel parse_kernel(const FileSource& file) {
  if (is_bzimage(file)) return parse_bzimage(file);
  if (is_elf(file)) {
    PvhKernel kernel{.elf = parse_elf(file)};
    const auto entry = find_pvh_entry(file, kernel.elf);
    if (!entry) {
      throw Error("The ELF file has no PVH entry point (note XEN_ELFNOTE_PHYS32_ENTRY)")
          .with_help("build the kernel with CONFIG_PVH=y, or give its bzImage");
    }
    kernel.entry = *entry;
    return kernel;
  }
  std::array<uint8_t, 4> magic{};
  if (file.size() >= magic.size()) magic = file.read_object<std::array<uint8_t, 4>>(0);
  throw Error(fmt::format("The file is neither a bzImage nor an ELF kernel: it begins with {:02x}",
                          fmt::join(magic, " ")))
      .with_help("give the kernel as a distribution installs it in /boot (vmlinuz-VERSION)");
}

void system_random(std::span<std::byte> to) {
  while (!to.empty()) {
    const ssize_t count = ::getrandom(to.data(), to.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(errno, "Cannot get {} random bytes", to.size());
    to = to.subspan(static_cast<size_t>(count));
  }
}

}  // namespace

struct LinuxX86Loader::Files {
  explicit Files(const LinuxBootRequest& request)
      : kernel_file(request.kernel_path),
        kernel(parse_kernel(kernel_file)),
        initrd(request.initrd_paths),
        cache(request.cache_directory) {
    const BzImage* packed = std::get_if<BzImage>(&kernel);
    if (packed != nullptr && request.fast == FastBoot::kAuto) open_image(*packed);
  }

  void open_image(const BzImage& packed) {
    try {
      image = cache.get(kernel_file, packed);
      not_direct = image->refusal();
    } catch (const Error& error) {
      not_direct = error.what();
    }
    if (!not_direct.empty()) image.reset();
  }

  FileSource kernel_file;
  Kernel kernel;
  Initrd initrd;
  KernelCache cache;
  std::optional<KernelImage> image;
  std::string not_direct;  // why there is no image
};

LinuxX86Loader::LinuxX86Loader(LinuxBootRequest request) : request_(std::move(request)) {
  if (!request_.random) request_.random = system_random;
  files_ = with_context([&] { return "Cannot boot kernel " + request_.kernel_path; },
                        [&] { return std::make_unique<Files>(request_); });
}

LinuxX86Loader::~LinuxX86Loader() = default;

X86EntryState LinuxX86Loader::load(const GuestMemory& memory, RamState ram) {
  return with_context([&] { return "Cannot boot kernel " + request_.kernel_path; },
                      [&] {
                        report_ = {};
                        return std::holds_alternative<BzImage>(files_->kernel)
                                   ? load_bzimage(memory, ram)
                                   : load_pvh(memory, ram);
                      });
}

// Tries each limit (of the last byte) in turn.
void LinuxX86Loader::place_initrd(const GuestMemory& memory, std::span<const MemoryMapEntry> map,
                                  std::span<const uint64_t> limits) {
  const uint64_t size = files_->initrd.size();
  if (size == 0) return;
  const std::array taken = {report_.kernel};
  for (const uint64_t limit : limits) {
    const Placement wanted{.size = size, .alignment = kPage, .lowest = kMiB, .highest = limit};
    if (const auto address = find_highest(map, taken, wanted)) {
      files_->initrd.load(memory, *address);
      report_.initrd = {*address, size};
      return;
    }
  }
  throw Error(
      fmt::format("The initrd of {:#x} bytes does not fit into RAM beside the kernel, whose "
                  "{:#x} bytes begin at {:#x}",
                  size, report_.kernel.size, report_.kernel.base.value))
      .with_help("raise memory.size");
}

// These three return the address of the entry point.

uint64_t LinuxX86Loader::load_kernel(const GuestMemory& memory, RamState ram,
                                     std::span<const MemoryMapEntry> map) {
  const BzImage& image = std::get<BzImage>(files_->kernel);
  report_.kernel = {GuestAddress(image.preferred_address), image.init_size};
  require_ram(map, report_.kernel, "The kernel (pref_address, init_size)");
  report_.not_direct = files_->not_direct;
  if (files_->image) {
    if (const auto entry = load_direct(memory, ram)) return *entry;
  }
  return load_packed(memory, map);
}

uint64_t LinuxX86Loader::load_packed(const GuestMemory& memory,
                                     std::span<const MemoryMapEntry> map) {
  const BzImage& image = std::get<BzImage>(files_->kernel);
  // A kernel that cannot be relocated moves itself to its preferred address.
  const GuestAddress address(image.relocatable ? image.preferred_address : image.code32_start);
  require_ram(map, {address, image.kernel_size}, "The packed kernel (code32_start, syssize)");
  files_->kernel_file.read_into(memory, address, image.kernel_offset, image.kernel_size);
  return address.value + kEntry64Offset;
}

// Empty if the image turns out to be damaged.
std::optional<uint64_t> LinuxX86Loader::load_direct(const GuestMemory& memory, RamState ram) {
  const BzImage& image = std::get<BzImage>(files_->kernel);
  uint64_t offset = 0;
  const bool randomized = !has_word(request_.command_line, "nokaslr");
  if (randomized) {
    uint64_t random = 0;
    request_.random(std::as_writable_bytes(std::span(&random, 1)));
    offset = virtual_offset(image, random);
  }
  const GuestAddress address(image.preferred_address);
  try {
    files_->image->load(memory, address, offset, ram);
  } catch (const Error& error) {
    log::warn("Booting the slow way, and forgetting the unpacked kernel: {}", error.what());
    report_.not_direct = error.what();
    files_->cache.remove(*files_->image);
    files_->image.reset();
    return std::nullopt;
  }
  report_.path = BootPath::kDirect;
  report_.randomized = randomized;
  report_.virtual_offset = offset;
  return address.value + files_->image->entry_offset();
}

X86EntryState LinuxX86Loader::load_bzimage(const GuestMemory& memory, RamState ram) {
  const BzImage& image = std::get<BzImage>(files_->kernel);
  report_.release = image.release;
  const auto map = make_memory_map(memory, request_.reserved);
  const uint64_t entry = load_kernel(memory, ram, map);
  // A place above 4 GiB serves where low memory is too small, if the kernel can use one.
  const std::array<uint64_t, 2> limits = {image.initrd_address_max, UINT64_MAX};
  place_initrd(memory, map, std::span(limits).first(image.loadable_above_4g ? 2 : 1));

  std::array<std::byte, kSeedBytes> seed;
  request_.random(seed);
  write_zero_page(memory, request_.placement,
                  {.image = image,
                   .memory_map = map,
                   .command_line = request_.command_line,
                   .initrd = report_.initrd,
                   .rsdp = request_.rsdp,
                   .seed = seed,
                   .randomized = report_.randomized});
  X86EntryState state = prepare_entry(memory, request_.placement, X86EntryMode::kLong);
  state.rip = entry;
  state.rsi = request_.placement.boot_params.value;
  return state;
}

X86EntryState LinuxX86Loader::load_pvh(const GuestMemory& memory, RamState ram) {
  const PvhKernel& kernel = std::get<PvhKernel>(files_->kernel);
  report_.path = BootPath::kPvh;
  const auto map = make_memory_map(memory, request_.reserved);
  report_.kernel = load_elf(memory, files_->kernel_file, kernel.elf, map, ram);
  // Linux keeps the module's address in 32 bits.
  const std::array<uint64_t, 1> limits = {UINT32_MAX};
  place_initrd(memory, map, limits);
  return prepare_pvh(memory, request_.placement,
                     {.memory_map = map,
                      .command_line = request_.command_line,
                      .initrd = report_.initrd,
                      .rsdp = request_.rsdp},
                     kernel.entry);
}

}  // namespace lintel::boot
