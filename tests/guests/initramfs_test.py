# SPDX-License-Identifier: Apache-2.0
import lzma
import pathlib
import stat
import tempfile
import unittest

import support

newc = support.load("newc.py")
builder = support.load("initramfs/build")


def entries(data: bytes) -> dict:
    """Reads a newc archive: {name: (mode, content)}, in order."""
    found = {}
    at = 0
    while True:
        assert data[at:at + 6] == b"070701", f"no header at {at}"
        fields = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        mode, mtime, size, name_size = fields[1], fields[5], fields[6], fields[11]
        assert mtime == 0
        name = data[at + 110:at + 110 + name_size - 1].decode()
        begin = (at + 110 + name_size + 3) & ~3
        if name == "TRAILER!!!":
            return found
        found[name] = (mode, data[begin:begin + size])
        at = (begin + size + 3) & ~3


class Archive(unittest.TestCase):
    def test_entries_come_back_with_their_modes(self):
        archive = newc.Archive()
        archive.directory("bin")
        archive.file("bin/program", b"12345", 0o755)
        archive.symlink("bin/link", "program")
        archive.device("console", stat.S_IFCHR | 0o600, 5, 1)
        found = entries(archive.finish())
        self.assertEqual(list(found), ["bin", "bin/program", "bin/link", "console"])
        self.assertEqual(found["bin/program"], (stat.S_IFREG | 0o755, b"12345"))
        self.assertEqual(found["bin/link"], (stat.S_IFLNK | 0o777, b"program"))
        self.assertTrue(stat.S_ISCHR(found["console"][0]))

    def test_the_end_is_on_a_sector(self):
        archive = newc.Archive()
        archive.file("a", b"1")
        self.assertEqual(len(archive.finish()) % 512, 0)


class Modules(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        root = pathlib.Path(self.folder.name)
        (root / "kernel").mkdir()
        (root / "kernel/top-one.ko").write_bytes(b"top")
        (root / "kernel/base.ko.xz").write_bytes(lzma.compress(b"base"))
        (root / "modules.dep").write_text(
            "kernel/top-one.ko: kernel/middle.ko kernel/base.ko.xz\n"
            "kernel/middle.ko: kernel/base.ko.xz\n"
            "kernel/base.ko.xz:\n", encoding="ascii")
        self.modules = builder.Modules(root)

    def test_dependencies_are_loaded_first_and_once(self):
        self.assertEqual(self.modules.load_order(["middle", "top_one"]),
                         ["base", "middle", "top_one"])

    def test_dashes_and_underscores_are_the_same(self):
        self.assertEqual(self.modules.load_order(["top-one"]), ["base", "middle", "top_one"])

    def test_built_in_modules_are_left_out(self):
        self.assertEqual(self.modules.load_order(["ext4", "base"]), ["base"])

    def test_compressed_modules_are_unpacked(self):
        self.assertEqual(self.modules.content("base"), b"base")
        self.assertEqual(self.modules.content("top_one"), b"top")


class Bench(unittest.TestCase):
    def test_two_builds_give_the_same_bytes_and_little_of_them(self):
        for arch, machine in (("amd64", 62), ("arm64", 183)):  # ELF's e_machine
            with self.subTest(arch), tempfile.TemporaryDirectory() as folder:
                (pathlib.Path(folder) / "modules.dep").write_text("", encoding="ascii")
                modules = builder.Modules(pathlib.Path(folder))
                first = builder._bench_files(arch, modules, []).finish()
                second = builder._bench_files(arch, modules, []).finish()
                self.assertEqual(first, second)
                self.assertLess(len(first), 8192)
                mode, init = entries(first)["init"]
                self.assertEqual(mode, stat.S_IFREG | 0o755)
                self.assertTrue(init.startswith(b"\x7fELF"))
                self.assertEqual(init[18], machine)


class Probe(unittest.TestCase):
    def test_compiles_for_both_architectures(self):
        for arch, machine in (("amd64", 62), ("arm64", 183)):
            with self.subTest(arch):
                self.assertEqual(builder._probe(arch)[18], machine)


class Checks(unittest.TestCase):
    def test_every_check_says_what_it_wants(self):
        for check in (support.GUESTS / "initramfs/tests.d").iterdir():
            lines = check.read_text(encoding="utf-8").splitlines()
            with self.subTest(check.name):
                self.assertIn("SPDX", lines[0])
                self.assertTrue(lines[1].startswith("# "), "no description")


if __name__ == "__main__":
    unittest.main()
