# SPDX-License-Identifier: Apache-2.0
"""Debian's QEMU for a lab host whose programs are not this machine's: unpacked with its libraries
into the cache, run from there."""

import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))

import common  # noqa: E402  (needs the path above)
import packages  # noqa: E402

_PACKAGE = {"arm64": "qemu-system-arm"}
_TRIPLET = {"arm64": "aarch64-linux-gnu"}


def prepare(arch: str) -> pathlib.Path | None:
    """The folder, made on first use; None where the host has the machine's own QEMU."""
    if arch not in _PACKAGE:
        packages.require_programs({"qemu-system-x86_64": ("qemu-system-x86",)})
        return None
    target = common.cache_dir() / arch / "qemu"
    with common.locked(target.with_suffix(".lock")):
        if not target.exists():
            common.say(f"getting Debian's QEMU for {arch} (once, into {target.parent})")
            archive = packages.Archive(arch)
            archive.update()
            staging = target.with_suffix(".new")
            shutil.rmtree(staging, ignore_errors=True)
            for folder in ("bin", "sbin", "lib"):
                (staging / "usr" / folder).mkdir(parents=True)
                (staging / folder).symlink_to(f"usr/{folder}")
            archive.unpack_closure([_PACKAGE[arch]], staging)
            staging.rename(target)
    return target


def command(arch: str, program: str, folder: pathlib.Path) -> list[str]:
    """The words that run `program` from `folder`, a link to what prepare() made, if it is there."""
    if not folder.exists():
        return [program]
    libraries = f"{folder}/usr/lib/{_TRIPLET[arch]}"
    return ["env", f"LD_LIBRARY_PATH={libraries}", f"{folder}/usr/bin/{program}",
            "-L", f"{folder}/usr/share/qemu"]
