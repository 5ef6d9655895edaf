// SPDX-License-Identifier: Apache-2.0
// Starts an x86 kernel without firmware: a bzImage by its 64-bit entry point, or an ELF file by
// PVH, whichever the file's magic says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "firmware/boot/boot_memory.h"
#include "firmware/boot/x86_entry.h"
#include "vmm/base/types.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

enum class FastBoot : uint8_t {
  kAuto,  // enter the unpacked kernel directly where its layout is understood
  kOff,   // let the kernel unpack itself
};

// Fills the bytes with unpredictable values. Tests inject a known sequence.
using RandomSource = std::function<void(std::span<std::byte>)>;

struct LinuxBootRequest {
  std::string kernel_path;
  std::vector<std::string> initrd_paths;
  std::string command_line;
  GuestAddress rsdp;                     // zero: none
  std::vector<MemoryMapEntry> reserved;  // inside and outside RAM
  X86BootPlacement placement;
  FastBoot fast = FastBoot::kAuto;
  std::string cache_directory;  // of unpacked kernels; empty: unpack for each run
  RandomSource random;          // empty: getrandom(2)
};

enum class BootPath : uint8_t {
  kSelfUnpacking,  // bzImage, entered where the kernel begins to unpack itself
  kDirect,         // bzImage, its unpacked kernel entered directly
  kPvh,            // ELF
};

// What was done, for the log and for tests.
struct BootReport {
  BootPath path = BootPath::kSelfUnpacking;
  std::string release;     // of a bzImage
  std::string not_direct;  // why the fast path was not taken, if it was wanted
  GuestRange kernel;       // what was loaded
  GuestRange initrd;       // size zero: none
  bool randomized = false;
  uint64_t virtual_offset = 0;  // by which the kernel's addresses were moved
};

// Holds the files open, so that the guest can be started again (reboot) where files can no longer
// be opened.
class LinuxX86Loader {
 public:
  // Opens and checks the files. Throws Error that names the file, the field and its value.
  explicit LinuxX86Loader(LinuxBootRequest request);
  ~LinuxX86Loader();
  LinuxX86Loader(const LinuxX86Loader&) = delete;
  LinuxX86Loader& operator=(const LinuxX86Loader&) = delete;

  // Puts everything into the guest's memory. Throws Error that names what does not fit.
  X86EntryState load(const GuestMemory& memory, RamState ram);

  // Of the last `load`.
  const BootReport& report() const { return report_; }

 private:
  struct Files;

  X86EntryState load_bzimage(const GuestMemory& memory, RamState ram);
  X86EntryState load_pvh(const GuestMemory& memory, RamState ram);
  uint64_t load_kernel(const GuestMemory& memory, RamState ram,
                       std::span<const MemoryMapEntry> map);
  uint64_t load_packed(const GuestMemory& memory, std::span<const MemoryMapEntry> map);
  std::optional<uint64_t> load_direct(const GuestMemory& memory, RamState ram);
  void place_initrd(const GuestMemory& memory, std::span<const MemoryMapEntry> map,
                    std::span<const uint64_t> limits);

  LinuxBootRequest request_;
  std::unique_ptr<Files> files_;
  BootReport report_;
};

}  // namespace lintel::boot
