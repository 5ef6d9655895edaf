#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the programmable function without an emulator."""

import pathlib
import struct
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import description  # noqa: E402  (needs the path above)
import model  # noqa: E402
import vtd  # noqa: E402


class FakePlatform:
    def __init__(self):
        self.levels, self.messages, self.memory = [], [], {}

    def intx(self, pin, level):
        assert pin == 1
        self.levels.append(level)

    def message(self, address, data):
        self.messages.append((address, data))

    def write_memory(self, address, data):
        self.memory[address] = data

    def read_memory(self, address, size):
        if address not in self.memory:
            raise OSError("not mapped")
        return self.memory[address][:size]


def device(text, clock=lambda: 0.0):
    platform = FakePlatform()
    made = model.Device(description.parse(text), platform, clock)
    made.bus_reset()
    return made, platform


CONTROL_BAR = 'pin = 1\n[control]\n[[bar]]\nindex = 0\nsize = "4K"\n'
MSIX_CAPABILITY = """[[capability]]
type = "msix"
vectors = 2
table_bar = 0
table_offset = 0x208
pba_bar = 0
pba_offset = 0x230
"""


class ConfigurationTest(unittest.TestCase):
    def test_bars_size_as_described(self):
        made, _ = device('[[bar]]\nindex = 0\nsize = 256\n[[bar]]\nindex = 2\nkind = "memory64"\n'
                         'size = "1M"\nprefetchable = true\n[[bar]]\nindex = 1\nkind = "io"\nsize = 8')
        for register in range(0x10, 0x20, 4):
            made.config_write(register, 0xFFFFFFFF, 4)
        sizes = [made.config_read(register, 4) for register in range(0x10, 0x20, 4)]
        self.assertEqual(sizes, [0xFFFFFF00, 0xFFFFFFF9, 0xFFF0000C, 0xFFFFFFFF])

    def test_upper_half_is_no_bar_of_its_own_while_the_emulator_sizes(self):
        made = model.Device(description.parse('[[bar]]\nindex = 0\nkind = "memory64"\nsize = 16'),
                            FakePlatform())
        made.config_write(0x14, 0xFFFFFFFF, 4)
        self.assertEqual(made.config_read(0x14, 4), 0)

    def test_capabilities_are_a_list_in_their_order(self):
        made, _ = device('[[capability]]\ntype = "pm"\n[[capability]]\ntype = "vendor"\n'
                         'bytes = [7]\noffset = 0xE0\n[[capability]]\ntype = "msi"')
        self.assertEqual(made.config_read(model.STATUS, 2) & 0x10, 0x10)
        seen, at = [], made.config_read(model.CAPABILITIES, 1)
        while at:
            seen.append((made.config_read(at, 1), at))
            at = made.config_read(at + 1, 1)
        self.assertEqual(seen, [(1, 0x40), (9, 0xE0), (5, 0xE4)])

    def test_a_list_may_be_a_loop(self):
        made, _ = device('[[capability]]\ntype = "pm"\nnext = 0x40\n[[capability]]\ntype = "msi"')
        self.assertEqual(made.config_read(0x41, 1), 0x40)

    def test_what_cannot_be_is_refused(self):
        for text in ('vendr = 1', '[[bar]]\nindex = 0\nsize = 24', '[[bar]]\nindex = 6\nsize = 16',
                     '[[bar]]\nindex = 5\nkind = "memory64"\nsize = 16', 'flr = "maybe"',
                     '[[capability]]\ntype = "agp"', '[[capability]]\ntype = "pm"\nvectors = 1',
                     '[[bar]]\nindex = 0\nsize = 16\n[[bar]]\nindex = 0\nsize = 16', 'vendor ='):
            with self.assertRaises(description.DescriptionError, msg=text):
                description.parse(text)


class InterruptTest(unittest.TestCase):
    def test_pin_follows_status_and_command(self):
        made, platform = device(CONTROL_BAR)
        made.bar_write(made.bars[0], 0, model.RAISE, 4)
        made.config_write(model.COMMAND, model.COMMAND_INTX_OFF, 2)
        self.assertEqual(made.config_read(model.STATUS, 2) & 8, 8)
        made.config_write(model.COMMAND, 0, 2)
        made.bar_write(made.bars[0], 0, model.LOWER, 4)
        self.assertEqual(platform.levels, [1, 0, 1, 0])

    def test_message_waits_while_its_vector_is_masked(self):
        made, platform = device(CONTROL_BAR + MSIX_CAPABILITY)
        bar = made.bars[0]
        made.config_write(model.COMMAND, model.COMMAND_MASTER, 2)
        made.config_write(0x42, model.MSIX_ENABLE, 2)
        for offset, value in ((0x218, 0xFEE00000), (0x21C, 0), (0x220, 0x41), (0x224, 1)):
            made.bar_write(bar, offset, value, 4)
        made.bar_write(bar, model.CONTROL_ARGUMENT, 1, 4)
        made.bar_write(bar, 0, model.SEND, 4)
        self.assertEqual((platform.messages, made.bar_read(bar, 0x230, 8)), ([], 2))
        made.bar_write(bar, 0x224, 0, 4)
        self.assertEqual(platform.messages, [(0xFEE00000, 0x41)])
        self.assertEqual(made.bar_read(bar, 0x230, 8), 0)

    def test_vectors_are_masked_at_first_and_by_a_reset(self):
        made, _ = device(CONTROL_BAR + MSIX_CAPABILITY)
        bar = made.bars[0]
        self.assertEqual([made.bar_read(bar, offset, 4) for offset in (0x214, 0x224)], [1, 1])
        made.bar_write(bar, 0x224, 0, 4)
        made.function_reset()
        self.assertEqual(made.bar_read(bar, 0x224, 4), 1)

    def test_memory_only_as_bus_master(self):
        made, platform = device(CONTROL_BAR)
        bar = made.bars[0]
        made.bar_write(bar, model.CONTROL_ADDRESS, 0x1000, 8)
        made.bar_write(bar, model.CONTROL_VALUE, 7, 4)
        made.bar_write(bar, 0, model.DMA_WRITE, 4)
        self.assertEqual(made.bar_read(bar, model.CONTROL_STATUS, 4), model.DMA_FAULT)
        made.config_write(model.COMMAND, model.COMMAND_MASTER, 2)
        made.bar_write(bar, 0, model.DMA_WRITE, 4)
        self.assertEqual(made.bar_read(bar, model.CONTROL_STATUS, 4), model.DMA_DONE)
        self.assertEqual(platform.memory, {0x1000: b"\7\0\0\0"})


class ResetTest(unittest.TestCase):
    FLR = '[[capability]]\ntype = "pcie"\n[[bar]]\nindex = 0\nsize = 64\n'

    def reset(self, text, clock=lambda: 0.0):
        made, _ = device(text + self.FLR, clock)
        made.bar_write(made.bars[0], 4, 5, 4)
        made.config_write(0x48, model.DEVCTL_FLR, 2)
        return made

    def test_works(self):
        made = self.reset("")
        self.assertEqual((made.bar_read(made.bars[0], 4, 4), made.resets), (0, 1))

    def test_is_ignored(self):
        made = self.reset('flr = "ignored"\n')
        self.assertEqual((made.bar_read(made.bars[0], 4, 4), made.resets), (5, 1))

    def test_dies_and_stays_dead(self):
        made = self.reset('flr = "dies"\n')
        made.bus_reset()
        self.assertEqual(made.config_read(0, 4), 0xFFFFFFFF)

    def test_is_slow(self):
        now = [10.0]
        made = self.reset('flr = "slow"\nflr_milliseconds = 500\n', lambda: now[0])
        self.assertEqual(made.config_read(0, 2), 0xFFFF)
        now[0] = 10.6
        self.assertEqual(made.config_read(0, 2), 0x1AF4)

    def test_leaving_d3_resets_unless_the_state_is_kept(self):
        for soft, value in (("true", 0), ("false", 5)):
            made, _ = device(f'[[bar]]\nindex = 0\nsize = 64\n[[capability]]\ntype = "pm"\n'
                             f'soft_reset = {soft}')
            made.bar_write(made.bars[0], 4, 5, 4)
            made.config_write(0x44, 3, 2)
            made.config_write(0x44, 0, 2)
            self.assertEqual(made.bar_read(made.bars[0], 4, 4), value)


class IommuTest(unittest.TestCase):
    """Tables at 0x1000 (root), 0x2000 (context), 0x3000 to 0x5000 (three levels)."""

    def setUp(self):
        self.memory = bytearray(0x8000)
        self.registers = {0xFED9001C: 3 << 30 | 1 << 25, 0xFED90020: 0x1000, 0xFED900B8: 0x6000}
        self.unit = vtd.Unit(self, lambda at, size: self.memory[at:at + size], present=True)
        for at, value in ((0x1000, 0x2001), (0x2000 + 16 * 24, 0x3001), (0x2008 + 16 * 24, 1),
                          (0x3000, 0x4003), (0x4000, 0x5003), (0x5000 + 8 * 2, 0x7001)):
            struct.pack_into("<Q", self.memory, at, value)

    def readl(self, address):
        return self.registers[address]

    readq = readl

    def test_translates_what_is_mapped(self):
        self.assertEqual(self.unit.translate(24, 0x2345, write=False), 0x7345)

    def test_refuses_what_is_not(self):
        for devfn, address, write in ((24, 0x2345, True), (24, 0x3000, False), (32, 0x2345, False)):
            with self.assertRaises(OSError):
                self.unit.translate(devfn, address, write)

    def test_remaps_messages(self):
        struct.pack_into("<Q", self.memory, 0x6000 + 16 * 3, 2 << 40 | 0x31 << 16 | 1)
        self.assertEqual(self.unit.remap(0xFEE00010 | 3 << 5, 0), (0xFEE02000, 0x31))
        self.assertEqual(self.unit.remap(0xFEE01000, 0x42), (0xFEE01000, 0x42))
        with self.assertRaises(OSError):
            self.unit.remap(0xFEE00010 | 4 << 5, 0)


if __name__ == "__main__":
    unittest.main()
