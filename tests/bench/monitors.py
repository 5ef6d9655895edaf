# SPDX-License-Identifier: Apache-2.0
"""The monitors that are compared, each as lean as its options make it for the same guest: one vCPU,
256 MiB, a kernel, an initramfs and a virtio console, nothing else."""

import dataclasses
import subprocess

CONFIG = "/etc/bench.toml"
MEMORY_MIB = 256


@dataclasses.dataclass(frozen=True)
class Guest:
    """Paths inside the root in memory."""
    kernel: str
    initramfs: str
    command_line: str


@dataclasses.dataclass(frozen=True)
class Monitor:
    name: str
    title: str
    program: str  # in its root
    # What the guest loads to have its console: "hvc" (PCI) or "mmio".
    console: str
    root: str = "/"  # the folder of the machine with the program, its libraries and `files`
    transport: str = ""  # of the peer's virtio devices: "pci" or "device" (virtio-mmio)
    machine: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def is_lintel(self) -> bool:
        return self.name.startswith("lintel")

    @property
    def inside(self) -> str:
        """The program, where measuring has it."""
        return "/usr/bin/lintel" if self.is_lintel else self.program


@dataclasses.dataclass(frozen=True)
class Architecture:
    """Of the guests and of the lab's host."""
    lab: str
    debian: str
    strip: tuple[str, str]  # the program and its package
    peers: tuple[Monitor, ...]
    peers_package: str


_COMMON = ("-nodefaults", "-no-user-config", "-display", "none", "-cpu", "host", "-smp", "1",
           "-m", str(MEMORY_MIB), "-no-reboot")
_Q35 = ("-machine", "q35,accel=kvm,vmport=off,hpet=off,smm=off,i8042=off,usb=off,sata=off,"
        "graphics=off")
# With its own transport for virtio; with PCI (pcie=on) it is slower. Without an RTC the kernel polls
# for one, for a second.
_MICROVM = ("-machine", "microvm,accel=kvm,pic=off,pit=off,rtc=on,isa-serial=off,usb=off")
# The default GIC is version 2, which the lab's host does not have.
_VIRT = ("-machine", "virt,accel=kvm,gic-version=host")
_X86_QEMU = "/usr/bin/qemu-system-x86_64"
_X86_FILES = ("/usr/share/qemu", "/usr/share/seabios")
_ARM64_QEMU = "/usr/bin/qemu-system-aarch64"

ARCHITECTURES = {
    "x86_64": Architecture(
        lab="x86", debian="amd64", strip=("strip", "binutils"),
        peers=(Monitor("q35", "QEMU q35", _X86_QEMU, "hvc", "/", "pci", _Q35, _X86_FILES),
               Monitor("microvm", "QEMU microvm", _X86_QEMU, "mmio", "/", "device", _MICROVM,
                       _X86_FILES)),
        peers_package="qemu-system-x86"),
    "arm64": Architecture(
        lab="arm64", debian="arm64", strip=("aarch64-linux-gnu-strip", "binutils-aarch64-linux-gnu"),
        peers=(Monitor("virt", "QEMU virt", _ARM64_QEMU, "hvc", "/", "pci", _VIRT),
               Monitor("virt-mmio", "QEMU virt, virtio-mmio", _ARM64_QEMU, "mmio", "/", "device",
                       _VIRT)),
        peers_package="qemu-system-arm"),
}


def all_monitors(arch: str, lintel: str, peers_root: str = "/") -> list[Monitor]:
    return [Monitor("lintel", "Lintel", lintel, "hvc"),
            *(dataclasses.replace(peer, root=peers_root) for peer in ARCHITECTURES[arch].peers)]


def of_plan(plan: dict) -> list[Monitor]:
    """Those that a plan wants measured."""
    known = all_monitors(plan["arch"], plan["lintel"], plan["peers_root"])
    return [monitor for monitor in known if monitor.name in plan["monitors"]]


def configuration(guest: Guest, devices: str = "") -> str:
    """Lintel's TOML for the same machine."""
    return f"""\
[boot]
kernel = "{guest.kernel}"
initrd = "{guest.initramfs}"
cmdline = "{guest.command_line}"
[memory]
size = "{MEMORY_MIB}M"
[console]
type = "virtio"
[rng]
enabled = false
{devices}"""


def command(monitor: Monitor, guest: Guest, devices: tuple[str, ...] = ()) -> list[str]:
    """The command line inside the root; Lintel's says the rest in its configuration."""
    if monitor.is_lintel:
        return ["/usr/bin/lintel", "run", CONFIG]
    console = ("-chardev", "stdio,id=out,signal=off", "-device",
               f"virtio-serial-{monitor.transport},max_ports=1", "-device", "virtconsole,chardev=out")
    return [monitor.program, *monitor.machine, *_COMMON, *console, "-kernel", guest.kernel, "-initrd",
            guest.initramfs, "-append", guest.command_line, *devices]


def version(monitor: Monitor) -> str:
    """What a program says that can run here, in the root of this process."""
    option = "version" if monitor.is_lintel else "--version"
    result = subprocess.run([monitor.inside, option], capture_output=True, text=True, check=True)
    return result.stdout.splitlines()[0]
