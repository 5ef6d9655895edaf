# SPDX-License-Identifier: Apache-2.0
"""Guest kernels named in manifest.toml, as folders in the cache."""

import pathlib
import tomllib

import arm64_image
import debian_packages
import vmlinux

_HERE = pathlib.Path(__file__).resolve().parent
# The name of the kernel that a vmlinuz holds, and who takes it out.
_UNPACKED = {"amd64": ("vmlinux", vmlinux.extract), "arm64": ("Image", arm64_image.extract)}


def unpacked_name(arch: str) -> str:
    """What the file with the unpacked kernel is called; the architecture named as by Debian."""
    return _UNPACKED[arch][0]


def manifest() -> dict:
    with open(_HERE / "manifest.toml", "rb") as file:
        return tomllib.load(file)


def for_arch(name: str, arch: str) -> str:
    """What the manifest calls the kernel or image `name` of an architecture, named as by Debian."""
    return name if arch == "amd64" else f"{name}-{arch}"


def _link(path: pathlib.Path, target: pathlib.Path) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.rename(path)


def fetch(name: str, unpacked: bool = False) -> pathlib.Path:
    """Returns the folder of the kernel `name`, fetched if it is not there yet."""
    kernels = manifest()["kernels"]
    if name not in kernels:
        raise debian_packages.PackageError(
            f"no kernel '{name}' in guests/manifest.toml (known: {', '.join(kernels)})")
    entry = kernels[name]
    debian_packages.ensure_installed(["kmod"])
    kernel = debian_packages.kernel(entry["package"], entry["suite"], entry["arch"])
    folder = debian_packages.cache_root() / "guests" / name
    plain, extract = _UNPACKED[entry["arch"]]
    folder.mkdir(parents=True, exist_ok=True)
    with debian_packages.locked(folder / ".lock"):
        release = folder / "release"
        if not release.exists() or release.read_text(encoding="ascii").strip() != kernel.release:
            (folder / plain).unlink(missing_ok=True)
            release.write_text(kernel.release + "\n", encoding="ascii")
        for link, target in (("vmlinuz", kernel.image), ("config", kernel.config),
                             ("modules", kernel.modules)):
            _link(folder / link, target)
        if unpacked and not (folder / plain).exists():
            debian_packages.ensure_installed(["zstd", "lz4"])
            extract(kernel.image, folder / plain)
    return folder
