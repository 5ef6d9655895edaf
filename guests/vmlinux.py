# SPDX-License-Identifier: Apache-2.0
"""The ELF kernel that is packed inside a bzImage.

The place of the payload is in the setup header (Linux Documentation/arch/x86/boot.rst,
payload_offset and payload_length, protocol 2.08 and later). The unpacked payload is the stripped
vmlinux followed by the kernel's relocation table, which is left out here.
"""

import bz2
import lzma
import pathlib
import struct
import subprocess
import tempfile
import zlib

_SECTOR = 512
_SETUP_SECTS = 0x1F1
_HEADER_MAGIC = 0x202
_VERSION = 0x206
_PAYLOAD = 0x248


class FormatError(Exception):
    """The file is not what it should be."""


def payload_of(image: bytes) -> bytes:
    """Cuts the compressed payload out of a bzImage."""
    if len(image) < 0x268 or image[_HEADER_MAGIC:_HEADER_MAGIC + 4] != b"HdrS":
        raise FormatError("not a bzImage: the setup header's HdrS is missing")
    (version,) = struct.unpack_from("<H", image, _VERSION)
    if version < 0x208:
        raise FormatError(f"boot protocol {version >> 8}.{version & 255:02} has no payload fields")
    setup_sectors = image[_SETUP_SECTS] or 4
    offset, length = struct.unpack_from("<II", image, _PAYLOAD)
    begin = (setup_sectors + 1) * _SECTOR + offset
    if length < 8 or begin + length > len(image):
        raise FormatError("the payload lies outside the file")
    return image[begin:begin + length]


def _by_program(command):
    def decompress(payload: bytes) -> bytes:
        result = subprocess.run(command, input=payload, capture_output=True, check=False)
        # The trailing size word is garbage to the program, so its status says nothing.
        if not result.stdout:
            raise FormatError(f"{command[0]}: {result.stderr.decode(errors='replace').strip()}")
        return result.stdout

    return decompress


# After the stream stands the unpacked size (4 bytes), except for gzip, which has its own.
_FORMATS = (
    (b"\x1f\x8b\x08", lambda p: zlib.decompressobj(wbits=31).decompress(p)),
    (b"\xfd7zXZ\0", lambda p: lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(p)),
    (b"BZh", lambda p: bz2.BZ2Decompressor().decompress(p)),
    (b"\x5d\0\0", lambda p: lzma.LZMADecompressor(lzma.FORMAT_ALONE).decompress(p)),
    (b"\x28\xb5\x2f\xfd", lambda p: _by_program(["zstd", "-dcq"])(p[:-4])),
    (b"\x02\x21\x4c\x18", lambda p: _by_program(["lz4", "-dcq"])(p[:-4])),
)


def decompress(payload: bytes) -> bytes:
    for magic, unpack in _FORMATS:
        if payload.startswith(magic):
            return unpack(payload)
    if payload.startswith(b"\x7fELF"):
        return payload
    raise FormatError(f"unknown compression, the payload begins with {payload[:6].hex()}")


def elf_of(data: bytes) -> bytes:
    """Cuts what follows the ELF file: its end is that of the last segment, section or table."""
    if data[:5] != b"\x7fELF\x02":
        raise FormatError("the payload is not a 64-bit ELF file")
    phoff, shoff = struct.unpack_from("<QQ", data, 0x20)
    phentsize, phnum, shentsize, shnum = struct.unpack_from("<HHHH", data, 0x36)
    end = max(phoff + phentsize * phnum, shoff + shentsize * shnum)
    for i in range(phnum):
        offset, _, _, filesz = struct.unpack_from("<QQQQ", data, phoff + i * phentsize + 8)
        end = max(end, offset + filesz)
    for i in range(shnum):
        at = shoff + i * shentsize
        (kind,) = struct.unpack_from("<I", data, at + 4)
        offset, size = struct.unpack_from("<QQ", data, at + 0x18)
        if kind != 8:  # SHT_NOBITS occupies no space in the file.
            end = max(end, offset + size)
    return data[:end]


def extract(image: pathlib.Path, output: pathlib.Path) -> None:
    """Writes the ELF kernel inside the bzImage `image` to `output`, whole or not at all."""
    elf = elf_of(decompress(payload_of(image.read_bytes())))
    with tempfile.NamedTemporaryFile(dir=output.parent, delete=False) as temporary:
        temporary.write(elf)
    pathlib.Path(temporary.name).chmod(0o644)
    pathlib.Path(temporary.name).rename(output)
