#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Proof, in a lab's host, that the programmable function of example.toml behaves like a real one to
the kernel's VFIO: BARs, INTx, MSI, MSI-X, memory access through the IOMMU, reset.

    vfio_check.py ADDRESS

Ioctls and structures: Linux, include/uapi/linux/vfio.h.
"""

import ctypes
import fcntl
import mmap
import os
import pathlib
import select
import struct
import sys

import model

SET_IOMMU, SET_CONTAINER, GET_DEVICE_FD = 0x3B66, 0x3B68, 0x3B6A
SET_IRQS, RESET, MAP_DMA = 0x3B6E, 0x3B6F, 0x3B71
TYPE1V2 = 3
TRIGGER_EVENTFD, UNMASK = 4 | 1 << 5, 1 | 1 << 4
INTX, MSI, MSIX = range(3)
CONFIG_REGION = 7
CONTROL = 0x100
IOVA = 0x10000000
LIMIT = 20000  # ms: far more than an interrupt takes


class Device:
    def __init__(self, address):
        path = pathlib.Path("/sys/bus/pci/devices", address)
        (path / "driver_override").write_text("vfio-pci")
        pathlib.Path("/sys/bus/pci/drivers_probe").write_text(address)
        group = os.open(f"/dev/vfio/{os.path.basename(os.readlink(path / 'iommu_group'))}",
                        os.O_RDWR)
        self._container = os.open("/dev/vfio/vfio", os.O_RDWR)
        fcntl.ioctl(group, SET_CONTAINER, struct.pack("i", self._container))
        fcntl.ioctl(self._container, SET_IOMMU, TYPE1V2)
        self._fd = fcntl.ioctl(group, GET_DEVICE_FD, bytearray(address.encode() + b"\0"))
        self.memory = mmap.mmap(-1, mmap.PAGESIZE)
        where = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        fcntl.ioctl(self._container, MAP_DMA,
                    struct.pack("<IIQQQ", 32, 3, where, IOVA, mmap.PAGESIZE))

    def read(self, region, offset, form="<I"):
        data = os.pread(self._fd, struct.calcsize(form), region << 40 | offset)
        return struct.unpack(form, data)[0]

    def write(self, region, offset, value, form="<I"):
        os.pwrite(self._fd, struct.pack(form, value), region << 40 | offset)

    def control(self, command, argument=0, address=0, value=0):
        self.write(0, CONTROL + model.CONTROL_ARGUMENT, argument)
        self.write(0, CONTROL + model.CONTROL_ADDRESS, address & 0xFFFFFFFF)
        self.write(0, CONTROL + model.CONTROL_ADDRESS + 4, address >> 32)
        self.write(0, CONTROL + model.CONTROL_VALUE, value)
        self.write(0, CONTROL + model.CONTROL_COMMAND, command)

    def enable(self, index, count):
        events = [os.eventfd(0) for _ in range(count)]
        fcntl.ioctl(self._fd, SET_IRQS, struct.pack(f"<IIIII{count}i", 20 + 4 * count,
                                                    TRIGGER_EVENTFD, index, 0, count, *events))
        return events

    def disable(self, index):
        fcntl.ioctl(self._fd, SET_IRQS, struct.pack("<IIIII", 20, 1 | 1 << 5, index, 0, 0))

    def unmask_intx(self):
        fcntl.ioctl(self._fd, SET_IRQS, struct.pack("<IIIII", 20, UNMASK, INTX, 0, 1))

    def reset(self):
        fcntl.ioctl(self._fd, RESET)


def came(event, limit=LIMIT):
    ready = bool(select.select([event], [], [], limit / 1000)[0])
    if ready:
        os.eventfd_read(event)
    return ready


def check(what, passed):
    print(f"{'ok' if passed else 'FAILED'} {what}")
    if not passed:
        sys.exit(1)


def check_interrupts(device):
    (event,) = device.enable(INTX, 1)
    device.control(model.RAISE)
    check("INTx", came(event))
    device.unmask_intx()
    check("INTx again while the level stays", came(event))
    device.control(model.LOWER)
    device.unmask_intx()
    check("no INTx any more", not came(event, 0))
    device.disable(INTX)
    (event,) = device.enable(MSI, 1)
    device.control(model.SEND)
    check("MSI", came(event))
    device.disable(MSI)
    events = device.enable(MSIX, 3)
    for vector, event in enumerate(events):
        device.control(model.SEND, argument=vector)
        check(f"MSI-X {vector}", came(event))
    device.disable(MSIX)


def check_memory(device):
    device.control(model.DMA_WRITE, address=IOVA + 64, value=0x12345678)
    check("write to memory", device.memory[64:68] == bytes.fromhex("78563412"))
    device.memory[128:132] = b"abcd"
    device.control(model.DMA_READ, address=IOVA + 128)
    check("read of memory", device.read(0, CONTROL + model.CONTROL_VALUE, "4s") == b"abcd")
    device.control(model.DMA_WRITE, address=IOVA + mmap.PAGESIZE, value=1)
    check("no write where nothing is mapped",
          device.read(0, CONTROL + model.CONTROL_STATUS) == model.DMA_FAULT)


def main():
    device = Device(sys.argv[1])
    device.write(CONFIG_REGION, model.COMMAND, model.COMMAND_MASTER | 3, "<H")
    device.write(2, (16 << 20) - 4, 0xA5A5A5A5)
    check("last word of the large BAR", device.read(2, (16 << 20) - 4) == 0xA5A5A5A5)
    device.write(4, 60, 0x5A5A5A5A)
    check("last word of the I/O BAR", device.read(4, 60) == 0x5A5A5A5A)
    check_interrupts(device)
    check_memory(device)
    device.reset()
    check("memory is gone after the reset", device.read(2, (16 << 20) - 4) == 0)
    device.control(model.LOWER)
    check("the reset was counted", device.read(0, CONTROL + model.CONTROL_RESETS) > 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
