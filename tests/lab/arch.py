# SPDX-License-Identifier: Apache-2.0
"""One entry per architecture of host: what differs between them, as data."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Arch:
    name: str
    debian: str  # Debian's name of the architecture
    machine: str  # the kernel's
    triplet: str
    compiler: str  # on other machines, with its package
    compiler_package: str
    emulator: str
    emulator_packages: tuple
    kernel_package: str
    default_kernel: str
    machine_tcg: tuple  # arguments of the emulator
    machine_kvm: tuple  # empty: its KVM cannot be nested in this machine's
    cpu_tcg: str
    console: str
    append_tcg: str  # more of the kernel's command line
    modules: tuple  # with what they depend on, these go into the initramfs
    iommu: tuple  # what --iommu adds to the emulator's arguments
    iommu_append: str  # and to the kernel's command line
    has_platform_devices: bool = False  # that VFIO can pass
    gics: tuple = ()  # what --gic may say, the default first
    shows_machine_tsc: bool = False  # emulated CPUs count this machine's time stamps


# Reaching the machine's files, running guests, and giving devices to them. ext4 asks for crc32c by
# what it does, not by name.
_MODULES = (
    "virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay",
    "irqbypass", "vfio-pci", "vfio_iommu_type1",
    "tun", "bridge", "veth", "dummy", "vhost_net", "vhost_vsock", "vsock",
    "virtio_blk", "virtio_net", "virtio_rng", "nvme", "e1000e", "xhci-pci",
    "loop", "ext4", "crc32c_generic", "fuse", "squashfs",
)

ARCHES = {
    "x86": Arch(
        name="x86",
        debian="amd64",
        machine="x86_64",
        triplet="x86_64-linux-gnu",
        compiler="x86_64-linux-gnu-g++",
        compiler_package="g++-x86-64-linux-gnu",
        emulator="qemu-system-x86_64",
        emulator_packages=("qemu-system-x86",),
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
        modules=(*_MODULES, "kvm-amd", "kvm-intel"),
        iommu=("-device", "intel-iommu,intremap=on"),
        # Debian's kernels leave a graphics device alone otherwise.
        iommu_append="intel_iommu=on",
        shows_machine_tsc=True,
    ),
    "arm64": Arch(
        name="arm64",
        debian="arm64",
        machine="aarch64",
        triplet="aarch64-linux-gnu",
        compiler="aarch64-linux-gnu-g++",
        compiler_package="g++-aarch64-linux-gnu",
        emulator="qemu-system-aarch64",
        # The network cards' option ROMs are only recommended.
        emulator_packages=("qemu-system-arm", "ipxe-qemu"),
        kernel_package="linux-image-arm64",
        default_kernel="6.1",
        machine_tcg=("-M", "virt,virtualization=on,gic-version=3,its=on"),
        machine_kvm=(),
        # It has VHE. Newer models have pointer authentication, which takes TCG most of its time.
        cpu_tcg="neoverse-n1",
        console="ttyAMA0",
        append_tcg="mitigations=off",
        modules=_MODULES,
        iommu=("-machine", "iommu=smmuv3"),
        iommu_append="",
        has_platform_devices=True,
        gics=("3", "2"),
    ),
}

# --devices: name to arguments of the emulator. {slot} counts from 3 in the order given, {n} counts
# all devices, {file} is the backing file of a disk; {port} puts the device behind a root port of its
# own, which has the slot. "iommu" stands in the table above.
_DISK = ("-drive", "if=none,id=drive{n},format=raw,snapshot=on,file={file}")
# What the network card reaches: the emulator's own 10.0.2.2, and an echo server at 10.0.2.100.
_NET = ("-netdev", "user,id=net{n},guestfwd=tcp:10.0.2.100:7007-cmd:cat")
# Its default reaches 256 MiB, where the guest has its memory only by chance.
_EDU = "edu,dma_mask=0xffffffffffffffff"
DEVICES = {
    "nvme": (*_DISK, "-device", "nvme,drive=drive{n},serial=lab{n},{port}"),
    "virtio-blk": (*_DISK, "-device", "virtio-blk-pci,drive=drive{n},serial=lab{n},addr={slot:#x}"),
    "e1000e": (*_NET, "-device", "e1000e,netdev=net{n},{port}"),
    # As a device of silicon would be: its memory accesses are translated.
    "virtio-net": (*_NET, "-device", "virtio-net-pci,netdev=net{n},iommu_platform=on,{port}"),
    "xhci": ("-device", "qemu-xhci,id=usb{n},{port}", "-device", "usb-tablet,bus=usb{n}.0"),
    "xhci-disk": (*_DISK, "-device", "qemu-xhci,id=usb{n},{port}",
                  "-device", "usb-storage,drive=drive{n},bus=usb{n}.0"),
    "ahci": (*_DISK, "-device", "ich9-ahci,id=sata{n},addr={slot:#x}",
             "-device", "ide-hd,drive=drive{n},bus=sata{n}.0"),
    "edu": ("-device", f"{_EDU},addr={{slot:#x}}"),
    "ivshmem": ("-object", "memory-backend-ram,id=shared{n},size=1G,share=on",
                "-device", "ivshmem-plain,memdev=shared{n},addr={slot:#x}"),
    # Function 0 is a network card, function 1 a disk's controller: one IOMMU group.
    "multifunction": (*_DISK, *_NET, "-device", "e1000e,netdev=net{n},{port}.0,multifunction=on",
                      "-device", "nvme,drive=drive{n},serial=lab{n},bus=port{n},addr=0.1"),
    # Two behind a bridge to conventional PCI, whose requester ID is the bridge's: one group.
    "bridged": ("-device", "pcie-pci-bridge,id=bridge{n},{port}",
                "-device", f"{_EDU},bus=bridge{{n}},addr=1",
                "-device", f"{_EDU},bus=bridge{{n}},addr=2"),
    "programmable": ("-device", "x-pci-proxy-dev,id=programmable{n},fd={fd},addr={slot:#x}"),
    "rng": ("-device", "virtio-rng-pci,addr={slot:#x}"),
    "vga": ("-device", "VGA,addr={slot:#x}"),
    # A folder of the emulator's own, empty.
    "9p": ("-fsdev", "synth,id=folder{n}",
           "-device", "virtio-9p-pci,fsdev=folder{n},mount_tag=lab{n},iommu_platform=on,"
                      "disable-legacy=on,addr={slot:#x}"),
}
FIRST_SLOT = 3
ROOT_PORT = ("-device", "pcie-root-port,id=port{n},chassis={slot},addr={slot:#x}")
PLACE_IN_PORT = "bus=port{n},addr=0"
