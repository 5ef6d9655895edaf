# SPDX-License-Identifier: Apache-2.0
"""One entry per architecture of host: what differs between them, as data."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Arch:
    name: str
    debian: str  # Debian's name of the architecture
    emulator: str
    emulator_package: str
    kernel_package: str
    default_kernel: str
    machine_tcg: tuple  # arguments of the emulator
    machine_kvm: tuple
    cpu_tcg: str
    console: str
    append_tcg: str  # more of the kernel's command line
    modules: tuple  # with what they depend on, these go into the initramfs


# Reaching the machine's files, running guests, and giving devices to them.
_MODULES = (
    "virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay",
    "kvm-amd", "kvm-intel", "irqbypass", "vfio-pci", "vfio_iommu_type1",
    "tun", "bridge", "veth", "dummy", "vhost_net", "vhost_vsock", "vsock",
    "virtio_blk", "virtio_net", "virtio_rng", "nvme", "e1000e", "xhci-pci",
    "loop", "ext4", "fuse", "squashfs",
)

ARCHES = {
    "x86": Arch(
        name="x86",
        debian="amd64",
        emulator="qemu-system-x86_64",
        emulator_package="qemu-system-x86",
        kernel_package="linux-image-amd64",
        default_kernel="6.1",
        # Interrupt remapping needs the I/O APIC in the emulator, not in the kernel.
        machine_tcg=("-M", "q35,kernel-irqchip=off"),
        machine_kvm=("-M", "q35,kernel-irqchip=split", "-accel", "kvm", "-cpu", "host"),
        # TCG emulates SVM with nested paging, but not VMX.
        # Without cmpxchg16b: as its flags QEMU 7.2 can leave another register's bits. Linux 6.12
        # allocates memory with it, and panics when an interrupt saves and restores such flags.
        cpu_tcg="EPYC,+svm,-cx16",
        console="ttyS0",
        # Nothing leaks to anyone here, and an emulated CPU pays dearly for it. The TSCs of emulated
        # CPUs are one clock, but the kernel does not trust AMD's and would use the slow HPET. On a
        # busy machine ticks come too late for the check of the timer, which would panic.
        append_tcg="mitigations=off tsc=reliable no_timer_check",
        modules=_MODULES,
    ),
}

# --devices: name to arguments of the emulator. {slot} counts from 3 in the order given, {n} counts
# all devices, {file} is the backing file of a disk.
DEVICES = {
    "iommu": ("-device", "intel-iommu,intremap=on"),
    "nvme": ("-drive", "if=none,id=drive{n},format=raw,snapshot=on,file={file}",
             "-device", "nvme,drive=drive{n},serial=lab{n},addr={slot:#x}"),
    "virtio-blk": ("-drive", "if=none,id=drive{n},format=raw,snapshot=on,file={file}",
                   "-device", "virtio-blk-pci,drive=drive{n},serial=lab{n},addr={slot:#x}"),
    "e1000e": ("-netdev", "user,id=net{n}", "-device", "e1000e,netdev=net{n},addr={slot:#x}"),
    "virtio-net": ("-netdev", "user,id=net{n}",
                   "-device", "virtio-net-pci,netdev=net{n},addr={slot:#x}"),
    "xhci": ("-device", "qemu-xhci,id=usb{n},addr={slot:#x}",
             "-device", "usb-tablet,bus=usb{n}.0"),
    "edu": ("-device", "edu,addr={slot:#x}"),
    "rng": ("-device", "virtio-rng-pci,addr={slot:#x}"),
}
FIRST_SLOT = 3
