# SPDX-License-Identifier: Apache-2.0
"""A root directory in memory with all files that monitors read, so that no disk is measured. They
find their libraries and firmware there under the usual paths."""

import codecs
import glob
import os
import pathlib
import re
import shutil
import subprocess

_BIND = ("dev", "proc", "sys")


def libraries(program: str, root: str = "/") -> list[str]:
    """Shared libraries and the loader that `program` of the folder `root` needs, as paths there;
    none if it is static."""
    command = ["ldd", program]
    if root != "/":
        # A folder of packages has no ldd, but every loader can do its work.
        (loader,) = glob.glob("lib/ld-linux-*", root_dir=root)
        command = ["chroot", root, f"/{loader}", "--list", program]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return parse_ldd(result.stdout)
    if root != "/":
        raise RuntimeError(f"{' '.join(command)}: {result.stderr}")
    return []


def parse_ldd(text: str) -> list[str]:
    return re.findall(r"(?:=>\s*)?(/\S+) \(0x", text)


class RamRoot:
    """Lives as long as the lab's command: nothing is unmounted."""

    def __init__(self, folder: str = "/dev/shm/bench-root"):
        self.path = pathlib.Path(folder)
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir()
        for name in (*_BIND, "tmp", "etc", "run"):
            (self.path / name).mkdir()
        for name in _BIND:
            subprocess.run(["mount", "--rbind", f"/{name}", str(self.path / name)], check=True)

    def add(self, source: str, inside: str | None = None, root: str = "/") -> None:
        """Copies a file, or a folder with all in it, of the folder `root`; links are followed."""
        target = self.path / (inside or source).lstrip("/")
        source = os.path.join(root, source.lstrip("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.isdir(source):
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif not target.exists():
            shutil.copy(source, target)

    def add_program(self, source: str, inside: str | None = None, root: str = "/") -> float:
        """Returns the size of its libraries in KiB."""
        self.add(source, inside, root)
        needed = libraries(source, root)
        for library in needed:
            self.add(library, root=root)
        return sum((self.path / library.lstrip("/")).stat().st_size for library in needed) / 1024

    def write(self, inside: str, text: str) -> None:
        target = self.path / inside.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def enter(self) -> None:
        """Makes it the root of this process and of what it starts. What Python imports later, it
        will not find. The dynamic loader has its cache, as on an installed system."""
        self.add("/etc/ld.so.conf")
        if os.path.isdir("/etc/ld.so.conf.d"):
            self.add("/etc/ld.so.conf.d")
        subprocess.run(["ldconfig", "-r", str(self.path)], check=True)
        for codec in ("ascii", "utf-8"):
            codecs.lookup(codec)
        os.chroot(self.path)
        os.chdir("/")
