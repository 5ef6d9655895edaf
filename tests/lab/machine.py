# SPDX-License-Identifier: Apache-2.0
"""The emulated machine: how to accelerate it, its command line, and its process."""

import dataclasses
import fcntl
import os
import pathlib
import socket
import subprocess

import arch as arches
import backends
import monitor
import tsc
from common import LabError, die_with_parent, parse_size

PORT = "lintel.lab"
ROOT_SHARES = 4  # as many tags as agent.cc tries
_KVM_GET_API_VERSION = 0xAE00
_KVM_CREATE_VM = 0xAE01


@dataclasses.dataclass
class Options:
    """What a user may ask of a host."""
    kernel: str
    smp: int = 2
    memory: str = "4G"
    accel: str = "auto"
    cpu: str = ""
    icount: bool = False
    append: str = ""
    devices: str = ""
    gic: str = ""
    iommufd: bool = False
    qemu_args: tuple = ()

    @property
    def memory_bytes(self):
        return parse_size(self.memory) >> 20 << 20

    @property
    def has_iommu(self):
        return "iommu" in self.devices.split(",")

    @property
    def has_proxies(self):
        """Whether another program plays some of its devices."""
        return any(device.startswith("programmable=") for device in self.devices.split(","))


def missing_kvm():
    """Why this machine's KVM cannot run a host that has KVM itself. None if it can."""
    for module in ("kvm_intel", "kvm_amd"):
        nested = pathlib.Path(f"/sys/module/{module}/parameters/nested")
        if nested.exists():
            if nested.read_text().strip() not in ("1", "Y"):
                return f"{module} has nesting off"
            break
    else:
        return "no kvm_intel or kvm_amd here"
    try:
        kvm = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        return f"/dev/kvm: {error.strerror}"
    try:
        if fcntl.ioctl(kvm, _KVM_GET_API_VERSION) != 12:
            return "/dev/kvm has an unknown version"
        os.close(fcntl.ioctl(kvm, _KVM_CREATE_VM))
    except OSError as error:
        return f"/dev/kvm does not work: {error.strerror}"
    finally:
        os.close(kvm)
    return None


def acceleration(arch, options):
    """The emulator's arguments, and the line that tells the user which it is."""
    machine_tcg = arch.machine_tcg
    if options.gic:
        machine_tcg += ("-machine", f"gic-version={options.gic}")
    if options.icount:
        if options.smp != 1:
            raise LabError("--icount counts one CPU's instructions: it needs --smp 1")
        return (*machine_tcg, "-accel", "tcg,thread=single",
                "-icount", "shift=1,sleep=off", "-cpu", options.cpu or arch.cpu_tcg), \
            "emulated (TCG), 2 ns of its time per instruction"
    reason = "as asked"
    if options.accel != "tcg":
        reason = missing_kvm() if arch.machine_kvm else f"the lab nests no {arch.name} KVM"
    if options.accel == "kvm" and reason:
        raise LabError(f"--accel kvm: {reason}")
    if reason:
        return (*machine_tcg, "-accel", "tcg,thread=multi", "-cpu",
                options.cpu or arch.cpu_tcg), f"emulated (TCG): {reason}"
    arguments = arch.machine_kvm
    if options.cpu:
        arguments += ("-cpu", options.cpu)
    return arguments, "nested in this machine's KVM"


def device_arguments(arch, options, behind):
    """Arguments for the list of devices. behind: what they stand before, Backends."""
    known = dict(arches.DEVICES, iommu=arch.iommu)
    arguments, slot = [], arches.FIRST_SLOT
    for number, item in enumerate(filter(None, options.devices.split(","))):
        name, _, file = item.partition("=")
        template = known.get(name)
        if template is None:
            raise LabError(f"--devices: unknown device {name!r}: there are "
                           f"{', '.join(sorted(known))}; others by --qemu-arg")
        fd = -1
        if any("{file}" in part or "{fd}" in part for part in template):
            if not file and "{fd}" in template[-1]:
                raise LabError(f"--devices {item}: which file describes it? {name}=FILE")
            file = os.path.abspath(file) if file else behind.scratch_disk()
            if not os.path.exists(file):
                raise LabError(f"--devices {item}: no file {file}")
            if "{fd}" in template[-1]:
                fd = behind.programmable(file, slot)
            file = file.replace(",", ",,")
        elif file:
            raise LabError(f"--devices {item}: {name} takes no file")
        if any("{port}" in part for part in template):
            template = arches.ROOT_PORT + template
        place = arches.PLACE_IN_PORT.format(n=number)
        arguments += [part.format(slot=slot, n=number, file=file, port=place, fd=fd)
                      for part in template]
        slot += any("{slot" in part for part in template)
    # The IOMMU before the devices that it serves.
    arguments = [pair for pair in zip(arguments[::2], arguments[1::2])]
    arguments.sort(key=lambda pair: pair != arch.iommu)
    return [part for pair in arguments for part in pair] + behind.arguments(arch, options)


def known_clock(arch, accel_arguments):
    """The kernel's parameter for the rate of an emulated CPU's time-stamp counter.

    A kernel that measures it itself is wrong by any factor when a busy machine stops the emulator in
    the middle: its time, and that of its guests, then runs several times too fast or too slow.
    """
    if not arch.shows_machine_tsc or "-icount" in accel_arguments:
        return ""
    khz = tsc.frequency_khz()
    return f" tsc_early_khz={khz}" if khz else ""


def command_line(arch, options, image, accel_arguments, output):
    """All but the console and the agent's port, which differ between kinds of hosts."""
    append = "" if "kvm" in accel_arguments else arch.append_tcg + known_clock(arch, accel_arguments)
    if options.has_iommu:
        append += f" {arch.iommu_append}"
    arguments = [
        arch.emulator, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        *accel_arguments, "-smp", str(options.smp), "-m", f"{options.memory_bytes >> 20}M",
        "-kernel", str(image.kernel), "-initrd", str(image.initramfs),
        "-append", f"console={arch.console} quiet loglevel=4 panic=-1 {append} {options.append}",
        "-device", "virtio-serial-pci,addr=0x10",
        "-device", f"virtserialport,chardev=agent,name={PORT}",
    ]
    for number in range(ROOT_SHARES):
        arguments += [
            "-fsdev", f"local,id=root{number},path=/,security_model=none,readonly=on,"
                      "multidevs=remap",
            "-device", f"virtio-9p-pci,fsdev=root{number},mount_tag=lab-root{number},"
                       f"addr={0x11 + number:#x}"]
    if output:
        path = str(output).replace(",", ",,")
        arguments += [
            "-fsdev", f"local,id=output,path={path},security_model=none,multidevs=remap",
            "-device", f"virtio-9p-pci,fsdev=output,mount_tag=lab-output,addr={0x16:#x}"]
    return arguments


class Machine:
    """A running emulator. It dies with this process."""

    def __init__(self, arguments, keep_fds=(), messages=None):
        """messages: a descriptor for what the emulator itself prints."""
        self._messages = messages if messages is not None else os.memfd_create("lab-emulator")
        path = os.environ.get("PATH", "") + ":/usr/bin"
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=self._messages, stderr=self._messages,
            pass_fds=keep_fds, preexec_fn=die_with_parent, env=dict(os.environ, PATH=path))

    def crashed(self):
        """Whether it has just ended by a signal."""
        try:
            return self.process.wait(1) < 0
        except subprocess.TimeoutExpired:
            return False

    def stop(self):
        """SIGTERM lets the emulator flush its disks."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


def read_log(fd, lines=100):
    text = os.pread(fd, os.fstat(fd).st_size, 0).decode(errors="replace").replace("\r", "")
    # Expected, and for every CPU: no emulation has all features of a CPU model.
    kept = [line for line in text.strip().splitlines() if "TCG doesn't support" not in line]
    return "\n".join(kept[-lines:])


class TransientHost:
    """A host for one command. It leaves no file behind, even when this process is killed: its log
    and its scratch disks are memory files, its agent's port is a socket pair."""

    def __init__(self, arch, options, image, accel_arguments, output):
        self._console = os.memfd_create("lab-console")
        self._emulator_log = os.memfd_create("lab-emulator")
        self._behind = backends.Backends()
        self._arch = arch
        self._monitor = monitor.Monitor()
        ours, theirs = socket.socketpair()
        arguments = command_line(arch, options, image, accel_arguments, output)
        arguments += [
            "-chardev", f"socket,id=agent,fd={theirs.fileno()}",
            "-serial", f"file:/proc/self/fd/{self._console}",
            *self._monitor.arguments(),
            *device_arguments(arch, options, self._behind), *options.qemu_args]
        self._behind.start(options.has_iommu, self._emulator_log)
        keep = [self._console, theirs.fileno(), self._monitor.fd, *self._behind.fds]
        self.machine = Machine(arguments, keep, self._emulator_log)
        theirs.close()
        self._monitor.started()
        self._behind.close()
        self.socket = ours

    def logs(self):
        return "\n".join(filter(None, (read_log(self._emulator_log), read_log(self._console))))

    def processors(self):
        """What the host's processors do at this moment."""
        return self._monitor.processors(self._arch.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.machine.stop()
        self._monitor.close()
        self._behind.stop()
