// SPDX-License-Identifier: Apache-2.0
// Small kernels, made for tests: what a field says and what is there can be told apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/boot/decompress.h"
#include "firmware/boot/linux_x86.h"
#include "vmm/base/types.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

using Bytes = std::vector<std::byte>;

Bytes to_bytes(std::string_view text);
void append(Bytes& to, std::span<const std::byte> from);
template <typename T>
void append_value(Bytes& to, T value) {
  append(to, std::as_bytes(std::span(&value, 1)));
}
template <typename T>
void set_value(Bytes& bytes, size_t offset, T value) {
  if (bytes.size() < offset + sizeof value) bytes.resize(offset + sizeof value);
  const auto from = std::as_bytes(std::span(&value, 1));
  std::copy(from.begin(), from.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}
template <typename T>
T get_value(const GuestMemory& memory, uint64_t address) {
  T value{};
  if (!memory.read_object(GuestAddress(address), value)) throw std::out_of_range("guest memory");
  return value;
}

struct TestSegment {
  uint64_t physical = 0;
  Bytes content = {};
  uint64_t memory_size = 0;  // zero: the content's
  uint32_t type = 1;
};

struct TestElf {
  uint64_t entry = 0;
  std::vector<TestSegment> segments = {};
  bool sections = true;
};

Bytes build_elf(const TestElf& elf);
// A note with four-byte alignment.
Bytes build_note(std::string_view name, uint32_t type, std::span<const std::byte> description);

// The lists as addresses; empty optional: the layout without the inverse list.
struct TestRelocations {
  std::vector<uint32_t> address64 = {};
  std::optional<std::vector<uint32_t>> inverse32 = {};
  std::vector<uint32_t> address32 = {};
};
Bytes build_relocations(const TestRelocations& relocations);

Bytes compress(std::span<const std::byte> content, Compression compression);

struct TestBzImage {
  Bytes payload = {};  // compressed
  uint64_t preferred_address = 16 * kMiB;
  uint32_t init_size = 4 * kMiB;
  uint32_t alignment = 2 * kMiB;
  uint32_t command_line_size = 2047;
  uint32_t initrd_address_max = 0x7fffffff;
  uint16_t version = 0x20f;
  uint16_t xloadflags = 0x3;
  bool relocatable = true;
};
Bytes build_bzimage(const TestBzImage& image);

// What TestBzImage's default place holds: 16 MiB, two segments, one word of each relocation kind.
inline constexpr uint64_t kTestKernelBase = 16 * kMiB;
inline constexpr uint64_t kTestKernelEntry = kTestKernelBase + 0x40;
inline constexpr uint64_t kTestKernelSize = 3 * kMiB;
inline constexpr uint32_t kWord64 = 0x100;  // offsets of the words
inline constexpr uint32_t kInverse32 = 0x200;
inline constexpr uint32_t kWord32 = 0x300;
Bytes build_unpacked_kernel(bool with_inverse = true);

// A folder that is removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  // Writes a file and returns its path.
  std::string file(std::string_view name, std::span<const std::byte> content) const;

 private:
  std::string path_;
};

GuestMemory make_memory(uint64_t low_size, uint64_t high_size = 0);

// The board's places, and the reserved end of the first megabyte.
LinuxBootRequest make_request(const std::string& kernel_path);

}  // namespace lintel::boot
