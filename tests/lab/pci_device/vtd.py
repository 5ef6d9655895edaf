# SPDX-License-Identifier: Apache-2.0
"""How VT-d translates the addresses and messages of a function of bus 0 (Intel Virtualization
Technology for Directed I/O, 3.4, 5.1, 9, 11). Without an IOMMU nothing is translated.

Every access walks the tables anew: what a real unit keeps in its caches too long is not seen here.
"""

import struct

_REGISTERS = 0xFED90000
_GLOBAL_STATUS, _ROOT_TABLE, _REMAP_TABLE = 0x1C, 0x20, 0xB8
_TRANSLATES, _REMAPS = 1 << 31, 1 << 25
_ADDRESS = 0xFFFFFFFFFF000
_PASS_THROUGH = 2


class Unit:
    """`registers` reads the unit's, read_memory(address, size) the machine's RAM."""

    def __init__(self, registers, read_memory, present):
        self._registers = registers
        self._read = read_memory
        self._present = present

    def _status(self):
        return self._registers.readl(_REGISTERS + _GLOBAL_STATUS) if self._present else 0

    def _pair(self, address):
        return struct.unpack("<QQ", self._read(address, 16))

    def translate(self, devfn, address, write):
        """The address in RAM; raises OSError if the function may not."""
        if not self._status() & _TRANSLATES:
            return address
        root, _ = self._pair(self._registers.readq(_REGISTERS + _ROOT_TABLE) & _ADDRESS)
        low, high = self._pair((root & _ADDRESS) + 16 * devfn) if root & 1 else (0, 0)
        if not low & 1:
            raise OSError("no context entry")
        if low >> 2 & 3 == _PASS_THROUGH:
            return address
        table, needed = low & _ADDRESS, 2 if write else 1
        for level in range((high & 7) + 1, -1, -1):
            shift = 12 + 9 * level
            entry = struct.unpack("<Q", self._read(table + 8 * (address >> shift & 511), 8))[0]
            if not entry & needed:
                raise OSError(f"{address:#x} is not mapped at level {level}")
            table = entry & _ADDRESS
            if level == 0 or entry & 0x80:
                within = (1 << shift) - 1
                return table & ~within | address & within
        raise OSError("too few levels")

    def remap(self, address, data):
        """The message that the local APICs understand, of one that may be remappable."""
        if not address & 0x10 or not self._status() & _REMAPS:
            return address, data
        handle = address >> 5 & 0x7FFF | (address >> 2 & 1) << 15
        if address & 8:
            handle += data
        table = self._registers.readq(_REGISTERS + _REMAP_TABLE)
        entry, _ = self._pair((table & _ADDRESS) + 16 * handle)
        if not entry & 1:
            raise OSError(f"no entry {handle} to remap with")
        destination = entry >> 32 if table & 0x800 else entry >> 40
        address = 0xFEE00000 | (destination & 0xFF) << 12
        address |= (entry >> 3 & 1) << 3 | (entry >> 2 & 1) << 2
        return address, entry >> 16 & 0xFF | (entry >> 5 & 7) << 8 | (entry >> 4 & 1) << 15
