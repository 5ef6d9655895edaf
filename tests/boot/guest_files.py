# SPDX-License-Identifier: Apache-2.0
"""Puts links to guests into a folder: kernels and initramfs that guests/ gets or makes."""

import pathlib
import subprocess

import cases

_GUESTS = pathlib.Path(__file__).resolve().parents[2] / "guests"


def output(*command) -> pathlib.Path:
    """Runs a program of guests/ that prints a path."""
    program, *arguments = command
    done = subprocess.run([_GUESTS / program, *arguments], stdout=subprocess.PIPE, text=True,
                          check=True)
    return pathlib.Path(done.stdout.strip())


def link(path: pathlib.Path, target: pathlib.Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def link_kernel(folder: pathlib.Path, kernel: str, arch: str, flavour: str = "test") -> None:
    """Links in `folder`: the kernel's images, and initramfs.cpio of `flavour`."""
    fetched = output("fetch", "--vmlinux", kernel)
    for file in cases.image_files(arch).values():
        link(folder / file, fetched / file)
    link(folder / "initramfs.cpio",
         output("initramfs/build", "--kernel", kernel, "--flavour", flavour))
