# SPDX-License-Identifier: Apache-2.0
"""Debian packages: programs that the lab needs on this machine, and packages that it only unpacks.

What is only unpacked is looked up with a private apt configuration under the cache folder, so that
backports can be used on a machine that does not list them. Mirror, proxy and credentials are those
of the machine.
"""

import dataclasses
import glob
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from common import LabError, cache_dir, locked, say

SUITE = "bookworm"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def _run(argv, what, **kwargs):
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    result = subprocess.run(argv, capture_output=True, text=True, **kwargs)
    if result.returncode != 0:
        detail = (result.stderr.strip() or result.stdout.strip())[-2000:]
        raise LabError(f"{what}: {' '.join(map(str, argv))} failed:\n{detail}")
    return result.stdout


def require_programs(programs):
    """Installs the packages of those programs (a dict: program to packages) that are missing."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = sorted({package for program, needed in programs.items()
                      if not shutil.which(program, path=path) for package in needed})
    if not missing:
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    install = prefix + ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    if prefix and not shutil.which("sudo"):
        raise LabError(f"packages are missing: run as root: apt-get install {' '.join(missing)}")
    say(f"installing {' '.join(missing)}")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    with locked(cache_dir() / "install.lock"):
        try:
            _run(install, "cannot install packages", env=environment)
        except LabError:
            _run(prefix + ["apt-get", "update", "-q"], "cannot read package lists", env=environment)
            _run(install, "cannot install packages", env=environment)


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    version: str
    depends: str


class Archive:
    """Debian's archive through the private apt configuration."""

    def __init__(self, architecture):
        self._dir = cache_dir() / f"apt-{architecture}"
        self._options = []
        for folder in ("lists/partial", "archives/partial"):
            (self._dir / folder).mkdir(parents=True, exist_ok=True)
        sources = self._dir / "sources.list"
        sources.write_text("".join(f"{line}\n" for line in _source_lines(architecture)))
        for key, value in {
            "Dir::Etc::sourcelist": sources,
            "Dir::Etc::sourceparts": "-",
            "Dir::State::lists": self._dir / "lists",
            "Dir::Cache::archives": self._dir / "archives",
            "Dir::Cache::pkgcache": "",
            "Dir::Cache::srcpkgcache": "",
            "APT::Architecture": architecture,
            "APT::Architectures::": architecture,
            "APT::Sandbox::User": "root",
            "APT::Update::Post-Invoke": "",
            "Acquire::Languages": "none",
        }.items():
            self._options += ["-o", f"{key}={value}"]
        self._options += ["-o", "#clear=APT::Update::Post-Invoke"]

    def update(self):
        _run(["apt-get", *self._options, "update", "-q"], "cannot read Debian's package lists")

    def newest(self, name, version_prefix=""):
        text = _run(["apt-cache", *self._options, "show", name], f"Debian has no package {name}")
        found = None
        for record in text.split("\n\n"):
            fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", record, re.MULTILINE))
            version = fields.get("Version", "")
            if not version.startswith(version_prefix) or not version:
                continue
            if found is None or _newer(version, found.version):
                found = Package(name, version, fields.get("Depends", ""))
        if found is None:
            raise LabError(f"Debian has no package {name} of version {version_prefix}*")
        return found

    def unpack(self, name, target):
        """Downloads the package NAME and unpacks it as the folder TARGET, which appears whole."""
        staging = pathlib.Path(f"{target}.new")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        try:
            _run(["apt-get", *self._options, "download", "-q", name], f"cannot download {name}",
                 cwd=staging)
            (file,) = staging.glob("*.deb")
            _run(["dpkg-deb", "-x", file, staging], f"cannot unpack {name}")
            file.unlink()
            os.replace(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


    def unpack_closure(self, names, target):
        """Unpacks the packages NAMES and all that they depend on into the folder TARGET, whose
        links from one folder to another stay."""
        with tempfile.TemporaryDirectory(dir=self._dir) as folder:
            # As on a system without any package: its status is this empty file.
            status = pathlib.Path(folder, "status")
            status.touch()
            pathlib.Path(folder, "partial").mkdir()
            _run(["apt-get", *self._options, "-o", f"Dir::State::status={status}",
                  "-o", f"Dir::Cache::archives={folder}", "install", "-y", "-q", "--download-only",
                  "--no-install-recommends", *names], "cannot download packages")
            for file in sorted(pathlib.Path(folder).glob("*.deb")):
                content = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", file],
                                           stdout=subprocess.PIPE)
                _run(["tar", "-x", "--keep-directory-symlink", "-C", target],
                     f"cannot unpack {file.name}", stdin=content.stdout)
                content.stdout.close()
                if content.wait() != 0:
                    raise LabError(f"cannot read {file.name}")


def _newer(version, other):
    return subprocess.run(["dpkg", "--compare-versions", version, "gt", other]).returncode == 0


def _source_lines(architecture):
    mirrors, security = _machine_mirrors()
    override = os.environ.get("LINTEL_DEBIAN_MIRROR")
    if override:
        mirrors, security = [override], []
    if not mirrors:
        raise LabError(
            f"no apt source of this machine offers Debian's {SUITE}: add one, or set "
            "LINTEL_DEBIAN_MIRROR to the address of a Debian mirror")
    options = f"[arch={architecture}"
    options += f" signed-by={KEYRING}]" if os.path.exists(KEYRING) else "]"
    for uri in mirrors[:1]:
        for suite in (SUITE, f"{SUITE}-updates", f"{SUITE}-backports"):
            yield f"deb {options} {uri} {suite} main"
    for uri in security[:1]:
        yield f"deb {options} {uri} {SUITE}-security main"


def _machine_mirrors():
    """The addresses that this machine's apt sources have for SUITE and for its security updates."""
    mirrors, security = [], []
    for uri, suite in _machine_sources():
        if suite == SUITE:
            mirrors.append(uri)
        elif suite == f"{SUITE}-security":
            security.append(uri)
    return mirrors, security


def _machine_sources():
    """Pairs of address and suite, from both formats of sources.list(5)."""
    for path in ["/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*.list"))]:
        if os.path.exists(path):
            for line in pathlib.Path(path).read_text().splitlines():
                match = re.match(r"deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)", line)
                if match and "main" in match[3].split():
                    yield match[1], match[2]
    for path in sorted(glob.glob("/etc/apt/sources.list.d/*.sources")):
        text = re.sub(r"^#.*\n", "", pathlib.Path(path).read_text(), flags=re.MULTILINE)
        for paragraph in re.split(r"\n\s*\n", text):
            joined = re.sub(r"\n[ \t]+", " ", paragraph)
            fields = {key.lower(): value.split()
                      for key, value in re.findall(r"^([\w-]+):(.*)$", joined, re.MULTILINE)}
            if fields.get("enabled") == ["no"] or "deb" not in fields.get("types", []):
                continue
            if "main" in fields.get("components", []):
                for uri in fields.get("uris", []):
                    for suite in fields.get("suites", []):
                        yield uri, suite
