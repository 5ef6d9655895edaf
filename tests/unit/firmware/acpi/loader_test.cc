// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/loader.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "firmware/acpi/builders.h"
#include "tests/unit/firmware/acpi/example.h"

namespace lintel::acpi {
namespace {

// Runs a script as firmware does: places the files, then patches them.
class Firmware {
 public:
  explicit Firmware(const LoaderFiles& files) {
    contents_[std::string(kRsdpFile)] = files.rsdp;
    contents_[std::string(kTablesFile)] = files.tables;
    EXPECT_EQ(files.loader.size() % kCommandSize, 0u);
    for (size_t at = 0; at + kCommandSize <= files.loader.size(); at += kCommandSize) {
      run(files.loader.data() + at);
    }
  }

  const Bytes& rsdp() { return contents_[std::string(kRsdpFile)]; }
  const Bytes& tables() { return contents_[std::string(kTablesFile)]; }
  uint64_t tables_address() { return addresses_.at(std::string(kTablesFile)); }

 private:
  static constexpr size_t kCommandSize = 128;
  static constexpr size_t kNameSize = 56;

  static std::string name(const std::byte* at) {
    const std::string padded(reinterpret_cast<const char*>(at), kNameSize);
    return padded.substr(0, padded.find('\0'));
  }

  void run(const std::byte* command) {
    const std::byte* body = command + 4;
    switch (load_le<uint32_t>(command)) {
      case 1: return allocate(name(body), load_le<uint32_t>(body + kNameSize));
      case 2:
        return add_pointer(contents_.at(name(body)), name(body + kNameSize), body + 2 * kNameSize);
      case 3: return add_checksum(contents_.at(name(body)), body + kNameSize);
      default: ADD_FAILURE() << "unknown command";
    }
  }

  void allocate(const std::string& file, uint32_t alignment) {
    next_ = align_up(next_, alignment);
    addresses_[file] = next_;
    next_ += contents_.at(file).size();
  }

  void add_pointer(Bytes& in, const std::string& to, const std::byte* arguments) {
    const auto offset = load_le<uint32_t>(arguments);
    const auto size = load_le<uint8_t>(arguments + 4);
    ASSERT_LE(offset + size, in.size());
    const uint64_t value = load_le_bytes(in.data() + offset, size);
    ASSERT_LT(value, contents_.at(to).size());
    store_le_bytes(in.data() + offset, value + addresses_.at(to), size);
  }

  void add_checksum(Bytes& in, const std::byte* arguments) {
    const auto result = load_le<uint32_t>(arguments);
    const auto start = load_le<uint32_t>(arguments + 4);
    const auto length = load_le<uint32_t>(arguments + 8);
    ASSERT_LE(start + length, in.size());
    ASSERT_EQ(in.at(result), std::byte{0});
    in[result] = std::byte{checksum(std::span(in).subspan(start, length))};
  }

  std::map<std::string, Bytes> contents_;
  std::map<std::string, uint64_t> addresses_;
  uint64_t next_ = 0x7f000010;
};

TEST(LoaderFiles, script_gives_the_tables_that_a_direct_build_gives) {
  const PcTables description = example_tables(8);
  Firmware firmware(build_loader_files(description));
  // The same tables, built for the place that the firmware chose. The RSDP goes elsewhere.
  const GuestRange area = {GuestAddress(firmware.tables_address() - kFacsAlignment), kMiB};
  const PlacedTables direct = build_pc_tables(description, area);
  EXPECT_EQ(firmware.tables(), Bytes(direct.bytes.begin() + static_cast<ptrdiff_t>(kFacsAlignment),
                                     direct.bytes.end()));
  EXPECT_EQ(firmware.rsdp(), Bytes(direct.bytes.begin(), direct.bytes.begin() + rsdp::kSize));
}

}  // namespace
}  // namespace lintel::acpi
