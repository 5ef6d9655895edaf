# SPDX-License-Identifier: Apache-2.0
"""Where the peers are: installed on the machine if it is of their architecture, else unpacked from
Debian's packages, with all that they depend on."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

_LAB = pathlib.Path(__file__).resolve().parents[1] / "lab"
sys.path.insert(0, str(_LAB))

import common  # noqa: E402  (needs the path above)
import debian_packages  # noqa: E402
import monitors  # noqa: E402
import packages  # noqa: E402

_MERGED = ("bin", "sbin", "lib")  # links into usr, as Debian has them


def _is_native(debian: str) -> bool:
    machine = subprocess.run(["dpkg", "--print-architecture"], stdout=subprocess.PIPE, text=True,
                             check=True)
    return machine.stdout.strip() == debian


def root(arch: monitors.Architecture) -> str:
    """The folder in which the peers of `arch` have their usual paths."""
    if _is_native(arch.debian):
        debian_packages.ensure_installed([arch.peers_package])
        return "/"
    # Made once: the version that is found first stays, as with kernels.
    folder = debian_packages.cache_root() / "bench" / f"{arch.peers_package}-{arch.debian}"
    with debian_packages.locked(folder.with_suffix(".lock")):
        if not folder.exists():
            _make(arch, folder)
    return str(folder)


def _make(arch: monitors.Architecture, folder: pathlib.Path) -> None:
    staging = pathlib.Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        staging.chmod(0o755)
        for name in _MERGED:
            (staging / "usr" / name).mkdir(parents=True)
            (staging / name).symlink_to(f"usr/{name}")
        archive = packages.Archive(arch.debian)
        archive.update()
        archive.unpack_closure([arch.peers_package], staging)
        os.replace(staging, folder)
    except common.LabError as error:
        raise debian_packages.PackageError(str(error)) from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
