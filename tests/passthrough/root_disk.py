# SPDX-License-Identifier: Apache-2.0
"""A disk with a partition that a guest has as its root (ext4, an init of our own in it), and with a
file whose bytes every machine makes alike."""

import hashlib
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

_HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parents[1] / "guests"))

import debian_packages  # noqa: E402  (needs the path above)

_SECTOR = 512
_START = 1 << 20  # of the partition, in bytes
_SIZE = 32 << 20
_LINUX = 0x83
_APPLETS = ("cat", "dd", "echo", "grep", "mount", "poweroff", "sha256sum", "sh", "sync")


def _data() -> bytes:
    return hashlib.shake_256(b"lintel root disk").digest(4 << 20)


def data_hash() -> str:
    """Of the file /data."""
    return hashlib.sha256(_data()).hexdigest()


def _fill(tree: pathlib.Path, debian: str) -> None:
    for name in ("bin", "sbin", "dev", "proc", "sys"):
        (tree / name).mkdir()
    shutil.copy(debian_packages.unpack("busybox-static", arch=debian) / "bin/busybox", tree / "bin")
    for applet in _APPLETS:
        (tree / "bin" / applet).symlink_to("busybox")
    shutil.copy(_HERE / "root_init", tree / "sbin/init")
    (tree / "data").write_bytes(_data())


def write(image: pathlib.Path, debian: str) -> None:
    """debian: Debian's name of the guest's architecture."""
    # One entry in the table of a master boot record; its cylinders and heads are nobody's.
    entry = struct.pack("<B3xB3xII", 0, _LINUX, _START // _SECTOR, _SIZE // _SECTOR)
    with open(image, "wb") as file:
        file.truncate(_START + _SIZE)
        file.seek(446)
        file.write(entry.ljust(64, b"\0") + b"\x55\xaa")
    with tempfile.TemporaryDirectory() as folder:
        _fill(pathlib.Path(folder), debian)
        subprocess.run(["/usr/sbin/mkfs.ext4", "-q", "-F", "-E", f"offset={_START},root_owner=0:0",
                        "-d", folder, image, f"{_SIZE >> 10}k"], check=True)
