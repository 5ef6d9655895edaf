#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Debian packages as plain files: downloaded and unpacked under the user's cache, never installed.

Kernels for guests and for the lab come from here. apt does the work with a private configuration
(its own lists, archives and an empty dpkg status), so the machine's package state is neither read
nor changed, no root is needed, and a suite or an architecture that the machine does not have can
be asked for. The mirror is the one that the machine itself uses.

`ensure_installed()` is the exception: it installs the tools that a script runs.

As a command:
  debian_packages.py download NAME... [--suite S] [--arch A]   prints the .deb paths
  debian_packages.py unpack NAME...   [--suite S] [--arch A]   prints the unpacked folders
  debian_packages.py kernel NAME      [--suite S] [--arch A]   prints root, release and image
  debian_packages.py install NAME...
"""

import argparse
import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

DEFAULT_SUITE = "bookworm"
DEFAULT_ARCH = "amd64"
_POCKETS = ("", "-updates", "-security")
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class PackageError(Exception):
    """What failed and what to do about it, fit to be shown to the user."""


@dataclasses.dataclass(frozen=True)
class Kernel:
    """An unpacked kernel package; `modules` has been through depmod."""

    root: pathlib.Path
    release: str

    @property
    def image(self) -> pathlib.Path:
        return self.root / "boot" / f"vmlinuz-{self.release}"

    @property
    def config(self) -> pathlib.Path:
        return self.root / "boot" / f"config-{self.release}"

    @property
    def modules(self) -> pathlib.Path:
        return self.root / "lib" / "modules" / self.release


def cache_root() -> pathlib.Path:
    """The folder under which everything of ours that can be fetched again is kept."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(base) / "lintel"


def _run(command, what, **options) -> str:
    """Runs a command quietly; its output appears only in the error."""
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **options
    )
    if result.returncode != 0:
        tail = "\n".join((result.stderr or result.stdout).strip().splitlines()[-8:])
        raise PackageError(f"{what} failed ({command[0]}: exit {result.returncode})\n{tail}")
    return result.stdout


@contextlib.contextmanager
def locked(path: pathlib.Path):
    """Holds an exclusive lock, so that scripts started side by side share one download."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _machine_codename() -> str:
    for line in pathlib.Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip('"')
    return DEFAULT_SUITE


def _machine_sources() -> dict[str, str]:
    """Maps each release in the machine's own apt sources to its mirror.

    From the addresses that an update would read: known even before the first update.
    """
    output = _run(["apt-get", "update", "--print-uris"], "reading the machine's apt sources")
    pattern = re.compile(r"^'(\S+)/dists/(\S+)/InRelease'", re.MULTILINE)
    sources = {}
    for uri, release in pattern.findall(output):
        sources.setdefault(release, uri)
    return sources


def source_lines(suite: str, arch: str, machine: dict, codename: str) -> list[str]:
    """The private sources.list for `suite`: its release with updates and security, and itself.

    A pocket that the machine does not know is taken from where the machine has its own release's
    pocket of that kind, so the mirror is always one that the machine already uses.
    """
    base = suite.split("-", 1)[0]
    wanted = [base + pocket for pocket in _POCKETS]
    if suite not in wanted:
        wanted.append(suite)
    options = f"arch={arch}" + (f" signed-by={_KEYRING}" if os.path.exists(_KEYRING) else "")
    lines = []
    for release in wanted:
        pocket = release[len(base):]
        uri = machine.get(release) or machine.get(codename + pocket)
        if uri is None and pocket != "-security":
            uri = machine.get(codename)
        if uri is not None:
            lines.append(f"deb [{options}] {uri} {release} main")
    if not lines:
        raise PackageError(
            f"no apt source for Debian's '{base}' on this machine\n"
            f"  add one to /etc/apt/sources.list.d, then try again (known: {', '.join(machine)})"
        )
    return lines


def sources(suite: str, arch: str) -> list[str]:
    """The apt sources of `suite`, for whoever brings an apt of its own."""
    return source_lines(suite, arch, _machine_sources(), _machine_codename())


class _PrivateApt:
    """apt with its own state, for one suite and architecture."""

    def __init__(self, suite: str, arch: str):
        self._suite = suite
        self._dir = cache_root() / "packages" / f"apt-{suite}-{arch}"
        for sub in ("lists/partial", "archives/partial"):
            (self._dir / sub).mkdir(parents=True, exist_ok=True)
        (self._dir / "status").touch()
        list_file = self._dir / "sources.list"
        options = {
            "APT::Architecture": arch,
            "APT::Architectures::": arch,
            "APT::Install-Recommends": "false",
            "APT::Update::Post-Invoke": "",
            "APT::Update::Post-Invoke-Success": "",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Dir::Etc::SourceList": list_file,
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State::Lists": self._dir / "lists",
            "Dir::State::Status": self._dir / "status",
            "Dir::State::Extended_States": self._dir / "extended_states",
            "Dir::Cache": self._dir,
            "Dir::Cache::Archives": self._dir / "archives",
            # The _apt user cannot enter a private home folder; files are verified either way.
            "APT::Sandbox::User": "root",
        }
        if suite.split("-", 1)[-1] not in (suite, "updates", "security"):
            options["APT::Default-Release"] = suite
        self._options = [f"-o{key}={value}" for key, value in options.items()]
        text = "\n".join(sources(suite, arch)) + "\n"
        if not list_file.exists() or list_file.read_text(encoding="ascii") != text:
            list_file.write_text(text, encoding="ascii")

    def update(self) -> None:
        # Without Error-Mode=any a mirror that cannot be reached is only a warning.
        _run(["apt-get", *self._options, "-oAPT::Update::Error-Mode=any", "-q", "update"],
             f"reading the package lists of {self._suite}")

    def dependencies(self, name: str) -> list[str]:
        output = _run(["apt-cache", *self._options, "depends", "--important", name],
                      f"looking for package {name} in {self._suite}")
        return re.findall(r"^ +Depends: ([^ <\n]+)", output, re.MULTILINE)

    def download(self, name: str, into: pathlib.Path) -> pathlib.Path:
        """Downloads one package into the folder `into`, which must be empty."""
        _run(["apt-get", *self._options, "-q", "download", name],
             f"downloading package {name} from {self._suite}", cwd=into)
        return next(into.glob("*.deb"))


def _pointer(kind: str, name: str, suite: str, arch: str) -> pathlib.Path:
    return cache_root() / "packages" / kind / f"{name}_{suite}_{arch}"


def _lock_path(suite: str, arch: str) -> pathlib.Path:
    return cache_root() / "packages" / f".lock-{suite}-{arch}"


def _download_locked(name: str, apt: _PrivateApt, pointer: pathlib.Path) -> pathlib.Path:
    pointer.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=pointer.parent) as temporary:
        deb = apt.download(name, pathlib.Path(temporary))
        kept = pointer.parent / deb.name
        os.replace(deb, kept)
    with contextlib.suppress(FileNotFoundError):
        pointer.unlink()
    pointer.symlink_to(kept.name)
    return kept


def download(names, suite=DEFAULT_SUITE, arch=DEFAULT_ARCH) -> list[pathlib.Path]:
    """Returns the .deb file of every named package; what is in the cache needs no network."""
    with locked(_lock_path(suite, arch)):
        apt = None
        found = []
        for name in names:
            pointer = _pointer("debs", name, suite, arch)
            if pointer.exists():
                found.append(pointer.resolve())
                continue
            if apt is None:
                apt = _PrivateApt(suite, arch)
                apt.update()
            found.append(_download_locked(name, apt, pointer))
        return found


@contextlib.contextmanager
def _appearing(folder: pathlib.Path):
    """A temporary folder that becomes `folder`, which is thus there as a whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = pathlib.Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        temporary.chmod(0o755)
        yield temporary
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def unpack(name, suite=DEFAULT_SUITE, arch=DEFAULT_ARCH, finish=None) -> pathlib.Path:
    """Returns a folder with the package's files. `finish(folder)` runs once, before it is kept."""
    deb = download([name], suite, arch)[0]
    folder = cache_root() / "packages" / "unpacked" / deb.stem
    with locked(_lock_path("unpack", deb.stem)):
        if folder.is_dir():
            return folder
        with _appearing(folder) as temporary:
            _run(["dpkg", "-x", str(deb), str(temporary)], f"unpacking {deb.name}")
            if finish:
                finish(temporary)
    return folder


def unpack_together(names, suite=DEFAULT_SUITE, arch=DEFAULT_ARCH) -> pathlib.Path:
    """Returns one folder with the files of all packages `names`, without what they depend on."""
    debs = sorted(download(names, suite, arch))
    digest = hashlib.sha256("\n".join(deb.name for deb in debs).encode()).hexdigest()[:16]
    folder = cache_root() / "packages" / "together" / f"{arch}-{digest}"
    with locked(_lock_path("together", folder.name)):
        if not folder.is_dir():
            with _appearing(folder) as temporary:
                for deb in debs:
                    _run(["dpkg", "-x", str(deb), str(temporary)], f"unpacking {deb.name}")
    return folder


def _kernel_release(root: pathlib.Path) -> str:
    for image in sorted((root / "boot").glob("vmlinuz-*")):
        return image.name.removeprefix("vmlinuz-")
    raise PackageError(f"no kernel image under {root}/boot")


def _run_depmod(root: pathlib.Path) -> None:
    depmod = shutil.which("depmod", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if depmod is None:
        raise PackageError("depmod is missing: install the package kmod")
    _run([depmod, "-b", str(root), _kernel_release(root)], "indexing the kernel's modules")


def kernel(name, suite=DEFAULT_SUITE, arch=DEFAULT_ARCH) -> Kernel:
    """Unpacks the kernel that the package `name` is, or that this meta package depends on.

    A meta package is resolved once and remembered: later runs use the same kernel, offline.
    """
    resolved = _pointer("kernels", name, suite, arch)
    if not resolved.exists():
        with locked(_lock_path(suite, arch)):
            apt = _PrivateApt(suite, arch)
            apt.update()
            images = [p for p in apt.dependencies(name) if p.startswith("linux-image-")]
            resolved.parent.mkdir(parents=True, exist_ok=True)
            temporary = resolved.with_suffix(".new")
            temporary.write_text((images[0] if images else name) + "\n", encoding="ascii")
            temporary.rename(resolved)
    package = resolved.read_text(encoding="ascii").strip()
    root = unpack(package, suite, arch, _run_depmod)
    return Kernel(root, _kernel_release(root))


def missing(packages) -> list[str]:
    """Those of `packages` that are not installed on this machine."""
    result = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Provides} ${db:Status-Status}\n", *packages],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
    )
    installed = {line.split()[0] for line in result.stdout.splitlines()
                 if line.endswith(" installed")}
    return [p for p in packages if p.split(":")[0] not in installed]


def ensure_installed(packages) -> None:
    """Installs what is missing of `packages`, as root or by sudo; says so in one line."""
    absent = missing(packages)
    if not absent:
        return
    prefix = []
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            raise PackageError("these packages are missing and this is not root: run\n"
                               f"  apt-get install {' '.join(absent)}")
        prefix = ["sudo"]
    print(f"installing {' '.join(absent)}", file=sys.stderr)
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q",
           "-oDPkg::Lock::Timeout=600", "-oAcquire::Retries=3"]
    install = [*apt, "install", "-y", "--no-install-recommends", *absent]
    with locked(cache_root() / "packages" / ".lock-install"):
        try:
            _run(install, "installing packages")
        except PackageError:
            # The lists are absent in a fresh container, or older than the mirror's contents.
            _run([*apt, "update"], "reading the package lists")
            _run(install, f"installing {' '.join(absent)}")


def main(arguments) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("download", "unpack", "kernel", "install"))
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--suite", default=DEFAULT_SUITE)
    parser.add_argument("--arch", default=DEFAULT_ARCH)
    options = parser.parse_args(arguments)
    place = {"suite": options.suite, "arch": options.arch}
    if options.command == "install":
        ensure_installed(options.names)
    elif options.command == "download":
        for deb in download(options.names, **place):
            print(deb)
    elif options.command == "unpack":
        for name in options.names:
            print(unpack(name, **place))
    else:
        for name in options.names:
            found = kernel(name, **place)
            print(found.root, found.release, found.image)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except PackageError as error:
        sys.exit(f"debian_packages: {error}")
