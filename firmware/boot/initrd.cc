// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/initrd.h"

#include <array>

#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr uint64_t kFileAlignment = 4;
constexpr uint64_t kSizeLimit = 1024 * kGiB;

}  // namespace

Initrd::Initrd(std::span<const std::string> paths) {
  files_.reserve(paths.size());
  for (const std::string& path : paths) {
    with_context([&] { return "Cannot use initrd " + path; }, [&] { files_.emplace_back(path); });
    // Sparse files can claim sizes whose sum wraps.
    if (files_.back().size() > kSizeLimit) {
      throw_error("Cannot use initrd {}: {:#x} bytes are more than any guest's memory", path,
                  files_.back().size());
    }
    size_ = align_up(size_, kFileAlignment) + files_.back().size();
    if (size_ > kSizeLimit)
      throw_error("Cannot use {} initrd files: they are too large", paths.size());
  }
}

void Initrd::load(const GuestMemory& memory, GuestAddress address) const {
  uint64_t at = 0;
  for (const FileSource& file : files_) {
    with_context([&] { return "Cannot load initrd " + file.path(); },
                 [&] {
                   file.read_into(memory, address + at, 0, file.size());
                   at += file.size();
                   const std::array<std::byte, kFileAlignment> zeros{};
                   const uint64_t padding = align_up(at, kFileAlignment) - at;
                   if (at + padding <= size_) {
                     memory.write(address + at, std::span(zeros).first(padding));
                     at += padding;
                   }
                 });
  }
}

}  // namespace lintel::boot
