// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/fw_cfg.h"

#include <sys/mman.h>
#include <unistd.h>

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/fakes/guest_ram.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel {
namespace {

constexpr uint32_t kError = 0x01;
constexpr uint32_t kRead = 0x02;
constexpr uint32_t kSkip = 0x04;
constexpr uint32_t kSelect = 0x08;
constexpr uint32_t kWrite = 0x10;

std::vector<std::byte> to_bytes(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

class FwCfgTest : public testing::Test {
 protected:
  static constexpr uint64_t kDescriptor = 0x1000;
  static constexpr uint64_t kBuffer = 0x2000;

  std::string read_port(uint16_t key, size_t count) {
    config.ports().write(0, AccessSize::k2, key);
    std::string text;
    for (size_t i = 0; i < count; ++i) {
      text += static_cast<char>(config.ports().read(1, AccessSize::k1));
    }
    return text;
  }

  // Returns the control word that the device left.
  uint32_t dma(uint32_t control, uint32_t length, uint64_t address) {
    std::array<std::byte, 16> descriptor;
    store_be(&descriptor[0], control);
    store_be(&descriptor[4], length);
    store_be(&descriptor[8], address);
    EXPECT_TRUE(ram.write(GuestAddress(kDescriptor), descriptor));
    config.ports().write(8, AccessSize::k4, byte_swap(static_cast<uint32_t>(kDescriptor)));
    EXPECT_TRUE(ram.read(GuestAddress(kDescriptor), descriptor));
    return load_be<uint32_t>(descriptor.data());
  }

  std::string text_at(uint64_t address, size_t size) {
    std::string text(size, '?');
    EXPECT_TRUE(ram.read(GuestAddress(address), std::as_writable_bytes(std::span(text))));
    return text;
  }

  struct Entry {
    uint32_t size;
    uint16_t key;
    std::string name;
  };
  std::vector<Entry> directory() {
    const std::string count = read_port(fw_cfg_key::kFileDirectory, 4);
    std::vector<Entry> entries;
    for (uint32_t i = 0; i < load_be<uint32_t>(count.data()); ++i) {
      std::string raw;
      for (int j = 0; j < 64; ++j) {
        raw += static_cast<char>(config.ports().read(1, AccessSize::k1));
      }
      entries.push_back(
          {load_be<uint32_t>(&raw[0]), load_be<uint16_t>(&raw[4]), std::string(&raw[8])});
    }
    return entries;
  }

  GuestMemory ram = make_guest_ram({{GuestAddress(0), 64 * kKiB}});
  FwCfg config{ram};
};

TEST_F(FwCfgTest, Signature_and_features_tell_of_the_device) {
  EXPECT_EQ(read_port(fw_cfg_key::kSignature, 4), "QEMU");
  EXPECT_EQ(read_port(fw_cfg_key::kId, 4), std::string("\x03\0\0\0", 4));
  // The DMA address register reads as a signature, its first byte first.
  EXPECT_EQ(config.ports().read(4, AccessSize::k4), 0x554d4551u);
  EXPECT_EQ(config.ports().read(8, AccessSize::k4), 0x47464320u);
}

TEST_F(FwCfgTest, Data_beyond_the_end_is_zero) {
  EXPECT_EQ(read_port(fw_cfg_key::kSignature, 6), std::string("QEMU\0\0", 6));
  EXPECT_EQ(read_port(0x1234, 2), std::string(2, '\0'));
}

TEST_F(FwCfgTest, Directory_is_sorted_whatever_the_order_of_adding) {
  config.add_file("etc/table-loader", to_bytes("loader"));
  config.add_file("bootorder", to_bytes("hd"));
  config.add_file("etc/acpi/tables", to_bytes("DSDT"));
  const auto entries = directory();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].name, "bootorder");
  EXPECT_EQ(entries[0].key, 0x20);
  EXPECT_EQ(entries[1].name, "etc/acpi/tables");
  EXPECT_EQ(entries[2].name, "etc/table-loader");
  EXPECT_EQ(entries[2].size, 6u);
  EXPECT_EQ(read_port(entries[2].key, 6), "loader");
  EXPECT_EQ(read_port(entries[0].key, 2), "hd");
}

TEST_F(FwCfgTest, Numbered_items_are_read_by_number) {
  config.add_item_u16(fw_cfg_key::kCpuCount, 0x0102);
  config.add_item(0x8003, to_bytes("e820"));
  EXPECT_EQ(read_port(fw_cfg_key::kCpuCount, 2), "\x02\x01");
  EXPECT_EQ(read_port(0x8003, 4), "e820");
}

TEST_F(FwCfgTest, Names_and_keys_are_checked) {
  const std::vector<std::byte> empty;
  config.add_file("a", empty);
  EXPECT_THROW(config.add_file("a", empty), Error);
  EXPECT_THROW(config.add_file("", empty), Error);
  EXPECT_THROW(config.add_file(std::string(56, 'n'), empty), Error);
  EXPECT_NO_THROW(config.add_file(std::string(55, 'n'), empty));
  EXPECT_THROW(config.add_item(fw_cfg_key::kSignature, empty), Error);
  EXPECT_THROW(config.add_item(fw_cfg_key::kFileDirectory, empty), Error);
  EXPECT_THROW(config.add_item(0x20, empty), Error);
  EXPECT_THROW(config.add_item(0x4001, empty), Error);
}

TEST_F(FwCfgTest, Dma_selects_and_reads) {
  config.add_file("etc/x", to_bytes("0123456789"));
  EXPECT_EQ(dma(0x20 << 16 | kSelect | kRead, 4, kBuffer), 0u);
  EXPECT_EQ(text_at(kBuffer, 4), "0123");
  EXPECT_EQ(dma(kSkip, 3, 0), 0u);
  EXPECT_EQ(dma(kRead, 5, kBuffer), 0u);
  EXPECT_EQ(text_at(kBuffer, 5), std::string("789\0\0", 5));
}

TEST_F(FwCfgTest, Dma_address_may_come_in_two_halves_or_at_once) {
  config.add_file("etc/x", to_bytes("ok"));
  std::array<std::byte, 16> descriptor;
  store_be(&descriptor[0], uint32_t{0x20 << 16 | kSelect | kRead});
  store_be(&descriptor[4], uint32_t{2});
  store_be(&descriptor[8], uint64_t{kBuffer});
  ASSERT_TRUE(ram.write(GuestAddress(kDescriptor), descriptor));
  // A high half that points elsewhere is used once, then forgotten.
  config.ports().write(4, AccessSize::k4, byte_swap(1u));
  config.ports().write(8, AccessSize::k4, byte_swap(static_cast<uint32_t>(kDescriptor)));
  EXPECT_EQ(text_at(kBuffer, 2), std::string(2, '\0'));
  config.memory_window().write(16, AccessSize::k8, byte_swap(kDescriptor));
  EXPECT_EQ(text_at(kBuffer, 2), "ok");
}

TEST_F(FwCfgTest, Dma_outside_of_ram_fails_and_changes_nothing) {
  config.add_file("etc/x", to_bytes("data"));
  EXPECT_EQ(dma(0x20 << 16 | kSelect | kRead, 4, 64 * kKiB - 2), kError);
  EXPECT_EQ(text_at(64 * kKiB - 2, 2), std::string(2, '\0'));
  EXPECT_EQ(dma(0x20 << 16 | kSelect | kRead, 0xffffffff, kBuffer), kError);
  EXPECT_EQ(dma(kRead, 4, UINT64_MAX - 1), kError);
}

TEST_F(FwCfgTest, Dma_of_nothing_succeeds) {
  EXPECT_EQ(dma(0, 100, UINT64_MAX), 0u);
  EXPECT_EQ(dma(kRead, 0, UINT64_MAX), 0u);
}

TEST_F(FwCfgTest, Dma_descriptor_outside_of_ram_is_dropped) {
  config.ports().write(4, AccessSize::k4, 0xffffffff);
  config.ports().write(8, AccessSize::k4, 0xffffffff);
  EXPECT_EQ(read_port(fw_cfg_key::kSignature, 4), "QEMU");
}

TEST_F(FwCfgTest, Writable_file_takes_dma_writes_within_its_size) {
  config.add_file("etc/addr", to_bytes("........"), FwCfg::Access::kWritable);
  ASSERT_TRUE(ram.write(GuestAddress(kBuffer), to_bytes("ADDRESS!")));
  EXPECT_EQ(dma(0x20 << 16 | kSelect | kWrite, 8, kBuffer), 0u);
  EXPECT_EQ(config.content("etc/addr"), to_bytes("ADDRESS!"));
  EXPECT_EQ(dma(0x20 << 16 | kSelect | kWrite, 9, kBuffer), kError);
  EXPECT_EQ(dma(0x20 << 16 | kSelect | kSkip, 6, 0), 0u);
  EXPECT_EQ(dma(kWrite, 3, kBuffer), kError);
  EXPECT_EQ(config.content("etc/addr"), to_bytes("ADDRESS!"));
  config.ports().reset();
  EXPECT_EQ(config.content("etc/addr"), to_bytes("........"));
}

TEST_F(FwCfgTest, Other_files_cannot_be_written) {
  config.add_file("etc/x", to_bytes("const"));
  EXPECT_EQ(dma(0x20 << 16 | kSelect | kWrite, 5, kBuffer), kError);
  EXPECT_EQ(dma(0x00 << 16 | kSelect | kWrite, 4, kBuffer), kError);
  config.ports().write(1, AccessSize::k1, 'X');
  EXPECT_EQ(config.content("etc/x"), to_bytes("const"));
}

TEST_F(FwCfgTest, File_of_the_host_is_read_in_place) {
  UniqueFd fd(memfd_create("kernel", MFD_CLOEXEC));
  write_exactly(fd.get(), to_bytes("....kernel...."), 0);
  UniqueFd copy = duplicate_fd(fd.get());
  config.add_item(fw_cfg_key::kKernelData, {std::move(copy), 4, 6});
  EXPECT_EQ(read_port(fw_cfg_key::kKernelData, 8), std::string("kernel\0\0", 8));
  EXPECT_EQ(dma(fw_cfg_key::kKernelData << 16 | kSelect | kRead, 6, kBuffer), 0u);
  EXPECT_EQ(text_at(kBuffer, 6), "kernel");
  // Cut short behind our back: an error for the guest, not for us.
  ASSERT_EQ(ftruncate(fd.get(), 5), 0);
  EXPECT_EQ(dma(fw_cfg_key::kKernelData << 16 | kSelect | kRead, 6, kBuffer), kError);
}

TEST_F(FwCfgTest, Memory_window_has_a_big_endian_selector_and_wide_data) {
  Device& window = config.memory_window();
  config.add_item(0x8003, to_bytes("12345678abcdef"));
  window.write(8, AccessSize::k2, byte_swap(uint16_t{0x8003}));
  EXPECT_EQ(window.read(0, AccessSize::k8), load_le<uint64_t>("12345678"));
  EXPECT_EQ(window.read(0, AccessSize::k4), load_le<uint32_t>("abcd"));
  EXPECT_EQ(window.read(0, AccessSize::k1), uint64_t{'e'});
  EXPECT_EQ(window.read(16, AccessSize::k8), load_le<uint64_t>("QEMU CFG"));
  EXPECT_EQ(window.read(16, AccessSize::k4), load_le<uint32_t>("QEMU"));
  EXPECT_EQ(window.read(20, AccessSize::k4), load_le<uint32_t>(" CFG"));
}

TEST_F(FwCfgTest, Memory_window_takes_the_dma_address_in_two_big_endian_halves) {
  Device& window = config.memory_window();
  config.add_file("etc/x", to_bytes("ok"));
  std::array<std::byte, 16> descriptor;
  store_be(&descriptor[0], uint32_t{0x20 << 16 | kSelect | kRead});
  store_be(&descriptor[4], uint32_t{2});
  store_be(&descriptor[8], uint64_t{kBuffer});
  ASSERT_TRUE(ram.write(GuestAddress(kDescriptor), descriptor));
  // The low half starts the transfer; in the other byte order it names no memory.
  window.write(16, AccessSize::k4, 0);
  window.write(20, AccessSize::k4, kDescriptor);
  EXPECT_EQ(text_at(kBuffer, 2), std::string(2, '\0'));
  window.write(16, AccessSize::k4, byte_swap(1u));
  window.write(20, AccessSize::k4, byte_swap(static_cast<uint32_t>(kDescriptor)));
  EXPECT_EQ(text_at(kBuffer, 2), std::string(2, '\0')) << "the high half counts";
  window.write(16, AccessSize::k4, 0);
  window.write(20, AccessSize::k4, byte_swap(static_cast<uint32_t>(kDescriptor)));
  EXPECT_EQ(text_at(kBuffer, 2), "ok");
}

TEST_F(FwCfgTest, Memory_window_shares_its_state_with_the_ports) {
  Device& window = config.memory_window();
  config.add_file("etc/x", to_bytes("abcdef"));
  config.ports().write(0, AccessSize::k2, 0x20);
  EXPECT_EQ(window.read(0, AccessSize::k2), load_le<uint16_t>("ab"));
  EXPECT_EQ(config.ports().read(1, AccessSize::k1), uint64_t{'c'});
  window.reset();
  EXPECT_EQ(config.ports().read(1, AccessSize::k1), uint64_t{'Q'}) << "item 0 is selected";
}

TEST_F(FwCfgTest, Memory_window_drops_what_no_register_takes) {
  Device& window = config.memory_window();
  config.add_file("etc/x", to_bytes("abcdef"));
  window.write(8, AccessSize::k2, byte_swap(uint16_t{0x20}));
  window.write(8, AccessSize::k1, 0x01);
  window.write(10, AccessSize::k2, 0x0100);
  window.write(0, AccessSize::k8, UINT64_MAX);
  window.write(18, AccessSize::k2, 0);
  EXPECT_EQ(window.read(8, AccessSize::k2), 0u);
  EXPECT_EQ(window.read(0, AccessSize::k8), load_le<uint64_t>("abcdef\0\0"));
}

}  // namespace
}  // namespace lintel
