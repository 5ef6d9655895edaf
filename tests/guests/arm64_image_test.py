# SPDX-License-Identifier: Apache-2.0
import gzip
import lzma
import pathlib
import struct
import tempfile
import unittest

import support

arm64_image = support.load("arm64_image.py")
FormatError = arm64_image.vmlinux.FormatError

IMAGE = b"MZ" + bytes(0x36) + b"ARM\x64" + bytes(64) + b"the kernel"


def zboot(payload: bytes, offset: int = 64, size: int | None = None) -> bytes:
    header = struct.pack("<2sxx4sII8x32s", b"MZ", b"zimg", offset,
                         len(payload) if size is None else size, b"gzip")
    return header.ljust(offset, b"\0") + payload + b"what follows the payload"


class Extract(unittest.TestCase):
    def extract(self, data: bytes) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "vmlinuz"
            source.write_bytes(data)
            arm64_image.extract(source, pathlib.Path(folder) / "Image")
            self.assertEqual(len(list(pathlib.Path(folder).iterdir())), 2)
            return (pathlib.Path(folder) / "Image").read_bytes()

    def test_an_image_stays_what_it_is(self):
        self.assertEqual(self.extract(IMAGE), IMAGE)

    def test_a_gzip_file_is_unpacked(self):
        self.assertEqual(self.extract(gzip.compress(IMAGE)), IMAGE)

    def test_an_efi_zboot_program_is_unpacked(self):
        self.assertEqual(self.extract(zboot(gzip.compress(IMAGE))), IMAGE)
        self.assertEqual(self.extract(zboot(lzma.compress(IMAGE), offset=128)), IMAGE)

    def test_a_payload_beyond_the_file_is_refused(self):
        for offset, size in ((64, 1 << 20), (1 << 20, 64), (64, 0)):
            with self.subTest(offset=offset, size=size):
                data = zboot(gzip.compress(IMAGE))
                data = data[:8] + struct.pack("<II", offset, size) + data[16:]
                with self.assertRaisesRegex(FormatError, "outside"):
                    arm64_image.image_of(data)

    def test_what_is_no_arm64_kernel_is_refused(self):
        for data in (b"", b"MZ", bytes(4096), gzip.compress(bytes(4096)),
                     zboot(gzip.compress(bytes(4096)))):
            with self.subTest(data[:8]):
                with self.assertRaisesRegex(FormatError, "not an arm64 kernel"):
                    arm64_image.image_of(data)


if __name__ == "__main__":
    unittest.main()
