# SPDX-License-Identifier: Apache-2.0
"""Writes "newc" cpio archives (Linux Documentation/driver-api/early-userspace/buffer-format.rst).

Written here rather than by cpio(1), because the bytes must not depend on the file system that
they came from (inode numbers, times, owners, order), and device nodes need no root this way.
"""

import stat


class Archive:
    """Collects entries in the order in which they are added; parents must come first."""

    def __init__(self):
        self._parts = []
        self._inode = 0

    def directory(self, path: str) -> None:
        self._add(path, stat.S_IFDIR | 0o755)

    def file(self, path: str, data: bytes, mode: int = 0o644) -> None:
        self._add(path, stat.S_IFREG | mode, data)

    def symlink(self, path: str, target: str) -> None:
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def device(self, path: str, mode: int, major: int, minor: int) -> None:
        self._add(path, mode, b"", (major, minor))

    def finish(self) -> bytes:
        """The archive, padded to whole sectors so that another can follow it."""
        self._add("TRAILER!!!", 0)
        data = b"".join(self._parts)
        return data + b"\0" * (-len(data) % 512)

    def _add(self, path: str, mode: int, data: bytes = b"", device=(0, 0)) -> None:
        self._inode += 1
        name = path.encode() + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (self._inode, mode, 0, 0, links, 0, len(data), 0, 0, *device, len(name), 0)
        header = b"070701" + b"".join(b"%08x" % field for field in fields) + name
        self._parts += [header, b"\0" * (-len(header) % 4), data, b"\0" * (-len(data) % 4)]
