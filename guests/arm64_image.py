# SPDX-License-Identifier: Apache-2.0
"""The arm64 kernel Image that a distribution's vmlinuz is or holds.

Image: Linux Documentation/arch/arm64/booting.rst, 4. It may come compressed by gzip, or in a small
EFI program that unpacks it (drivers/firmware/efi/libstub/zboot-header.S).
"""

import pathlib
import struct
import tempfile

import vmlinux

_MAGIC_AT, _MAGIC = 0x38, b"ARM\x64"
_ZBOOT_AT, _ZBOOT = 4, b"zimg"
_ZBOOT_PAYLOAD = 8  # offset and size
_GZIP = b"\x1f\x8b"


def image_of(data: bytes) -> bytes:
    if data[_ZBOOT_AT:_ZBOOT_AT + 4] == _ZBOOT and data[:2] == b"MZ":
        offset, size = struct.unpack_from("<II", data, _ZBOOT_PAYLOAD)
        if size < 8 or offset + size > len(data):
            raise vmlinux.FormatError("the payload lies outside the file")
        data = vmlinux.decompress(data[offset:offset + size])
    elif data.startswith(_GZIP):
        data = vmlinux.decompress(data)
    if data[_MAGIC_AT:_MAGIC_AT + 4] != _MAGIC:
        raise vmlinux.FormatError("not an arm64 kernel: the magic number of an Image is missing")
    return data


def extract(kernel: pathlib.Path, output: pathlib.Path) -> None:
    """Writes the Image inside `kernel` to `output`, whole or not at all."""
    image = image_of(kernel.read_bytes())
    with tempfile.NamedTemporaryFile(dir=output.parent, delete=False) as temporary:
        temporary.write(image)
    pathlib.Path(temporary.name).chmod(0o644)
    pathlib.Path(temporary.name).rename(output)
