// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/loader.h"

#include <utility>

#include "firmware/acpi/builders.h"

namespace lintel::acpi {
namespace {

enum class Command : uint32_t { kAllocate = 1, kAddPointer = 2, kAddChecksum = 3 };
// SeaBIOS looks for the RSDP only in the segment at 0xf0000.
enum class Zone : uint8_t { kHigh = 1, kSegmentF = 2 };
constexpr size_t kCommandSize = 128;
constexpr size_t kFileNameSize = 56;

// The FACS, which has the strictest alignment, is the first behind the RSDP.
constexpr uint32_t kTablesStart = kFacsAlignment;
static_assert(kTablesStart >= rsdp::kSize);

// An offset in the image as a file and an offset in it.
struct Place {
  std::string_view file;
  uint32_t offset;
};
Place place_of(uint32_t offset) {
  if (offset < kTablesStart) return {kRsdpFile, offset};
  return {kTablesFile, offset - kTablesStart};
}

class Script {
 public:
  void allocate(std::string_view file, uint64_t alignment, Zone zone) {
    begin(Command::kAllocate);
    add_name(file);
    append(bytes_, static_cast<uint32_t>(alignment));
    append(bytes_, static_cast<uint8_t>(zone));
    end();
  }

  void add_pointer(const PointerField& pointer) {
    const Place at = place_of(pointer.offset);
    begin(Command::kAddPointer);
    add_name(at.file);
    add_name(place_of(pointer.target).file);
    append(bytes_, at.offset);
    append(bytes_, pointer.size);
    end();
  }

  void add_checksum(const ChecksumField& checksum) {
    const Place at = place_of(checksum.offset);
    begin(Command::kAddChecksum);
    add_name(at.file);
    append(bytes_, at.offset);
    append(bytes_, place_of(checksum.start).offset);
    append(bytes_, checksum.length);
    end();
  }

  Bytes take() { return std::move(bytes_); }

 private:
  void begin(Command command) {
    start_ = bytes_.size();
    append(bytes_, static_cast<uint32_t>(command));
  }
  void end() { bytes_.resize(start_ + kCommandSize); }

  void add_name(std::string_view name) {
    const size_t end = bytes_.size() + kFileNameSize;
    append(bytes_, name);
    bytes_.resize(end);
  }

  Bytes bytes_;
  size_t start_ = 0;
};

constexpr GuestRange kAnyArea = {GuestAddress(0), 4 * kGiB};

LoaderFiles split(PlacedTables placed) {
  Script script;
  script.allocate(kRsdpFile, rsdp::kAlignment, Zone::kSegmentF);
  script.allocate(kTablesFile, kFacsAlignment, Zone::kHigh);
  for (const PointerField& pointer : placed.pointers) {
    store_le_bytes(placed.bytes.data() + pointer.offset, place_of(pointer.target).offset,
                   pointer.size);
    script.add_pointer(pointer);
  }
  for (const ChecksumField& checksum : placed.checksums) {
    // Firmware sums the range as it finds it.
    placed.bytes[checksum.offset] = std::byte{0};
    script.add_checksum(checksum);
  }
  const auto tables = placed.bytes.begin() + kTablesStart;
  return {.rsdp = Bytes(placed.bytes.begin(), placed.bytes.begin() + rsdp::kSize),
          .tables = Bytes(tables, placed.bytes.end()),
          .loader = script.take()};
}

}  // namespace

LoaderFiles build_loader_files(const PcTables& description) {
  return split(build_pc_tables(description, kAnyArea));
}

LoaderFiles build_loader_files(const VirtTables& description) {
  return split(build_virt_tables(description, kAnyArea));
}

}  // namespace lintel::acpi
