# SPDX-License-Identifier: Apache-2.0
"""The root file system that commands see: this machine's own, or, for another architecture, one of
Debian packages, unpacked with what their maintainer scripts would have made. This machine's folders
are then shown in it, all but those of its system."""

import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile
import time

import packages
from common import cache_dir, say

_HERE = pathlib.Path(__file__).resolve().parent
_MACHINE = pathlib.Path("/")
# What Debian marks as essential or important and tests may take for granted, what the lab's own
# tests run, and what those under tests/ do. usr-is-merged is the alternative to usrmerge and perl.
_PACKAGES = (
    "usr-is-merged", "base-files", "base-passwd", "bash", "coreutils", "dash", "diffutils",
    "e2fsprogs", "findutils", "grep", "gzip", "hostname", "iproute2", "iputils-ping", "kmod",
    "libc-bin", "libstdc++6", "mawk", "mount", "netbase", "passt", "pciutils", "procps", "python3",
    "sed", "strace", "tar", "util-linux", "xz-utils",
)
_MERGED = ("bin", "sbin", "lib")
_LINKS = {
    "usr/bin/sh": "dash",
    "usr/bin/awk": "mawk",
    "etc/mtab": "../proc/self/mounts",
}
_COPIES = {
    "etc/passwd": "usr/share/base-passwd/passwd.master",
    "etc/group": "usr/share/base-passwd/group.master",
    "etc/nsswitch.conf": "usr/share/libc-bin/nsswitch.conf",
}
_TEXTS = {
    "etc/hosts": "127.0.0.1 localhost lab\n",
    "etc/resolv.conf": "nameserver 192.0.2.1\n",  # where init.sh has the default route
}
_SYSTEM = {"bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "var", "boot",
           "dev", "proc", "sys", "run", "lost+found"}
_OLD = 7 * 24 * 3600


def is_native(arch):
    return platform.machine() == arch.machine


def is_foreign(root):
    """Whether ROOT is not this machine's own."""
    return pathlib.Path(root) != _MACHINE


def prepare(arch, base):
    """The folder of this machine that is the root of a host for ARCH, made on first use in BASE."""
    if is_native(arch):
        return _MACHINE
    # What a folder was made from is in its name, but for the packages' versions: the first that
    # are found stay, as with kernels.
    digest = hashlib.sha256((_HERE / "rootfs.py").read_bytes()).hexdigest()[:16]
    target = base / f"root-{digest}"
    if not target.exists():
        say(f"making a root file system for {arch.name} (once, into {base})")
        archive = packages.Archive(arch.debian)
        archive.update()
        staging = pathlib.Path(tempfile.mkdtemp(dir=base, prefix="new-root-"))
        try:
            staging.chmod(0o755)
            _make(archive, staging)
            os.replace(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    os.utime(target)
    for folder in base.glob("root-*"):
        if time.time() - folder.stat().st_mtime > _OLD:
            shutil.rmtree(folder, ignore_errors=True)
    return target


def _make(archive, root):
    for name in _MERGED:
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    archive.unpack_closure(_PACKAGES, root)
    for name, target in _LINKS.items():
        (root / name).unlink(missing_ok=True)
        (root / name).symlink_to(target)
    for name, source in _COPIES.items():
        shutil.copy(root / source, root / name)
    for name, text in _TEXTS.items():
        (root / name).write_text(text)
    for name in ("dev", "proc", "sys", "run", "tmp"):
        (root / name).mkdir(exist_ok=True)
    _compile_python(root)


def _compile_python(root):
    """Compiles Python's library, which an emulated CPU would take seconds for, again and again.
    Only an interpreter of the same version can."""
    (library,) = root.glob("usr/lib/python3.*")
    interpreter = shutil.which(library.name, path="/usr/bin")
    if interpreter:
        # Some of the library's tests of the compiler are wrong on purpose: the status says nothing.
        subprocess.run([interpreter, "-I", "-m", "compileall", "-q", "-s", root, "-p", "/",
                        "--invalidation-mode", "unchecked-hash", library],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def shown(root, directory):
    """The folders of this machine that a command in DIRECTORY sees beside ROOT: of those that this
    program may see itself, because the emulator reads them in its name."""
    if not is_foreign(root):
        return []
    folders = [str(entry) for entry in sorted(_MACHINE.iterdir())
               if entry.is_dir() and not entry.is_symlink() and entry.name not in _SYSTEM
               and os.access(entry, os.R_OK | os.X_OK)]
    for needed in (directory, str(cache_dir())):
        if not any(pathlib.Path(needed).is_relative_to(folder) for folder in folders):
            folders.append(needed)
    return folders
