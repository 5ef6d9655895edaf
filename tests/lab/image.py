# SPDX-License-Identifier: Apache-2.0
"""What the host boots: a kernel from Debian's package, and an initramfs made here. Both are cached.

The initramfs holds busybox, the agent, init.sh and the modules that a host needs. The kernel's
package is unpacked, never installed. The kernel itself is decompressed here once: on an emulated
CPU that would take seconds of every start.
"""

import dataclasses
import hashlib
import lzma
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile

import packages
import rootfs
import vfio_modules
from common import LabError, cache_dir, locked, remove_old, say

_HERE = pathlib.Path(__file__).resolve().parent
_APPLETS = ("sh", "mount", "mkdir", "mknod", "chmod", "cat", "ls", "ln", "ip", "uname", "grep",
            "modprobe", "hostname")
_DIRECTORIES = ("bin", "sbin", "dev", "proc", "sys", "run", "output", "etc",
                "view/machine", "view/writes", "view/root")


@dataclasses.dataclass(frozen=True)
class HostImage:
    release: str  # as uname -r prints it
    kernel: pathlib.Path
    initramfs: pathlib.Path
    modules: pathlib.Path
    root: pathlib.Path  # a folder of this machine


def prepare(arch, version, iommufd=False):
    """The image for kernel VERSION ("6.1"), with iommufd if it shall be, made on first use."""
    packages.require_programs({arch.emulator: arch.emulator_packages, "depmod": ("kmod",)})
    base = cache_dir() / arch.name
    base.mkdir(exist_ok=True)
    with locked(base / "lock"):
        tree = _kernel_tree(arch, version, base)
        busybox = _busybox(arch, base)
        (kernel,) = tree.glob("boot/vmlinuz-*")
        release = kernel.name.removeprefix("vmlinuz-")
        modules = _modules_dir(tree, release)
        vmlinux = _decompressed(kernel, base / f"vmlinux-{release}")
        root_folder = rootfs.prepare(arch, base)
        agent = _agent(arch, base)
    names = arch.modules
    if iommufd:
        # Takes long the first time: other hosts can start meanwhile.
        with locked(base / "iommufd.lock"):
            modules = vfio_modules.prepare(arch, release, modules, base)
            _index(modules)
        names += ("iommufd",)
    inputs = [(_HERE / "init.sh").read_bytes(), agent.read_bytes(), busybox.read_bytes(),
              release.encode(), repr((names, str(modules), _APPLETS, _DIRECTORIES)).encode(),
              pathlib.Path(__file__).read_bytes()]
    digest = hashlib.sha256(b"\0".join(inputs)).hexdigest()[:16]
    initramfs = base / f"host-{release}-{digest}.cpio"
    with locked(base / "lock"):
        if not initramfs.exists():
            _make_initramfs(initramfs, agent, busybox, modules, names)
        remove_old(base.glob("host-*.cpio"), initramfs)
    return HostImage(release, vmlinux, initramfs, modules, root_folder)


def _kernel_tree(arch, version, base):
    """The unpacked kernel package; which one VERSION means is decided once and kept."""
    link = base / f"kernel-{version}"
    if link.exists():
        return link.resolve()
    if not re.fullmatch(r"\d+\.\d+", version):
        raise LabError(f"--host-kernel {version}: write a version like 6.1 or 6.12")
    say(f"getting Debian's {version} kernel (once, into {base})")
    archive = packages.Archive(arch.debian)
    archive.update()
    meta = archive.newest(arch.kernel_package, f"{version}.")
    name = re.search(r"linux-image-[^\s,|(]+", meta.depends)[0]
    tree = base / name
    if not tree.exists():
        archive.unpack(name, tree)
    link.symlink_to(name)
    return tree


def _decompressed(kernel, target):
    """The ELF file inside a bzImage (Linux, Documentation/arch/x86/boot.rst, payload_offset),
    which the emulator enters directly (PVH). KERNEL itself if it is packed in another way."""
    if target.exists():
        return target
    image = kernel.read_bytes()
    if image[0x202:0x206] != b"HdrS":
        return kernel
    setup_sectors = image[0x1f1] or 4
    offset, size = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = image[start:start + size]
    if payload.startswith(b"\xfd7zXZ\0"):
        elf = lzma.LZMADecompressor().decompress(payload)
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        packages.require_programs({"zstd": ("zstd",)})
        # The last four bytes are the result's size, not part of the stream.
        elf = subprocess.run(["zstd", "-dcq"], input=payload[:-4], capture_output=True).stdout
    else:
        return kernel
    if not elf.startswith(b"\x7fELF"):
        return kernel
    staging = target.with_suffix(".new")
    staging.write_bytes(elf)
    os.replace(staging, target)
    return target


def _modules_dir(tree, release):
    for parent in (tree / "lib/modules", tree / "usr/lib/modules"):
        path = parent / release
        if path.is_dir():
            _index(path)
            return path
    raise LabError(f"no modules in {tree}: remove it and try again")


def _index(modules):
    if not (modules / "modules.dep").exists():
        _depmod(modules.parents[2], modules.name)


def _depmod(root, release):
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    subprocess.run([shutil.which("depmod", path=path), "-b", root, release], check=True)


def _busybox(arch, base):
    target = base / "busybox"
    if not target.exists():
        archive = packages.Archive(arch.debian)
        archive.update()
        archive.unpack("busybox-static", target)
    return target / "bin/busybox"


def _compiler(arch):
    """The command of a compiler for ARCH, which is there."""
    if not rootfs.is_native(arch):
        packages.require_programs({arch.compiler: (arch.compiler_package,)})
        return [arch.compiler]
    compiler = os.environ.get("CXX") or "g++"
    if compiler == "g++":
        packages.require_programs({"g++": ("g++",)})
    return compiler.split()


def _agent(arch, base):
    source = _HERE / "agent.cc"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    target = base / f"agent-{digest}"
    if target.exists():
        remove_old(base.glob("agent-*"), target)
        return target
    staging = base / "agent.new"
    result = subprocess.run(
        [*_compiler(arch), "-std=c++20", "-O1", "-static", "-s", "-o", staging, source],
        capture_output=True, text=True)
    if result.returncode != 0:
        raise LabError(f"cannot compile {source}:\n{result.stderr}")
    os.replace(staging, target)
    return target


def _module_closure(modules_dir, names):
    """Paths below MODULES_DIR of the modules NAMES and of all that they depend on."""
    dependencies, by_name = {}, {}
    for line in (modules_dir / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        dependencies[path] = rest.split()
        by_name[pathlib.PurePath(path).name.split(".")[0].replace("-", "_")] = path
    builtin = {pathlib.PurePath(line).name.split(".")[0].replace("-", "_")
               for line in (modules_dir / "modules.builtin").read_text().splitlines()}
    closure = set()
    for name in (name.replace("-", "_") for name in names):
        if name in by_name:
            closure.update([by_name[name], *dependencies[by_name[name]]])
        elif name not in builtin:
            raise LabError(f"the kernel in {modules_dir} has no module {name}")
    return sorted(closure)


def _make_initramfs(target, agent, busybox, modules_dir, names):
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="host-") as staging:
        root = pathlib.Path(staging)
        for directory in _DIRECTORIES:
            (root / directory).mkdir(parents=True)
        shutil.copy(agent, root / "agent")
        shutil.copy(busybox, root / "bin/busybox")
        shutil.copy(_HERE / "init.sh", root / "init")
        for program in ("agent", "bin/busybox", "init"):
            (root / program).chmod(0o755)
        for applet in _APPLETS:
            (root / "bin" / applet).symlink_to("busybox")
        (root / "sbin/modprobe").symlink_to("../bin/busybox")  # what the kernel calls
        staged = root / "lib/modules" / modules_dir.name
        for path in _module_closure(modules_dir, names):
            copy = staged / path.removesuffix(".xz")
            copy.parent.mkdir(parents=True, exist_ok=True)
            data = (modules_dir / path).read_bytes()
            copy.write_bytes(lzma.decompress(data) if path.endswith(".xz") else data)
        for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
            shutil.copy(modules_dir / name, staged / name)
        _depmod(root, modules_dir.name)
        part = target.with_suffix(".new")
        with open(part, "wb") as archive:
            _write_cpio(archive, root)
        os.replace(part, target)


def _write_cpio(archive, root):
    """The "newc" format of cpio(5), which the kernel unpacks as its first root file system."""
    def entry(name, mode, data):
        encoded = name.encode() + b"\0"
        numbers = (next(inodes), mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
        header = b"070701" + b"".join(b"%08x" % number for number in numbers) + encoded
        for part in (header, data):
            archive.write(part + b"\0" * (-len(part) % 4))

    inodes = iter(range(1, 1 << 30))
    for path in sorted(root.rglob("*")):
        if path.is_symlink():
            data = os.readlink(path).encode()
        else:
            data = b"" if path.is_dir() else path.read_bytes()
        entry(str(path.relative_to(root)), path.lstat().st_mode, data)
    entry("TRAILER!!!", 0, b"")
