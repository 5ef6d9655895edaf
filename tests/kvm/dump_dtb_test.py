#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`lintel run --dump-dtb` on an arm64 host with KVM: what the tree says is this machine."""

import argparse
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

_LAB = pathlib.Path(__file__).resolve().parents[1] / "lab" / "lab"
_CONFIG = """\
[boot]
kernel = "Image"
cmdline = "console=hvc0 some words"
[cpu]
count = 3
[memory]
size = "512M"
[console]
type = "virtio"
"""
# Linux, Documentation/arch/arm64/booting.rst, 4. Its first instruction is an endless loop.
_IMAGE = struct.pack("<II3Q3Q4sI", 0x14000000, 0, 0, 0x10000, 0xA, 0, 0, 0, b"ARM\x64", 0)


class DumpDtb(unittest.TestCase):
    lintel = ""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="lintel-dump-dtb-")
        cls.addClassCleanup(cls.folder.cleanup)
        path = pathlib.Path(cls.folder.name)
        (path / "Image").write_bytes(_IMAGE)
        (path / "vm.toml").write_text(_CONFIG, encoding="ascii")
        cls.tree = path / "output" / "guest.dtb"
        cls.done = subprocess.run(
            [_LAB, "arm64", "--smp", "1", "--output", path / "output", "--", "sh", "-c",
             'exec "$@" --dump-dtb "$LAB_OUTPUT/guest.dtb"', "sh", cls.lintel, "run",
             path / "vm.toml"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)

    def property(self, node: str, name: str, kind: str = "s") -> str:
        return subprocess.run(["fdtget", "-t", kind, self.tree, node, name], text=True,
                              stdout=subprocess.PIPE, check=True).stdout.strip()

    def children(self, node: str) -> list[str]:
        return subprocess.run(["fdtget", "-l", self.tree, node], text=True,
                              stdout=subprocess.PIPE, check=True).stdout.split()

    def test_it_ends_without_the_guest(self):
        # Which never would.
        self.assertEqual((self.done.returncode, self.done.stdout), (0, b""))

    def test_the_tree_has_the_configurations_values(self):
        self.assertEqual(self.property("/chosen", "bootargs"), "console=hvc0 some words")
        self.assertEqual(self.property("/memory@40000000", "reg", "x"), "0 40000000 0 20000000")
        self.assertEqual([name for name in self.children("/cpus") if name.startswith("cpu@")],
                         ["cpu@0", "cpu@1", "cpu@2"])
        self.assertNotIn("serial@9000000", self.children("/"))

    def test_the_tree_has_what_the_hosts_kvm_offers(self):
        (gic,) = [name for name in self.children("/") if name.startswith("interrupt-controller@")]
        self.assertEqual(self.property(f"/{gic}", "compatible"), "arm,gic-v3")
        self.assertEqual([self.property(f"/{gic}/{child}", "compatible")
                          for child in self.children(f"/{gic}")], ["arm,gic-v3-its"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lintel", required=True, help="the program for arm64")
    options, rest = parser.parse_known_args()
    DumpDtb.lintel = options.lintel
    unittest.main(argv=[sys.argv[0], *rest])
