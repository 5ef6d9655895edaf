# SPDX-License-Identifier: Apache-2.0
"""VFIO with what Debian's kernels leave out: iommufd, device cdevs, no-IOMMU mode, platform devices.

Built from Debian's own source, against the headers of the very kernel that the host boots, which
itself stays as it is. All of VFIO comes from that build, because structures differ. Packages are
unpacked, never installed: the headers' dependencies would replace this machine's compiler.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

import arch as arches
import packages
import rootfs
from common import LabError, say

_RECIPE = 1  # counts changes of what _arrange() does
KERNEL = "6.12"  # the kernel whose source this fits
# What is taken of the source: all below a name.
_SOURCES = ("drivers/vfio", "drivers/iommu/iommufd", "drivers/iommu/iommu-priv.h",
            "lib/interval_tree.c")
_OPTIONS = {
    "IOMMUFD": "m", "IOMMUFD_DRIVER": "", "VFIO": "m", "VFIO_GROUP": "y", "VFIO_CONTAINER": "y",
    "VFIO_DEVICE_CDEV": "y", "VFIO_NOIOMMU": "y", "VFIO_VIRQFD": "y", "VFIO_IOMMU_TYPE1": "m",
    "VFIO_PCI_CORE": "m", "VFIO_PCI": "m", "VFIO_MDEV": "", "VFIO_FSL_MC": "", "VFIO_CDX": "",
    # Drivers of single vendors, which need the vendors' other drivers.
    "MLX5_VFIO_PCI": "", "HISI_ACC_VFIO_PCI": "", "PDS_VFIO_PCI": "", "VIRTIO_VFIO_PCI": "",
    "QAT_VFIO_PCI": "", "NVGRACE_GPU_VFIO_PCI": "",
    "DEBUG_INFO_BTF_MODULES": "",
}
_PLATFORM_OPTIONS = {"VFIO_PLATFORM_BASE": "m", "VFIO_PLATFORM": "m", "VFIO_AMBA": "m"}
# The headers have them off, so the sources must be told.
_DEFINES = ("CONFIG_IOMMUFD_MODULE", "CONFIG_VFIO_DEVICE_CDEV", "CONFIG_VFIO_NOIOMMU",
            "CONFIG_INTERVAL_TREE_SPAN_ITER")


def prepare(arch, release, modules, base):
    """The folder with all of the kernel's modules, VFIO's being ours; made on first use in BASE.
    MODULES is the folder of the kernel RELEASE's own."""
    recipe = repr((_RECIPE, _SOURCES, _DEFINES, _options(arch)))
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:16]
    root = base / f"iommufd-{release}-{digest}"
    target = root / "lib/modules" / release
    if not target.exists():
        say(f"building VFIO for {release} (once, into {base})")
        staging = base / "iommufd.new"
        shutil.rmtree(staging, ignore_errors=True)
        try:
            built = _build(arch, release, staging)
            result = staging / "result"
            _combine(modules, built, result / "lib/modules" / release)
            os.replace(result, root)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        for old in base.glob("iommufd-*"):
            if old != root:
                shutil.rmtree(old, ignore_errors=True)
    return target


def _options(arch):
    return _OPTIONS | (_PLATFORM_OPTIONS if arch.has_platform_devices else {})


def _build(arch, release, work):
    """Returns the paths of the modules, below WORK."""
    archive, native = packages.Archive(arch.debian), packages.Archive(_native().debian)
    archive.update()
    native.update()
    flavour = release.rsplit("-", 1)[-1]
    common = release.removesuffix(f"-{flavour}")
    try:
        version = archive.newest(f"linux-headers-{release}").version
    except LabError as error:
        raise LabError(f"Debian has no headers for the cached kernel {release} any more: remove "
                       f"{work.parent} ({error})") from None
    for source, name in ((archive, f"linux-headers-{release}"),
                         (archive, f"linux-headers-{common}-common"),
                         (native, f"linux-kbuild-{common}"), (archive, f"linux-source-{KERNEL}")):
        source.unpack(f"{name}={version}", work / name)
    headers = _merge([work / f"linux-headers-{release}", work / f"linux-headers-{common}-common",
                      work / f"linux-kbuild-{common}"], work / "headers")
    tree = headers / f"usr/src/linux-headers-{release}"
    makefile = tree / "Makefile"
    makefile.write_text(makefile.read_text().replace("/usr/src/", f"{headers}/usr/src/"))
    sources = _extract(work / f"linux-source-{KERNEL}", work / "source")
    return _make(arch, tree, _arrange(sources, work / "modules"))


def _native():
    return next(arch for arch in arches.ARCHES.values() if rootfs.is_native(arch))


def _merge(folders, target):
    for folder in folders:
        shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)
    return target


def _extract(package, target):
    (archive,) = package.glob("usr/src/linux-source-*.tar.xz")
    wanted = re.compile(rf"[^/]+/({'|'.join(map(re.escape, _SOURCES))})(/|$)")
    # A program of its own decompresses while this one reads.
    with subprocess.Popen(["xz", "-dcT0", archive], stdout=subprocess.PIPE) as xz, \
            tarfile.open(fileobj=xz.stdout, mode="r|") as tar:
        tar.extractall(target, (member for member in tar if wanted.match(member.name)))
    (sources,) = target.iterdir()
    return sources


def _arrange(sources, target):
    """One folder of external modules, in which the sources find each other."""
    shutil.copytree(sources / "drivers/vfio", target / "vfio")
    shutil.copytree(sources / "drivers/iommu/iommufd", target / "iommufd")
    shutil.copy(sources / "drivers/iommu/iommu-priv.h", target)
    (target / "Kbuild").write_text("obj-m += iommufd/ vfio/\n")
    # The kernel lacks a function that only iommufd calls: it goes into the module.
    text = (sources / "lib/interval_tree.c").read_text()
    (iterator,) = re.findall(r"^#ifdef CONFIG_INTERVAL_TREE_SPAN_ITER$.*?^#endif$", text,
                             re.MULTILINE | re.DOTALL)
    iterator = re.sub(r"^EXPORT_SYMBOL.*$", "", iterator, flags=re.MULTILINE)
    (target / "iommufd/span.c").write_text(f"#include <linux/interval_tree.h>\n{iterator}\n")
    with open(target / "iommufd/Makefile", "a") as makefile:
        makefile.write("\niommufd-y += span.o\n")
    return target


def _make(arch, tree, sources):
    if rootfs.is_native(arch):
        needed = {"make": ("make",), "gcc-12": ("gcc-12",)}
    else:
        needed = {"make": ("make",),
                  f"{arch.triplet}-gcc-12": (f"gcc-12-{arch.triplet.replace('_', '-')}",)}
    packages.require_programs(needed)
    command = ["make", "-s", f"-j{os.cpu_count()}", "-C", tree, f"M={sources}",
               *(f"CONFIG_{name}={value}" for name, value in _options(arch).items()),
               "KCFLAGS=" + " ".join(f"-D{name}=1" for name in _DEFINES), "modules"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"cannot build VFIO:\n{done.stderr[-4000:]}")
    return sorted(sources.rglob("*.ko"))


def _combine(modules, built, target):
    """All modules as links, ours in "updates", which depmod prefers."""
    shutil.copytree(modules, target, symlinks=True, copy_function=os.link,
                    ignore=shutil.ignore_patterns("modules.*", "build", "source"))
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        shutil.copy(modules / name, target)
    (target / "updates").mkdir()
    for module in built:
        shutil.copy(module, target / "updates")
