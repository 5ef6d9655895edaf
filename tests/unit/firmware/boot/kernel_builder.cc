// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/firmware/boot/kernel_builder.h"

#include <bzlib.h>
#include <elf.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <lz4.h>

#include "vmm/base/endian.h"
#include "vmm/boards/pc/layout.h"

namespace lintel::boot {

Bytes to_bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void append(Bytes& to, std::span<const std::byte> from) {
  to.insert(to.end(), from.begin(), from.end());
}

Bytes build_elf(const TestElf& elf) {
  Elf64_Ehdr header{};
  std::copy_n(ELFMAG, SELFMAG, header.e_ident);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_EXEC;
  header.e_machine = EM_X86_64;
  header.e_entry = elf.entry;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = static_cast<uint16_t>(elf.segments.size());
  Bytes bytes(sizeof header);
  uint64_t offset = sizeof header + elf.segments.size() * sizeof(Elf64_Phdr);
  for (const TestSegment& segment : elf.segments) {
    Elf64_Phdr program{};
    program.p_type = segment.type;
    program.p_offset = offset;
    program.p_paddr = segment.physical;
    program.p_vaddr = 0xffffffff80000000 + segment.physical;
    program.p_filesz = segment.content.size();
    program.p_memsz = segment.memory_size == 0 ? segment.content.size() : segment.memory_size;
    append_value(bytes, program);
    offset += segment.content.size();
  }
  for (const TestSegment& segment : elf.segments) append(bytes, segment.content);
  if (elf.sections) {
    header.e_shoff = bytes.size();
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = 1;
    append_value(bytes, Elf64_Shdr{});
  }
  set_value(bytes, 0, header);
  return bytes;
}

Bytes build_note(std::string_view name, uint32_t type, std::span<const std::byte> description) {
  Bytes note;
  append_value<uint32_t>(note, static_cast<uint32_t>(name.size()));
  append_value<uint32_t>(note, static_cast<uint32_t>(description.size()));
  append_value<uint32_t>(note, type);
  append(note, to_bytes(name));
  note.resize(align_up(note.size(), 4));
  append(note, description);
  note.resize(align_up(note.size(), 4));
  return note;
}

Bytes build_relocations(const TestRelocations& relocations) {
  Bytes table;
  const auto list = [&](const std::vector<uint32_t>& addresses) {
    append_value<uint32_t>(table, 0);
    for (const uint32_t address : addresses) append_value(table, address);
  };
  list(relocations.address64);
  if (relocations.inverse32) list(*relocations.inverse32);
  list(relocations.address32);
  return table;
}

namespace {

Bytes compress_gzip(std::span<const std::byte> content) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  Bytes out(deflateBound(&stream, content.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Bytes compress_bzip2(std::span<const std::byte> content) {
  Bytes out(content.size() * 2 + 1024);
  auto size = static_cast<unsigned>(out.size());
  BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(out.data()), &size,
                           reinterpret_cast<char*>(const_cast<std::byte*>(content.data())),
                           static_cast<unsigned>(content.size()), 1, 0, 0);
  out.resize(size);
  return out;
}

Bytes compress_lzma(std::span<const std::byte> content, Compression compression) {
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_options_lzma options;
  lzma_lzma_preset(&options, 0);
  if (compression == Compression::kXz) {
    // As the kernel's build does: a filter for x86 branches, a CRC-32, a dictionary of 32 MiB.
    options.dict_size = 32 * kMiB;
    const lzma_filter filters[] = {
        {LZMA_FILTER_X86, nullptr}, {LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
    if (lzma_stream_encoder(&stream, filters, LZMA_CHECK_CRC32) != LZMA_OK) return {};
  } else if (lzma_alone_encoder(&stream, &options) != LZMA_OK) {
    return {};
  }
  Bytes out(content.size() * 2 + 1024);
  stream.next_in = reinterpret_cast<const uint8_t*>(content.data());
  stream.avail_in = content.size();
  stream.next_out = reinterpret_cast<uint8_t*>(out.data());
  stream.avail_out = out.size();
  const lzma_ret result = lzma_code(&stream, LZMA_FINISH);
  out.resize(result == LZMA_STREAM_END ? stream.total_out : 0);
  lzma_end(&stream);
  return out;
}

// `lz4 -l`, in two blocks.
Bytes compress_lz4(std::span<const std::byte> content) {
  Bytes out;
  append_value<uint32_t>(out, 0x184c2102);
  for (const auto part : {content.first(content.size() / 2), content.subspan(content.size() / 2)}) {
    Bytes block(static_cast<size_t>(LZ4_compressBound(static_cast<int>(part.size()))));
    const int size = LZ4_compress_default(
        reinterpret_cast<const char*>(part.data()), reinterpret_cast<char*>(block.data()),
        static_cast<int>(part.size()), static_cast<int>(block.size()));
    append_value<uint32_t>(out, static_cast<uint32_t>(size));
    append(out, std::span(block).first(static_cast<size_t>(size)));
  }
  return out;
}

Bytes compress_zstd(std::span<const std::byte> content) {
  Bytes out(ZSTD_compressBound(content.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 1));
  return out;
}

}  // namespace

Bytes compress(std::span<const std::byte> content, Compression compression) {
  Bytes out;
  switch (compression) {
    case Compression::kGzip: return compress_gzip(content);
    case Compression::kBzip2: out = compress_bzip2(content); break;
    case Compression::kLzma:
    case Compression::kXz: out = compress_lzma(content, compression); break;
    case Compression::kLz4: out = compress_lz4(content); break;
    case Compression::kZstd: out = compress_zstd(content); break;
  }
  append_value<uint32_t>(out, static_cast<uint32_t>(content.size()));
  return out;
}

Bytes build_bzimage(const TestBzImage& image) {
  constexpr size_t kKernelOffset = 0x400;  // two sectors
  constexpr size_t kPayloadOffset = 0x280;
  const size_t kernel_size = align_up(kPayloadOffset + image.payload.size(), 16);
  Bytes bytes(kKernelOffset + kernel_size);
  set_value<uint8_t>(bytes, 0x1f1, 1);
  set_value<uint32_t>(bytes, 0x1f4, static_cast<uint32_t>(kernel_size / 16));
  set_value<uint16_t>(bytes, 0x200, 0x6aeb);  // a jump behind the header's end at 0x26c
  set_value<uint32_t>(bytes, 0x202, 0x53726448);
  set_value<uint16_t>(bytes, 0x206, image.version);
  set_value<uint16_t>(bytes, 0x20e, 0x100);  // the release's place, less 0x200
  set_value<uint8_t>(bytes, 0x211, 1);
  set_value<uint32_t>(bytes, 0x214, 0x100000);
  set_value<uint32_t>(bytes, 0x22c, image.initrd_address_max);
  set_value<uint32_t>(bytes, 0x230, image.alignment);
  set_value<uint8_t>(bytes, 0x234, image.relocatable ? 1 : 0);
  set_value<uint16_t>(bytes, 0x236, image.xloadflags);
  set_value<uint32_t>(bytes, 0x238, image.command_line_size);
  set_value<uint32_t>(bytes, 0x248, kPayloadOffset);
  set_value<uint32_t>(bytes, 0x24c, static_cast<uint32_t>(image.payload.size()));
  set_value<uint64_t>(bytes, 0x258, image.preferred_address);
  set_value<uint32_t>(bytes, 0x260, image.init_size);
  const Bytes release = to_bytes("6.6.6-test (a\x1b[31m)");
  std::copy(release.begin(), release.end(), bytes.begin() + 0x300);
  std::copy(image.payload.begin(), image.payload.end(),
            bytes.begin() + kKernelOffset + kPayloadOffset);
  return bytes;
}

Bytes build_unpacked_kernel(bool with_inverse) {
  TestSegment text{.physical = kTestKernelBase, .content = Bytes(64 * kKiB)};
  text.content[0x40] = std::byte{0xf4};
  set_value<uint64_t>(text.content, kWord64, 0xffffffff81000040);
  set_value<uint32_t>(text.content, kInverse32, 0x1000);
  set_value<uint32_t>(text.content, kWord32, 0x81000300);
  // A hole of zeros, then something again.
  text.content[60 * kKiB] = std::byte{0x77};
  TestSegment data{.physical = kTestKernelBase + 2 * kMiB,
                   .content = Bytes(5000, std::byte{0x55}),
                   .memory_size = kMiB};
  Bytes unpacked = build_elf({.entry = kTestKernelEntry, .segments = {text, data}});
  TestRelocations relocations{.address64 = {0x81000000 + kWord64},
                              .inverse32 = std::vector<uint32_t>{0x81000000 + kInverse32},
                              .address32 = {0x81000000 + kWord32}};
  if (!with_inverse) relocations.inverse32.reset();
  append(unpacked, build_relocations(relocations));
  return unpacked;
}

TemporaryFolder::TemporaryFolder() {
  path_ = (std::filesystem::temp_directory_path() / "lintel-boot-XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::string TemporaryFolder::file(std::string_view name, std::span<const std::byte> content) const {
  const std::string path = path_ + "/" + std::string(name);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(content.data()),
             static_cast<std::streamsize>(content.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
  return path;
}

GuestMemory make_memory(uint64_t low_size, uint64_t high_size) {
  std::vector<GuestRange> ranges = {{GuestAddress(0), low_size}};
  if (high_size != 0) ranges.push_back({pc::kHighRam, high_size});
  return GuestMemory(ranges, {.huge_pages = HugePages::kOff});
}

LinuxBootRequest make_request(const std::string& kernel_path) {
  LinuxBootRequest request;
  request.kernel_path = kernel_path;
  request.command_line = "console=hvc0";
  request.rsdp = pc::kAcpiTables.base;
  request.reserved = {
      {{pc::kEndOfBaseMemory, kMiB - pc::kEndOfBaseMemory.value}, MemoryType::kReserved}};
  request.placement = {.gdt = pc::kBootGdt,
                       .boot_params = pc::kBootParams,
                       .page_tables = pc::kBootPageTables,
                       .command_line = pc::kBootCommandLine};
  request.random = [](std::span<std::byte> to) {
    for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<std::byte>(i + 1);
  };
  return request;
}

}  // namespace lintel::boot
