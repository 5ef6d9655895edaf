# SPDX-License-Identifier: Apache-2.0
"""The monitors that are compared, each as lean as its options make it for the same guest: one vCPU,
256 MiB, a kernel, an initramfs and a virtio console, nothing else."""

import dataclasses
import pathlib
import subprocess

QEMU = "/usr/bin/qemu-system-x86_64"
_QEMU_FILES = ("/usr/share/qemu", "/usr/share/seabios")
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
    program: str  # on the machine
    # What the guest loads to have its console: "hvc" (PCI), "mmio", or "" (a serial port).
    console: str
    transport: str = ""  # of the peer's virtio devices: "pci" or "device" (virtio-mmio)
    machine: tuple[str, ...] = ()

    @property
    def is_lintel(self) -> bool:
        return self.name.startswith("lintel")


_COMMON = ("-nodefaults", "-no-user-config", "-display", "none", "-cpu", "host", "-smp", "1",
           "-m", str(MEMORY_MIB), "-no-reboot")
_Q35 = ("-machine", "q35,accel=kvm,vmport=off,hpet=off,smm=off,i8042=off,usb=off,sata=off,"
        "graphics=off")
# With its own transport for virtio; with PCI (pcie=on) it is slower. Without an RTC the kernel polls
# for one, for a second.
_MICROVM = ("-machine", "microvm,accel=kvm,pic=off,pit=off,rtc=on,isa-serial=off,usb=off")


def all_monitors(lintel: str) -> list[Monitor]:
    return [
        Monitor("lintel", "Lintel", lintel, "hvc"),
        Monitor("q35", "QEMU q35", QEMU, "hvc", "pci", _Q35),
        Monitor("microvm", "QEMU microvm", QEMU, "mmio", "device",
                _MICROVM),
    ]


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
    return [QEMU, *monitor.machine, *_COMMON, *console, "-kernel", guest.kernel, "-initrd",
            guest.initramfs, "-append", guest.command_line, *devices]


def files(monitor: Monitor) -> tuple[str, ...]:
    return () if monitor.is_lintel else tuple(f for f in _QEMU_FILES if pathlib.Path(f).exists())


def version(monitor: Monitor) -> str:
    option = "version" if monitor.is_lintel else "--version"
    result = subprocess.run([monitor.program, option], capture_output=True, text=True, check=True)
    return result.stdout.splitlines()[0]
