// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/decompress.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <lz4.h>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/base/types.h"

namespace lintel::boot {
namespace {

using Input = std::span<const std::byte>;
using Output = std::span<std::byte>;

constexpr uint64_t kOutputLimit = kGiB;
// The dictionaries of `xz -9` and `lzma -9` have 64 MiB.
constexpr uint64_t kLzmaMemoryLimit = 256 * kMiB;
// The build appends the unpacked size, where the format does not end with it (gzip, RFC
// 1952 2.3.1).
constexpr size_t kSizeField = 4;
constexpr uint32_t kLz4LegacyMagic = 0x184c2102;

// Each of these returns the number of bytes that it wrote, or throws.

size_t unpack_gzip(Input from, Output to) {
  z_stream stream{};
  constexpr int kGzipWindow = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw_error("zlib cannot start");
  // zlib does not write to its input.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(from.data()));
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = reinterpret_cast<Bytef*>(to.data());
  stream.avail_out = static_cast<uInt>(to.size());
  const int result = inflate(&stream, Z_FINISH);
  const size_t written = to.size() - stream.avail_out;
  inflateEnd(&stream);
  if (result != Z_STREAM_END) throw_error("zlib's result is {}", result);
  return written;
}

size_t unpack_bzip2(Input from, Output to) {
  bz_stream stream{};
  if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) throw_error("bzip2 cannot start");
  stream.next_in = reinterpret_cast<char*>(const_cast<std::byte*>(from.data()));
  stream.avail_in = static_cast<unsigned>(from.size());
  stream.next_out = reinterpret_cast<char*>(to.data());
  stream.avail_out = static_cast<unsigned>(to.size());
  const int result = BZ2_bzDecompress(&stream);
  const size_t written = to.size() - stream.avail_out;
  BZ2_bzDecompressEnd(&stream);
  if (result != BZ_STREAM_END) throw_error("bzip2's result is {}", result);
  return written;
}

size_t unpack_lzma(Input from, Output to, Compression compression) {
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_ret result = compression == Compression::kXz
                        ? lzma_stream_decoder(&stream, kLzmaMemoryLimit, 0)
                        : lzma_alone_decoder(&stream, kLzmaMemoryLimit);
  if (result == LZMA_OK) {
    stream.next_in = reinterpret_cast<const uint8_t*>(from.data());
    stream.avail_in = from.size();
    stream.next_out = reinterpret_cast<uint8_t*>(to.data());
    stream.avail_out = to.size();
    result = lzma_code(&stream, LZMA_FINISH);
  }
  const size_t written = to.size() - stream.avail_out;
  lzma_end(&stream);
  if (result != LZMA_STREAM_END) throw_error("liblzma's result is {}", static_cast<int>(result));
  return written;
}

// `lz4 -l`: the magic, then blocks with their packed size in front, up to the end (LZ4 Frame
// Format Description, "Legacy frame").
size_t unpack_lz4(Input from, Output to) {
  size_t in = 0;
  size_t out = 0;
  while (in < from.size()) {
    if (from.size() - in < sizeof(uint32_t)) throw_error("an LZ4 block header is cut off");
    const auto size = load_le<uint32_t>(&from[in]);
    in += sizeof(uint32_t);
    if (size == kLz4LegacyMagic) continue;
    if (size > from.size() - in || size > INT32_MAX) {
      throw_error("an LZ4 block of {:#x} bytes is cut off", size);
    }
    const int written = LZ4_decompress_safe(
        reinterpret_cast<const char*>(from.data() + in), reinterpret_cast<char*>(to.data() + out),
        static_cast<int>(size), static_cast<int>(to.size() - out));
    if (written < 0) throw_error("lz4's result is {}", written);
    in += size;
    out += static_cast<size_t>(written);
  }
  return out;
}

size_t unpack_zstd(Input from, Output to) {
  const size_t result = ZSTD_decompress(to.data(), to.size(), from.data(), from.size());
  if (ZSTD_isError(result) != 0) throw_error("zstd says: {}", ZSTD_getErrorName(result));
  return result;
}

size_t unpack(Input payload, Output to, Compression compression) {
  const Input without_size = payload.first(payload.size() - kSizeField);
  switch (compression) {
    case Compression::kGzip: return unpack_gzip(payload, to);
    case Compression::kBzip2: return unpack_bzip2(without_size, to);
    case Compression::kLzma:
    case Compression::kXz: return unpack_lzma(without_size, to, compression);
    case Compression::kLz4: return unpack_lz4(without_size, to);
    case Compression::kZstd: return unpack_zstd(without_size, to);
  }
  return 0;
}

struct Magic {
  Compression compression;
  std::string_view bytes;
};

constexpr std::array kMagics = {
    Magic{Compression::kGzip, "\x1f\x8b"},
    Magic{Compression::kBzip2, "BZh"},
    Magic{Compression::kLzma, std::string_view("\x5d\0\0", 3)},
    Magic{Compression::kXz, std::string_view("\xfd"
                                             "7zXZ\0",
                                             6)},
    Magic{Compression::kLz4, "\x02\x21\x4c\x18"},
    Magic{Compression::kZstd, "\x28\xb5\x2f\xfd"},
};

}  // namespace

std::string_view name(Compression compression) {
  switch (compression) {
    case Compression::kGzip: return "gzip";
    case Compression::kBzip2: return "bzip2";
    case Compression::kLzma: return "lzma";
    case Compression::kXz: return "xz";
    case Compression::kLz4: return "lz4";
    case Compression::kZstd: return "zstd";
  }
  return "";
}

std::optional<Compression> detect_compression(std::span<const std::byte> payload) {
  for (const Magic& magic : kMagics) {
    if (payload.size() >= magic.bytes.size() &&
        std::memcmp(payload.data(), magic.bytes.data(), magic.bytes.size()) == 0) {
      return magic.compression;
    }
  }
  return std::nullopt;
}

MmapRegion decompress(std::span<const std::byte> payload, Compression compression) {
  if (payload.size() <= 2 * kSizeField || payload.size() > kOutputLimit) {
    throw_error("The payload has {} bytes", payload.size());
  }
  const auto size = load_le<uint32_t>(payload.data() + payload.size() - kSizeField);
  if (size == 0 || size > kOutputLimit) {
    throw_error("The payload says that it unpacks to {:#x} bytes", size);
  }
  MmapRegion region = MmapRegion::anonymous(size, 2 * kMiB);
  const size_t written =
      with_context([&] { return fmt::format("The {} payload is damaged", name(compression)); },
                   [&] { return unpack(payload, region.bytes(), compression); });
  if (written != size) {
    throw_error("The {} payload unpacks to {:#x} bytes, not to {:#x}", name(compression), written,
                size);
  }
  return region;
}

}  // namespace lintel::boot
