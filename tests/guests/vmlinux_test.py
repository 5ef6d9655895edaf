# SPDX-License-Identifier: Apache-2.0
import bz2
import gzip
import lzma
import pathlib
import struct
import tempfile
import unittest

import support

vmlinux = support.load("vmlinux.py")


def small_elf() -> bytes:
    """One loadable segment of 16 bytes behind the headers, no sections."""
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, 0x1000000, 64, 0, 0,
                         64, 56, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 120, 0x1000000, 0x1000000, 16, 64, 4096)
    return header + segment + b"sixteen bytes ok"


def bzimage(payload: bytes, setup_sectors: int = 3, version: int = 0x20F, offset: int = 40) -> bytes:
    image = bytearray((setup_sectors + 1) * 512 + offset)
    image[0x1F1] = setup_sectors
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", image, 0x206, version)
    struct.pack_into("<II", image, 0x248, offset, len(payload))
    return bytes(image) + payload + b"what follows the payload"


class Extract(unittest.TestCase):
    def setUp(self):
        self.elf = small_elf()
        # The kernel appends its relocations to the ELF file, and the size to the stream.
        self.unpacked = self.elf + b"relocations"
        self.size = struct.pack("<I", len(self.unpacked))

    def extract(self, image: bytes) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "vmlinuz"
            source.write_bytes(image)
            vmlinux.extract(source, pathlib.Path(folder) / "vmlinux")
            self.assertEqual(len(list(pathlib.Path(folder).iterdir())), 2)
            return (pathlib.Path(folder) / "vmlinux").read_bytes()

    def test_every_compression_gives_the_elf_without_relocations(self):
        payloads = {
            "gzip": gzip.compress(self.unpacked),
            "xz": lzma.compress(self.unpacked) + self.size,
            "bzip2": bz2.compress(self.unpacked) + self.size,
            "lzma": lzma.compress(self.unpacked, lzma.FORMAT_ALONE) + self.size,
            "none": self.unpacked,
        }
        for name, payload in payloads.items():
            with self.subTest(name):
                self.assertEqual(self.extract(bzimage(payload)), self.elf)

    def test_no_setup_sectors_means_four(self):
        image = bytearray(bzimage(gzip.compress(self.unpacked), setup_sectors=4))
        image[0x1F1] = 0
        self.assertEqual(self.extract(bytes(image)), self.elf)

    def test_what_is_not_a_bzimage_is_refused(self):
        whole = bzimage(gzip.compress(self.unpacked))
        broken = {
            "empty": b"",
            "no magic": b"\0" * 4096,
            "old protocol": bzimage(b"\x1f\x8b\x08", version=0x207),
            "cut": whole[:-40],
            "unknown": bzimage(b"compressed by hand"),
            "not elf": bzimage(gzip.compress(b"no elf")),
        }
        for name, image in broken.items():
            with self.subTest(name), self.assertRaises(vmlinux.FormatError):
                vmlinux.elf_of(vmlinux.decompress(vmlinux.payload_of(image)))


if __name__ == "__main__":
    unittest.main()
