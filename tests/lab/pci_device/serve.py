#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays PCI functions of a lab's host: the other end of QEMU's multi-process devices.

    serve.py [--iommu] QTEST_FD SLOT:FD:FILE...

FILE describes a function (README.md); FD is the socket that its x-pci-proxy-dev has the other end
of, QTEST_FD that of the emulator's test protocol, by which interrupts are raised and the IOMMU's
registers read. Ends when the emulator does.

The messages are those of QEMU 7.2, in the host's byte order: a header, command and size, then the
body; descriptors come with the header.
"""

import array
import os
import pathlib
import runpy
import socket
import struct
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import description  # noqa: E402  (needs the path above)
import model  # noqa: E402
import vtd  # noqa: E402

_HEADER = struct.Struct("<i4xQ")
_MEMORY = struct.Struct("<8Q8Q8q")  # of each section: address, size, offset in its file
_CONFIG = struct.Struct("<IIi")  # offset, value, size
_BAR = struct.Struct("<QQIB3x")  # address, value, size, whether it is memory
_VALUE = struct.Struct("<Q")
_SECTIONS = 8
(_SYNC_MEMORY, _RETURN, _CONFIG_WRITE, _CONFIG_READ, _BAR_WRITE, _BAR_READ, _SET_IRQFD,
 _RESET) = range(8)
# q35 swizzles the pins of slots 0 to 24 over the I/O APIC's inputs 20 to 23.
_FIRST_INPUT, _INPUTS = 20, 4
_IO_APIC = "/machine/q35/ioapic"


class QTest:
    """The emulator's test protocol, shared by all functions."""

    def __init__(self, link):
        self._link = link
        self._received = b""
        self._lock = threading.Lock()

    def command(self, line):
        """Returns the words after OK."""
        with self._lock:
            self._link.sendall(line.encode() + b"\n")
            while True:
                while b"\n" not in self._received:
                    data = self._link.recv(4096)
                    if not data:
                        raise EOFError
                    self._received += data
                answer, _, self._received = self._received.partition(b"\n")
                words = answer.decode().split()
                if words and words[0] != "IRQ":
                    if words[0] != "OK":
                        raise RuntimeError(f"{line}: {answer.decode()}")
                    return words[1:]

    def readl(self, address):
        return int(self.command(f"readl {address:#x}")[0], 16)

    def readq(self, address):
        return int(self.command(f"readq {address:#x}")[0], 16)


class Platform:
    """The machine, as one function sees it."""

    def __init__(self, qtest, slot, has_iommu):
        self._qtest = qtest
        self._slot = slot
        self._sections = []
        self._unit = vtd.Unit(qtest, self._ram_read, has_iommu)

    def set_memory(self, body, descriptors):
        for section in self._sections:
            os.close(section[0])
        values = _MEMORY.unpack(body)
        self._sections = [(fd, *values[number::_SECTIONS]) for number, fd in enumerate(descriptors)]

    def _ram(self, address, size):
        for fd, start, length, offset in self._sections:
            if start <= address and address + size <= start + length:
                return fd, offset + address - start
        raise OSError(f"no RAM at {address:#x}")

    def _ram_read(self, address, size):
        fd, offset = self._ram(address, size)
        return os.pread(fd, size, offset)

    @property
    def _devfn(self):
        return self._slot << 3

    def read_memory(self, address, size):
        return self._ram_read(self._unit.translate(self._devfn, address, write=False), size)

    def write_memory(self, address, data):
        fd, offset = self._ram(self._unit.translate(self._devfn, address, write=True), len(data))
        os.pwrite(fd, data, offset)

    def intx(self, pin, level):
        line = _FIRST_INPUT + (self._slot + pin - 1) % _INPUTS
        self._qtest.command(f"set_irq_in {_IO_APIC} unnamed-gpio-in {line} {level}")

    def message(self, address, data):
        try:
            address, data = self._unit.remap(address, data)
        except OSError as error:
            print(f"slot {self._slot}: message lost: {error}", file=sys.stderr)
            return
        self._qtest.command(f"writel {address:#x} {data:#x}")


class Server:
    """Answers the emulator for one function."""

    def __init__(self, link, device, platform):
        self._link = link
        self._device = device
        self._platform = platform

    def _receive(self, size, descriptors=None):
        data = b""
        while len(data) < size:
            part, ancillary, _, _ = self._link.recvmsg(
                size - len(data), socket.CMSG_SPACE(_SECTIONS * array.array("i").itemsize))
            if not part:
                raise EOFError
            data += part
            for level, kind, content in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    found = array.array("i")
                    found.frombytes(content[:len(content) // found.itemsize * found.itemsize])
                    if descriptors is not None:
                        descriptors += found
        return data

    def serve(self):
        while True:
            descriptors = []
            command, size = _HEADER.unpack(self._receive(_HEADER.size, descriptors))
            answer = self._handle(command, self._receive(size), descriptors)
            if answer is not None:
                self._link.sendall(_HEADER.pack(_RETURN, _VALUE.size) + _VALUE.pack(answer))

    def _handle(self, command, body, descriptors):
        if command == _SYNC_MEMORY:
            self._platform.set_memory(body, descriptors)
            return None
        for fd in descriptors:  # of interrupts, which the emulator uses with KVM alone
            os.close(fd)
        if command == _CONFIG_READ:
            offset, _, size = _CONFIG.unpack(body)
            return self._device.config_read(offset, size)
        if command == _CONFIG_WRITE:
            self._device.config_write(*_CONFIG.unpack(body))
            return 0
        if command in (_BAR_READ, _BAR_WRITE):
            return self._access(*_BAR.unpack(body), command == _BAR_WRITE)
        if command == _RESET:
            self._device.bus_reset()
            return 0
        return None

    def _access(self, address, value, size, is_memory, write):
        # pylint: disable=too-many-arguments
        found = self._device.decode(address, not is_memory)
        if found is None:
            return (1 << 8 * size) - 1
        bar, offset = found
        if write:
            self._device.bar_write(bar, offset, value, size)
            return 0
        return self._device.bar_read(bar, offset, size)


def make_device(path, platform):
    if path.suffix == ".py":
        return runpy.run_path(str(path))["make"](platform)
    return model.Device(description.load(path), platform)


def _play(link, device, platform):
    try:
        Server(link, device, platform).serve()
    except (EOFError, ConnectionError):
        pass  # the emulator has ended


def main():
    arguments = sys.argv[1:]
    has_iommu = "--iommu" in arguments
    qtest_fd, *functions = [argument for argument in arguments if argument != "--iommu"]
    qtest = QTest(socket.socket(fileno=int(qtest_fd)))
    threads = []
    for function in functions:
        slot, fd, file = function.split(":", 2)
        platform = Platform(qtest, int(slot), has_iommu)
        device = make_device(pathlib.Path(file), platform)
        threads.append(threading.Thread(
            target=_play, args=(socket.socket(fileno=int(fd)), device, platform)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
