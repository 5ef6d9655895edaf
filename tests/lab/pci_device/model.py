# SPDX-License-Identifier: Apache-2.0
"""A PCI function made from a description: configuration space, BARs that are memory, interrupts,
resets, and ways to misbehave. Sections are of the PCI Local Bus Specification 3.0 and of the PCI
Express Base Specification 4.0 (PCIe).

A Python file that describes a device instead of TOML has a function make(platform) that returns an
object of a class made from this one.
"""

import mmap
import struct
import time

COMMAND, STATUS = 0x04, 0x06
COMMAND_BITS = 0x0407  # I/O, memory, bus master, INTx off
COMMAND_MASTER, COMMAND_INTX_OFF = 0x0004, 0x0400
STATUS_INTX, STATUS_CAPABILITIES = 0x0008, 0x0010
BAR0, SUBSYSTEM, CAPABILITIES, LINE, PIN = 0x10, 0x2C, 0x34, 0x3C, 0x3D
PM, MSI, VENDOR, PCIE, MSIX = 0x01, 0x05, 0x09, 0x10, 0x11
DEVCTL_FLR = 0x8000
MSIX_ENABLE, MSIX_MASK_ALL = 0x8000, 0x4000
FIRST_CAPABILITY = 0x40
# Offsets in the control block; see README.md.
CONTROL_COMMAND, CONTROL_ARGUMENT, CONTROL_ADDRESS, CONTROL_VALUE = 0x00, 0x04, 0x08, 0x10
CONTROL_STATUS, CONTROL_INTERRUPTS, CONTROL_RESETS = 0x14, 0x18, 0x1C
CONTROL_SIZE = 0x20
RAISE, LOWER, SEND, DMA_WRITE, DMA_READ, SILENT, VANISH = range(1, 8)
DMA_DONE, DMA_FAULT = 1, 2


class Bar:
    def __init__(self, description):
        self.index = description["index"]
        self.size = description["size"]
        self.is_io = description["kind"] == "io"
        self.is_wide = description["kind"] == "memory64"
        self.type_bits = 1 if self.is_io else (4 * self.is_wide | 8 * description["prefetchable"])
        self.register = BAR0 + 4 * self.index
        # Anonymous memory costs nothing before it is written.
        self.memory = mmap.mmap(-1, max(self.size, mmap.PAGESIZE))

    @property
    def writable_bits(self):
        return ~(self.size - 1) & (0xFFFFFFFC if self.is_io else 0xFFFFFFF0)

    def clear(self):
        self.memory = mmap.mmap(-1, len(self.memory))


class Device:
    """`platform` is the way to the machine around: intx(pin, level), message(address, data),
    write_memory(address, data), read_memory(address, size), whose addresses the IOMMU translates
    and which raise OSError if it does not."""

    def __init__(self, description: dict, platform, clock=time.monotonic):
        self.description = description
        self.platform = platform
        self.bars = [Bar(bar) for bar in description["bar"]]
        self.resets = 0
        self.interrupts = 0
        self._clock = clock
        self._silent_until = 0.0
        self._vanished = False
        self._sizing = True  # until the emulator has registered the BARs
        self._level = 0
        self._pending = set()
        self.power_on()

    # The state of a function that has just got power.

    def power_on(self):
        self.config, self.writable = bytearray(256), bytearray(256)
        self.at = {}  # offsets of capabilities by id, the first of each
        given = self.description
        self._put(0, "<HH", given["vendor"], given["device"])
        self._allow(COMMAND, "<H", COMMAND_BITS)
        self._put(8, "<I", given["class"] << 8 | given["revision"])
        self._put(SUBSYSTEM, "<HH", given["subsystem_vendor"], given["subsystem"])
        self._put(LINE, "<BB", 0, given["pin"])
        self._allow(LINE, "<B", 0xFF)
        for bar in self.bars:
            self._put(bar.register, "<I", bar.type_bits)
            self._allow(bar.register, "<I", bar.writable_bits)
            # The emulator sizes each register alone: an upper half would be a BAR of its own.
            if bar.is_wide and not self._sizing:
                self._allow(bar.register + 4, "<I", 0xFFFFFFFF)
        self._add_capabilities()
        self._mask_vectors()
        self._pending.clear()

    def _put(self, offset, form, *values):
        struct.pack_into(form, self.config, offset, *values)

    def _allow(self, offset, form, *bits):
        struct.pack_into(form, self.writable, offset, *bits)

    def _get(self, offset, form):
        return struct.unpack_from(form, self.config, offset)[0]

    def _add_capabilities(self):
        offset, link = FIRST_CAPABILITY, CAPABILITIES
        for capability in self.description["capability"]:
            if capability["offset"] is not None:
                offset = capability["offset"]
            body, writable = getattr(self, f"_{capability['type']}")(capability)
            self._put(link, "<B", offset)
            self.config[offset:offset + len(body)] = body
            self.writable[offset:offset + len(writable)] = writable
            self.at.setdefault(body[0], offset)
            link = offset + 1
            if capability["next"] is not None:
                self._put(link, "<B", capability["next"])
                link = 0xFF  # what follows is in no list; this byte belongs to nobody
            offset += (len(body) + 3) & ~3
        if self.description["capability"]:
            self._put(STATUS, "<H", STATUS_CAPABILITIES)
        self.config[0xFF] = 0

    def _mask_vectors(self):  # 6.8.2.9
        if MSIX not in self.at:
            return
        memory, table = self._place(4)
        for vector in range((self._get(self.at[MSIX] + 2, "<H") & 0x7FF) + 1):
            if memory and table + 16 * (vector + 1) <= len(memory):
                struct.pack_into("<I", memory, table + 16 * vector + 12, 1)

    # Each returns the bytes of a capability and which bits of them can be written.

    @staticmethod
    def _pm(capability):
        keeps_state = 0 if capability["soft_reset"] else 0x0008
        return (bytearray(struct.pack("<BBHHBB", PM, 0, 0x0003, keeps_state, 0, 0)),
                struct.pack("<BBHHBB", 0, 0, 0, 0x0003, 0, 0))

    @staticmethod
    def _msi(capability):  # 6.8.1
        control = (capability["vectors"].bit_length() - 1) << 1
        control |= 0x80 * capability["wide"] | 0x100 * capability["maskable"]
        form = "<BBHI" + "I" * capability["wide"] + "HH" + "II" * capability["maskable"]
        zeroes = [0] * (len(form) - 4)
        writable = [0, 0, 0x0071, 0xFFFFFFFC] + [0xFFFFFFFF] * capability["wide"] + [0xFFFF, 0]
        writable += [(1 << capability["vectors"]) - 1, 0] * capability["maskable"]
        return bytearray(struct.pack(form, MSI, 0, control, *zeroes)), struct.pack(form, *writable)

    @staticmethod
    def _msix(capability):  # 6.8.2
        table = capability["table_offset"] | capability["table_bar"]
        pba = capability["pba_offset"] | capability["pba_bar"]
        return (bytearray(struct.pack("<BBHII", MSIX, 0, capability["vectors"] - 1, table, pba)),
                struct.pack("<BBHII", 0, 0, MSIX_ENABLE | MSIX_MASK_ALL, 0, 0))

    @staticmethod
    def _pcie(capability):  # PCIe 7.5.3
        body = bytearray(0x3C)
        features = 0x8000 | 0x10000000 * capability["flr"]
        struct.pack_into("<BBHI", body, 0, PCIE, 0, capability["port_type"] << 4 | 2, features)
        writable = bytearray(0x3C)
        struct.pack_into("<H", writable, 8, 0x7FFF)
        return body, writable

    @staticmethod
    def _vendor(capability):
        return (bytearray([VENDOR, 0, 3 + len(capability["bytes"]), *capability["bytes"]]),
                bytes([0, 0, 0, *capability["writable"]]))

    @staticmethod
    def _raw(capability):
        body = bytearray(capability["bytes"])
        body[1] = 0
        return body, bytes(capability["writable"])

    # Accesses. A function that is silent answers all of them with ones and takes no write.

    @property
    def silent(self):
        return self._vanished or self._clock() < self._silent_until

    def config_read(self, offset, size):
        if self.silent:
            return (1 << 8 * size) - 1
        return int.from_bytes(self.config[offset:offset + size], "little")

    def config_write(self, offset, value, size):
        if self.silent:
            return
        power = self._power_state()
        for position, byte in enumerate((value & ((1 << 8 * size) - 1)).to_bytes(size, "little")):
            at = offset + position
            allowed = self.writable[at]
            self.config[at] = self.config[at] & ~allowed & 0xFF | byte & allowed
        if PCIE in self.at:
            high = self.at[PCIE] + 9 - offset
            if 0 <= high < size and value >> 8 * high & DEVCTL_FLR >> 8:
                self.function_level_reset()
        if power == 3 and self._power_state() == 0 and not self._keeps_state():
            self.function_reset()
        self._update_intx()
        self._send_pending()

    def _power_state(self):
        return self._get(self.at[PM] + 4, "<H") & 3 if PM in self.at else 0

    def _keeps_state(self):
        return self._get(self.at[PM] + 4, "<H") & 8

    def bar_read(self, bar, offset, size):
        if self.silent:
            return (1 << 8 * size) - 1
        return int.from_bytes(bar.memory[offset:offset + size], "little")

    def bar_write(self, bar, offset, value, size):
        if self.silent:
            return
        bar.memory[offset:offset + size] = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")
        control = self.description["control"]
        if control and bar.index == control["bar"] and offset == control["offset"]:
            self._obey(bar, value & 0xFFFFFFFF)
        self._send_pending()

    def decode(self, address, is_io):
        """The BAR and the offset in it of an absolute address, or None."""
        for bar in self.bars:
            base = self._get(bar.register, "<Q" if bar.is_wide else "<I") & ~(3 if bar.is_io else 15)
            if bar.is_io == is_io and base <= address < base + bar.size:
                return bar, address - base
        return None

    # What the control block's command register does.

    def _obey(self, bar, command):
        base = self.description["control"]["offset"]

        def register(offset, form="<I"):
            return struct.unpack_from(form, bar.memory, base + offset)[0]

        def answer(offset, value):
            struct.pack_into("<I", bar.memory, base + offset, value)

        if command in (RAISE, LOWER):
            self.set_intx(command == RAISE)
        elif command == SEND:
            self.send(register(CONTROL_ARGUMENT))
        elif command in (DMA_WRITE, DMA_READ):
            address = register(CONTROL_ADDRESS, "<Q")
            try:
                if not self._get(COMMAND, "<H") & COMMAND_MASTER:
                    raise OSError("bus mastering is off")
                if command == DMA_WRITE:
                    self.platform.write_memory(
                        address, struct.pack("<I", register(CONTROL_VALUE)))
                else:
                    (value,) = struct.unpack("<I", self.platform.read_memory(address, 4))
                    answer(CONTROL_VALUE, value)
                answer(CONTROL_STATUS, DMA_DONE)
            except OSError:
                answer(CONTROL_STATUS, DMA_FAULT)
        elif command == SILENT:
            self._silent_until = self._clock() + register(CONTROL_ARGUMENT) / 1000
        elif command == VANISH:
            self._vanished = True
        answer(CONTROL_INTERRUPTS, self.interrupts)
        answer(CONTROL_RESETS, self.resets)

    # Interrupts.

    def set_intx(self, level):
        status = self._get(STATUS, "<H") & ~STATUS_INTX | (STATUS_INTX if level else 0)
        self._put(STATUS, "<H", status)
        self.interrupts += bool(level)
        self._update_intx()

    def _update_intx(self):
        """The pin follows the status unless the command register has it off (6.2.2)."""
        asserted = self._get(STATUS, "<H") & STATUS_INTX
        level = int(bool(asserted and not self._get(COMMAND, "<H") & COMMAND_INTX_OFF
                         and self.description["pin"]))
        if level != self._level:
            self._level = level
            self.platform.intx(self.description["pin"], level)

    def send(self, vector):
        """Sends a message, or leaves it pending while it is masked."""
        self.interrupts += 1
        self._pending.add(vector)
        self._send_pending()

    def _send_pending(self):
        if not self._get(COMMAND, "<H") & COMMAND_MASTER:
            return
        for vector in sorted(self._pending):
            message = self._msix_message(vector) if self._msix_enabled() else \
                self._msi_message(vector)
            if message:
                self._pending.discard(vector)
                self.platform.message(*message)
        if self._msix_enabled():
            self._show_pending()

    def _msix_enabled(self):
        return MSIX in self.at and self._get(self.at[MSIX] + 2, "<H") & MSIX_ENABLE

    def _place(self, offset):
        word = self._get(self.at[MSIX] + offset, "<I")
        for bar in self.bars:
            if bar.index == word & 7:
                return bar.memory, word & ~7
        return None, 0

    def _msix_message(self, vector):
        control = self._get(self.at[MSIX] + 2, "<H")
        memory, table = self._place(4)
        end = table + 16 * (vector + 1)
        if control & MSIX_MASK_ALL or vector > control & 0x7FF or not memory or end > len(memory):
            return None
        address, data, masked = struct.unpack_from("<QII", memory, table + 16 * vector)
        return None if masked & 1 else (address, data)

    def _msi_message(self, vector):
        if MSI not in self.at:
            return None
        at = self.at[MSI]
        control = self._get(at + 2, "<H")
        if not control & 1 or vector >= 1 << (control >> 4 & 7):
            return None
        wide = 4 if control & 0x80 else 0
        address = self._get(at + 4, "<Q" if wide else "<I")
        if control & 0x100 and self._get(at + 12 + wide, "<I") >> vector & 1:
            return None
        return address, self._get(at + 8 + wide, "<H") | vector

    def _show_pending(self):
        memory, base = self._place(8)
        if not memory:
            return
        size = ((self._get(self.at[MSIX] + 2, "<H") & 0x7FF) // 64 + 1) * 8
        bits = sum(1 << vector for vector in self._pending)
        if base + size <= len(memory):
            memory[base:base + size] = (bits & ((1 << 8 * size) - 1)).to_bytes(size, "little")

    # Resets.

    def bus_reset(self):
        """With the whole machine, or by the bridge above. What vanished stays away."""
        self._sizing = False
        self._silent_until = 0.0
        for bar in self.bars:
            bar.clear()
        self.power_on()
        self._level = 0  # the interrupt controller has been reset too

    def function_level_reset(self):  # PCIe 6.6.2
        kind = self.description["flr"]
        self.resets += 1
        if kind == "ignored":
            return
        self.function_reset()
        if kind == "dies":
            self._vanished = True
        elif kind == "slow":
            self._silent_until = self._clock() + self.description["flr_milliseconds"] / 1000

    def function_reset(self):
        for bar in self.bars:
            bar.clear()
        self.power_on()
        self._update_intx()
