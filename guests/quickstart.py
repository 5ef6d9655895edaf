# SPDX-License-Identifier: Apache-2.0
"""Builds Lintel, makes a small Debian guest, and boots it to a shell prompt.

Everything that it needs comes from Debian's packages and is kept, so the next run takes seconds.
Without a terminal on standard input the guest checks itself and powers off; the exit status is 0
if it found all well. On a machine that cannot run KVM guests, or none of that architecture, an
emulated host with KVM does.
"""

import argparse
import dataclasses
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tomllib

_ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(_ROOT / "guests"))

import debian_packages  # noqa: E402  (needs the path above)
import kernels  # noqa: E402

_CONFIG = pathlib.Path("configs/debian.toml")
_GUESTS = _ROOT / "build" / "guests"
_LOG = _ROOT / "build" / "quickstart.log"
_PASS = re.compile(rb"LINTEL-SELF-CHECK pass ([^\r\n]*)")
_FAIL = re.compile(rb"LINTEL-SELF-CHECK fail ([^\r\n]*)")


_MACHINES = {"x86_64": "x86_64", "aarch64": "arm64"}  # as uname has them, and as we call them


@dataclasses.dataclass(frozen=True)
class Target:
    """Where things are for guests of an architecture."""
    debian: str  # Debian's name of it
    lab: str
    preset: str
    guests: pathlib.Path
    is_native: bool

    @property
    def lintel(self) -> pathlib.Path:
        return pathlib.Path("build") / self.preset / "lintel"


def target(arch: str, machine: str) -> Target:
    """machine: as uname has it."""
    is_native = _MACHINES.get(machine) == arch
    if arch == "x86_64":
        if not is_native:
            raise debian_packages.PackageError(
                f"x86_64 guests want an x86_64 machine, this is {machine}: try --arch arm64")
        return Target("amd64", "x86", "release", _GUESTS, True)
    if is_native:
        return Target("arm64", "arm64", "release", _GUESTS, True)
    # Beside the machine's own guests, which are where configs/ has them.
    return Target("arm64", "arm64", "arm64", _GUESTS / "arm64", False)


def say(text: str) -> None:
    print(f"quickstart: {text}", file=sys.stderr, flush=True)


def run_step(command, what: str) -> str:
    """Runs one step with its output in the log; returns its standard output."""
    _LOG.parent.mkdir(parents=True, exist_ok=True)
    with open(_LOG, "a", encoding="utf-8") as log:
        log.write(f"$ {shlex.join(map(str, command))}\n")
        log.flush()
        result = subprocess.run(list(map(str, command)), cwd=_ROOT, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=log, text=True, check=False)
        log.write(result.stdout)
    if result.returncode != 0:
        tail = "\n".join(_LOG.read_text(encoding="utf-8").splitlines()[-15:])
        raise debian_packages.PackageError(f"{what} failed; the end of {_LOG}:\n{tail}")
    return result.stdout


def build_packages(where: Target) -> list[str]:
    lines = (_ROOT / "guests" / "build-packages.txt").read_text(encoding="ascii").splitlines()
    packages = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if where.is_native:
        return [*packages, "passt"]
    # The preset gets the compiler and the libraries itself (guests/sysroot); the lab has passt.
    return [package for package in packages if not package.endswith("-dev") and package != "g++"]


def build_lintel(where: Target) -> None:
    debian_packages.ensure_installed(build_packages(where))
    folder = f"build/{where.preset}"
    if not (_ROOT / folder / "build.ninja").exists():
        run_step(["cmake", "--preset", where.preset], "configuring Lintel")
    if not (_ROOT / where.lintel).exists():
        say("building Lintel (some minutes the first time)")
    run_step(["cmake", "--build", folder, "--target", "lintel"], "building Lintel")


def place(link: pathlib.Path, file: pathlib.Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(file)


def make_guest(where: Target) -> None:
    """Puts vmlinuz, initramfs.cpio and debian.img where configs/debian.toml looks for them."""
    where.guests.mkdir(parents=True, exist_ok=True)
    name = kernels.for_arch("debian", where.debian)
    kernel = kernels.manifest()["images"][name]["kernel"]
    place(where.guests / "vmlinuz", kernels.fetch(kernel) / "vmlinuz")
    initramfs = run_step([_ROOT / "guests/initramfs/build", "--kernel", kernel],
                         "making the initramfs")
    place(where.guests / "initramfs.cpio", pathlib.Path(initramfs.split()[-1]))
    image = where.guests / "debian.img"
    template_note = where.guests / "debian.img.template"
    templates = debian_packages.cache_root() / "guests" / "images"
    if not any(templates.glob(f"{name}-{'?' * 16}.img")):
        how_long = "a minute" if where.is_native else "its packages are set up in the lab: minutes"
        say(f"making a Debian disk image ({how_long}, once)")
    template = run_step([_ROOT / "guests/image/build", "--arch", where.debian],
                        "making the disk image").split()[-1]
    if not image.exists():
        run_step(["cp", "--sparse=always", template, image], "copying the disk image")
        template_note.write_text(template + "\n", encoding="utf-8")
    elif template_note.exists() and template_note.read_text(encoding="utf-8").strip() != template:
        # What its user did in it counts for more than a fresh template.
        say(f"{image.relative_to(_ROOT)} is older than its template; delete it to get a new one")


def kvm_works(where: Target) -> bool:
    """Whether a guest runs here: a /dev/kvm that opens may still be unable to."""
    if not where.is_native:
        return False
    probe = subprocess.run([_ROOT / where.lintel, "doctor", "--quiet", "--check", "kvm"],
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)
    return probe.returncode == 0


def lintel_command(where: Target, self_check: bool, in_lab: bool) -> list[str]:
    command = [str(where.lintel), "run", str(_CONFIG)]
    if where.guests != _GUESTS:
        command += ["--set", f"boot.kernel={where.guests / 'vmlinuz'}",
                    "--set", f"boot.initrd={where.guests / 'initramfs.cpio'}"]
    if self_check:
        with open(_ROOT / _CONFIG, "rb") as file:
            cmdline = tomllib.load(file).get("boot", {}).get("cmdline", "")
        command += ["--set", f"boot.cmdline={cmdline} lintel.self_check".replace("= ", "=", 1)]
        command += ["--set", f"vm.timeout={'14m' if in_lab else '3m'}"]
    if not in_lab:
        return command
    # The disk goes in as a device: no copy of it has to be made there, and writes are dropped.
    command += ["--set", "disk.0.path=/dev/vda"]
    lab = ["tests/lab/lab", where.lab, "--devices", f"virtio-blk={where.guests / 'debian.img'}"]
    if self_check:
        lab += ["--timeout", "15m"]
    return [*lab, "--", "sh", "-c", 'modprobe virtio_blk && exec "$@"', "sh", *command]


def watch(command) -> int:
    """Runs the self-check, shows the console, and gives the exit status."""
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as child:
        console = b""
        while chunk := os.read(child.stdout.fileno(), 65536):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            # Enough to hold a verdict; a guest may print without end.
            console = (console + chunk)[-(1 << 20):]
    failed = _FAIL.search(console)
    passed = _PASS.search(console)
    if passed and not failed and child.returncode == 0:
        say(f"the guest is well: {passed[1].decode(errors='replace')}")
        return 0
    if failed:
        say(f"the guest's self-check failed: {failed[1].decode(errors='replace')}")
    elif not passed:
        say(f"the guest did not get to its self-check (lintel: exit status {child.returncode})")
    else:
        say(f"the guest was well, but lintel ended with status {child.returncode}")
    return child.returncode or 1


def main(arguments) -> int:
    parser = argparse.ArgumentParser(prog="quickstart", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arch", default=_MACHINES.get(os.uname().machine, "x86_64"),
                        choices=tuple(_MACHINES.values()), help="of the guest (the machine's)")
    parser.add_argument("--lab", action="store_true", help="use the emulated host in any case")
    parser.add_argument("--prepare", action="store_true", help="make everything, boot nothing")
    options = parser.parse_args(arguments)
    where = target(options.arch, os.uname().machine)
    _LOG.unlink(missing_ok=True)
    build_lintel(where)
    make_guest(where)
    if options.prepare:
        return 0
    self_check = not os.isatty(0)
    in_lab = options.lab or not kvm_works(where)
    if in_lab:
        why = "no usable KVM here" if where.is_native else f"no {options.arch} machine"
        say(f"{why}: booting on an emulated host that has KVM (slow; what the guest writes to its "
            "disk is lost)")
    command = lintel_command(where, self_check, in_lab)
    if self_check:
        return watch(command)
    say("Ctrl-a x ends the machine, `poweroff` in it does so cleanly")
    return subprocess.run(command, cwd=_ROOT, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except debian_packages.PackageError as error:
        sys.exit(f"quickstart: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
