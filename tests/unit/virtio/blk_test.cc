// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/blk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/virtio.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::virtio {
namespace {

using fakes::Buffer;

constexpr uint64_t kFlush = 1ull << 9;
constexpr uint32_t kIn = 0;
constexpr uint32_t kOut = 1;
constexpr uint32_t kFlushRequest = 4;
constexpr uint32_t kGetId = 8;
constexpr uint32_t kDiscard = 11;
constexpr uint32_t kWriteZeroes = 13;
constexpr char kOk = 0;
constexpr char kIoError = 1;
constexpr char kUnsupported = 2;

std::string header(uint32_t type, uint64_t sector) {
  std::string bytes(16, '\0');
  store_le(bytes.data(), type);
  store_le(bytes.data() + 8, sector);
  return bytes;
}

std::string range(uint64_t sector, uint32_t count, uint32_t flags) {
  std::string bytes(16, '\0');
  store_le(bytes.data(), sector);
  store_le(bytes.data() + 8, count);
  store_le(bytes.data() + 12, flags);
  return bytes;
}

// 64 KiB, sector n filled with the letter 'a' + n % 26.
class TemporaryDisk {
 public:
  static constexpr uint64_t kSectors = 128;

  TemporaryDisk() {
    UniqueFd fd(mkstemp(path_.data()));
    std::string content;
    for (uint64_t i = 0; i < kSectors; ++i) content += letters(i);
    write_exactly(fd.get(), std::as_bytes(std::span(content)), 0);
  }
  ~TemporaryDisk() { unlink(path_.c_str()); }

  static std::string letters(uint64_t sector) {
    return std::string(512, static_cast<char>('a' + sector % 26));
  }
  const std::string& path() const { return path_; }
  std::string content() const { return read_whole_file(path_); }
  std::string sector(uint64_t number) const { return content().substr(512 * number, 512); }

 private:
  std::string path_ = testing::TempDir() + "lintel-disk-XXXXXX";
};

class BlkTest : public testing::TestWithParam<DiskEngineKind> {
 protected:
  BlkOptions options() {
    return {.disk = {.path = disk.path()}, .serial = "serial", .engine = GetParam()};
  }
  void start() { start(options()); }
  void start(const BlkOptions& how) {
    blk.emplace(harness.loop(), how);
    harness.activate(*blk, blk->features());
  }
  fakes::DriverQueue& driver() { return harness.driver(0); }

  Buffer status() {
    const Buffer buffer = driver().writable(1);
    harness.memory.write_object(buffer.address, uint8_t{0xee});
    return buffer;
  }
  // Adds a request, waits for its end, returns the status byte.
  char run(std::vector<Buffer> buffers) {
    const Buffer last = status();
    buffers.push_back(last);
    driver().add(buffers);
    return finish(last);
  }
  char finish(const Buffer& last) {
    harness.queues[0]->kick().signal();
    harness.interrupts.await_queue(0, ++requests);
    const auto used = driver().take_used();
    EXPECT_TRUE(used);
    used_length = used ? used->length : 0;
    return driver().content(last.address, 1)[0];
  }
  std::string config() {
    std::string bytes(blk->config_size(), '\0');
    blk->read_config(0, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }

  TemporaryDisk disk;
  fakes::DeviceHarness harness;
  std::optional<Blk> blk;
  int requests = 0;
  uint32_t used_length = 0;
};

TEST_P(BlkTest, Read_returns_the_sectors) {
  start();
  const Buffer data = driver().writable(1024);
  EXPECT_EQ(run({driver().readable(header(kIn, 3)), data}), kOk);
  EXPECT_EQ(driver().content(data.address, 1024),
            TemporaryDisk::letters(3) + TemporaryDisk::letters(4));
  EXPECT_EQ(used_length, 1025u);
}

TEST_P(BlkTest, Write_changes_the_sectors_and_flush_succeeds) {
  start();
  const std::string text(1024, 'X');
  EXPECT_EQ(run({driver().readable(header(kOut, 126)), driver().readable(text)}), kOk);
  EXPECT_EQ(used_length, 1u);
  EXPECT_EQ(run({driver().readable(header(kFlushRequest, 0))}), kOk);
  EXPECT_EQ(disk.sector(125), TemporaryDisk::letters(125));
  EXPECT_EQ(disk.sector(126) + disk.sector(127), text);
}

TEST_P(BlkTest, Buffers_may_be_cut_anywhere) {
  start();
  const std::string head = header(kOut, 1);
  const std::string text = std::string(300, '1') + std::string(212, '2');
  EXPECT_EQ(run({driver().readable(head.substr(0, 5)),
                 driver().readable(head.substr(5) + text.substr(0, 100)),
                 driver().readable(text.substr(100))}),
            kOk);
  EXPECT_EQ(disk.sector(1), text);

  const Buffer first = driver().writable(100);
  const Buffer rest = driver().writable(413);  // data and status in one
  driver().add({driver().readable(header(kIn, 1)), first, rest});
  EXPECT_EQ(finish({rest.address + 412, 1, true}), kOk);
  EXPECT_EQ(driver().content(first.address, 100) + driver().content(rest.address, 412), text);
}

TEST_P(BlkTest, Requests_beyond_the_end_fail_and_change_nothing) {
  start();
  const std::string before = disk.content();
  const std::string two(1024, 'X');
  for (const uint64_t sector : {uint64_t{127}, uint64_t{128}, uint64_t{1} << 55, UINT64_MAX,
                                UINT64_MAX / 512, UINT64_MAX - 1}) {
    EXPECT_EQ(run({driver().readable(header(kOut, sector)), driver().readable(two)}), kIoError)
        << sector;
    EXPECT_EQ(run({driver().readable(header(kIn, sector)), driver().writable(1024)}), kIoError)
        << sector;
    EXPECT_EQ(used_length, 0u);
  }
  EXPECT_EQ(disk.content(), before);
}

TEST_P(BlkTest, Parts_of_sectors_fail) {
  start();
  EXPECT_EQ(run({driver().readable(header(kIn, 0)), driver().writable(511)}), kIoError);
  EXPECT_EQ(run({driver().readable(header(kOut, 0)), driver().readable("x")}), kIoError);
}

TEST_P(BlkTest, Short_header_fails) {
  start();
  EXPECT_EQ(run({driver().readable("short")}), kIoError);
  EXPECT_EQ(run({}), kIoError);
}

TEST_P(BlkTest, Request_without_status_byte_is_returned_and_not_carried_out) {
  start();
  driver().add({driver().readable(header(kOut, 0)), driver().readable(std::string(512, 'X'))});
  harness.queues[0]->kick().signal();
  harness.interrupts.await_queue(0, 1);
  EXPECT_EQ(driver().take_used()->length, 0u);
  EXPECT_EQ(disk.sector(0), TemporaryDisk::letters(0));
}

TEST_P(BlkTest, Unknown_request_is_unsupported) {
  start();
  EXPECT_EQ(run({driver().readable(header(77, 0))}), kUnsupported);
}

TEST_P(BlkTest, Id_is_the_serial) {
  start();
  const Buffer id = driver().writable(20);
  EXPECT_EQ(run({driver().readable(header(kGetId, 0)), id}), kOk);
  EXPECT_EQ(driver().content(id.address, 20), std::string("serial") + std::string(14, '\0'));
  const Buffer small = driver().writable(3);
  EXPECT_EQ(run({driver().readable(header(kGetId, 0)), small}), kOk);
  EXPECT_EQ(driver().content(small.address, 3), "ser");
}

TEST_P(BlkTest, Discard_makes_a_hole) {
  start();
  EXPECT_EQ(run({driver().readable(header(kDiscard, 0)), driver().readable(range(8, 16, 0))}), kOk);
  EXPECT_EQ(disk.sector(7), TemporaryDisk::letters(7));
  EXPECT_EQ(disk.sector(24), TemporaryDisk::letters(24));
  EXPECT_EQ(disk.content().size(), 64 * kKiB);
}

TEST_P(BlkTest, Write_zeroes_writes_zeroes) {
  start();
  for (const uint32_t unmap : {0u, 1u}) {
    const uint64_t first = 10 + 40 * unmap;
    EXPECT_EQ(run({driver().readable(header(kWriteZeroes, 0)),
                   driver().readable(range(first, 30, unmap))}),
              kOk);
    EXPECT_EQ(disk.content().substr(512 * first, 512 * 30), std::string(512 * 30, '\0'));
    EXPECT_EQ(disk.sector(first - 1)[0] != 0, true);
    EXPECT_EQ(disk.sector(first + 30), TemporaryDisk::letters(first + 30));
  }
}

TEST_P(BlkTest, Bad_ranges_fail_and_change_nothing) {
  start();
  const std::string before = disk.content();
  for (const uint32_t type : {kDiscard, kWriteZeroes}) {
    const auto attempt = [&](const std::string& data) {
      return run({driver().readable(header(type, 0)), driver().readable(data)});
    };
    EXPECT_EQ(attempt(range(128, 1, 0)), kIoError);
    EXPECT_EQ(attempt(range(127, 2, 0)), kIoError);
    EXPECT_EQ(attempt(range(UINT64_MAX, 2, 0)), kIoError);
    EXPECT_EQ(attempt(range(0, UINT32_MAX, 0)), kIoError);
    EXPECT_EQ(attempt(range(0, 1, 2)), kUnsupported);
    EXPECT_EQ(attempt(range(0, 1, 0) + range(2, 1, 0)), kIoError);
    EXPECT_EQ(attempt("short"), kIoError);
    EXPECT_EQ(attempt(range(5, 0, 0)), kOk);
  }
  EXPECT_EQ(disk.content(), before);
}

TEST_P(BlkTest, Readonly_disk_refuses_changes) {
  BlkOptions how = options();
  how.disk.readonly = true;
  start(how);
  const std::string before = disk.content();
  EXPECT_NE(blk->features() & (1u << 5), 0u);
  EXPECT_EQ(run({driver().readable(header(kOut, 0)), driver().readable(std::string(512, 'X'))}),
            kIoError);
  EXPECT_EQ(run({driver().readable(header(kDiscard, 0)), driver().readable(range(0, 1, 0))}),
            kIoError);
  EXPECT_EQ(run({driver().readable(header(kIn, 0)), driver().writable(512)}), kOk);
  EXPECT_EQ(disk.content(), before);
}

TEST_P(BlkTest, Discard_that_is_not_offered_is_unsupported) {
  BlkOptions how = options();
  how.discard = false;
  start(how);
  EXPECT_EQ(blk->features() & (1u << 13), 0u);
  EXPECT_EQ(run({driver().readable(header(kDiscard, 0)), driver().readable(range(0, 1, 0))}),
            kUnsupported);
}

TEST_P(BlkTest, Driver_without_flush_writes_through) {
  blk.emplace(harness.loop(), options());
  harness.activate(*blk, blk->features() & ~kFlush);
  EXPECT_EQ(run({driver().readable(header(kOut, 0)), driver().readable(std::string(512, 'X'))}),
            kOk);
  EXPECT_EQ(run({driver().readable(header(kWriteZeroes, 0)), driver().readable(range(1, 1, 0))}),
            kOk);
  EXPECT_EQ(disk.sector(0), std::string(512, 'X'));
  EXPECT_EQ(disk.sector(1), std::string(512, '\0'));
}

TEST_P(BlkTest, Many_requests_are_all_completed) {
  start();
  std::vector<Buffer> data;
  std::vector<Buffer> ends;
  for (uint64_t i = 0; i < 80; ++i) {
    data.push_back(driver().writable(512));
    ends.push_back(status());
    driver().add({driver().readable(header(kIn, i)), data.back(), ends.back()});
  }
  harness.queues[0]->kick().signal();
  // Interrupts may be one for all or one for each.
  for (int seen = 1; driver().used_index() < 80; ++seen) harness.interrupts.await_queue(0, seen);
  for (uint64_t i = 0; i < 80; ++i) {
    EXPECT_EQ(driver().content(ends[i].address, 1)[0], kOk);
    EXPECT_EQ(driver().content(data[i].address, 512), TemporaryDisk::letters(i));
  }
}

TEST_P(BlkTest, Reset_waits_for_requests_under_way) {
  start();
  std::vector<Buffer> ends;
  for (uint64_t i = 0; i < 80; ++i) {
    ends.push_back(status());
    driver().add({driver().readable(header(kIn, i)), driver().writable(512), ends.back()});
  }
  harness.kick(0);
  blk->reset();
  for (const Buffer& end : ends) EXPECT_EQ(driver().content(end.address, 1)[0], kOk);
  blk->reset();
}

TEST_P(BlkTest, File_that_shrinks_gives_errors) {
  start();
  ASSERT_EQ(truncate(disk.path().c_str(), 1024), 0);
  EXPECT_EQ(run({driver().readable(header(kIn, 100)), driver().writable(512)}), kIoError);
  EXPECT_EQ(run({driver().readable(header(kIn, 1)), driver().writable(1024)}), kIoError);
  EXPECT_EQ(run({driver().readable(header(kIn, 1)), driver().writable(512)}), kOk);
}

TEST_P(BlkTest, Direct_io_copies_misaligned_buffers) {
  BlkOptions how = options();
  how.disk.direct = true;
  try {
    start(how);
  } catch (const Error& error) {
    GTEST_SKIP() << error.describe();
  }
  const uint64_t block = blk->disk().geometry().logical_block;
  const uint64_t sectors = block / 512;
  const std::string text(2 * block, 'D');
  const Buffer odd{driver().allocate(2 * block + 1) + 1, static_cast<uint32_t>(2 * block), false};
  harness.memory.write(odd.address, std::as_bytes(std::span(text)));
  EXPECT_EQ(run({driver().readable(header(kOut, sectors)), odd}), kOk);
  EXPECT_EQ(disk.content().substr(block, 2 * block), text);

  const Buffer first{driver().allocate(block + 7) + 3, static_cast<uint32_t>(block - 5), true};
  const Buffer rest{driver().allocate(5), 5, true};
  EXPECT_EQ(run({driver().readable(header(kIn, sectors)), first, rest}), kOk);
  EXPECT_EQ(driver().content(first.address, block - 5) + driver().content(rest.address, 5),
            text.substr(0, block));

  const Buffer aligned{driver().allocate(block, 4096), static_cast<uint32_t>(block), true};
  EXPECT_EQ(run({driver().readable(header(kIn, 0)), aligned}), kOk);
  EXPECT_EQ(driver().content(aligned.address, 512), TemporaryDisk::letters(0));
}

TEST_P(BlkTest, Config_describes_the_disk) {
  start();
  const std::string bytes = config();
  EXPECT_EQ(load_le<uint64_t>(&bytes[0]), TemporaryDisk::kSectors);
  EXPECT_EQ(load_le<uint32_t>(&bytes[12]), 254u) << "seg_max";
  EXPECT_EQ(load_le<uint32_t>(&bytes[20]), 512u) << "blk_size";
  EXPECT_EQ(bytes[24], 3) << "physical_block_exp";
  EXPECT_EQ(load_le<uint32_t>(&bytes[40]), 1u) << "max_discard_seg";
  EXPECT_EQ(load_le<uint32_t>(&bytes[52]), 1u) << "max_write_zeroes_seg";
}

TEST_P(BlkTest, Random_requests_do_no_harm) {
  start();
  uint64_t seed = 7;
  const auto random = [&seed](uint64_t limit) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 24) % limit;
  };
  const GuestAddress area = driver().allocate(64 * kKiB);
  for (int round = 0; round < 300; ++round) {
    const uint64_t kinds[] = {kIn, kOut, kFlushRequest, kGetId, kDiscard, kWriteZeroes, random(99)};
    const std::string head =
        header(static_cast<uint32_t>(kinds[random(7)]), random(4) == 0 ? seed : random(140));
    harness.memory.write(area, std::as_bytes(std::span(head)));
    std::vector<Buffer> buffers{{area, static_cast<uint32_t>(16 - random(8) / 7), false}};
    const uint64_t readable = random(4);
    for (uint64_t i = 0; i < readable; ++i) {
      buffers.push_back({area + random(4096), static_cast<uint32_t>(random(2048)), false});
    }
    const uint64_t writable = random(4);
    for (uint64_t i = 0; i < writable; ++i) {
      buffers.push_back({area + random(4096), static_cast<uint32_t>(random(2048)), true});
    }
    driver().add(buffers);
    harness.queues[0]->kick().signal();
    harness.interrupts.await_queue(0, round + 1);
    ASSERT_TRUE(driver().take_used());
  }
  EXPECT_EQ(disk.content().size(), 64 * kKiB);
}

INSTANTIATE_TEST_SUITE_P(Engines, BlkTest,
                         testing::Values(DiskEngineKind::kAuto, DiskEngineKind::kSynchronous),
                         [](const auto& parameter) {
                           return parameter.param == DiskEngineKind::kAuto ? "auto" : "synchronous";
                         });

TEST(DiskTest, Second_writer_is_told_who_has_it) {
  const TemporaryDisk file;
  const Disk first({.path = file.path()});
  for (const bool readonly : {false, true}) {
    try {
      const Disk second({.path = file.path(), .readonly = readonly});
      FAIL() << "was opened twice";
    } catch (const Error& error) {
      EXPECT_NE(error.describe().find("is locked by process " + std::to_string(getpid())),
                std::string::npos)
          << error.describe();
      EXPECT_NE(error.help().find("readonly = true"), std::string::npos);
    }
  }
}

TEST(DiskTest, Readers_share_a_disk) {
  const TemporaryDisk file;
  const Disk first({.path = file.path(), .readonly = true});
  const Disk second({.path = file.path(), .readonly = true});
  EXPECT_THROW(Disk({.path = file.path()}), Error);
}

TEST(DiskTest, Lock_ends_with_the_disk) {
  const TemporaryDisk file;
  {
    const Disk first({.path = file.path()});
  }
  const Disk second({.path = file.path()});
  EXPECT_EQ(second.geometry().bytes, 64 * kKiB);
}

TEST(DiskTest, Missing_file_is_an_error_with_help) {
  try {
    const Disk disk({.path = "/nonexistent/disk.img"});
    FAIL() << "was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.errno_value(), ENOENT);
    EXPECT_NE(error.help().find("truncate"), std::string::npos);
  }
}

TEST(DiskTest, Empty_file_and_directory_are_errors) {
  const TemporaryDisk file;
  ASSERT_EQ(truncate(file.path().c_str(), 511), 0);
  EXPECT_THROW(Disk({.path = file.path()}), Error);
  EXPECT_THROW(Disk({.path = "/tmp", .readonly = true}), Error);
  EXPECT_THROW(Disk({.path = "/dev/null"}), Error);
}

TEST(DiskTest, Part_of_a_sector_at_the_end_is_not_shown) {
  const TemporaryDisk file;
  ASSERT_EQ(truncate(file.path().c_str(), 1000), 0);
  EXPECT_EQ(Disk({.path = file.path()}).geometry().bytes, 512u);
}

}  // namespace
}  // namespace lintel::virtio
