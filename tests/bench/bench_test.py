#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests what reads the kernel's and the tools' text, and what computes the table."""

import statistics
import sys
import unittest

import monitors
import ram_root
import report
import running
import tracing

HISTOGRAM = """\
# event histogram
#
# trigger info: hist:keys=port,rw:vals=hitcount:sort=hitcount:size=4096 [active]
#

{ port:         32, rw:          1 } hitcount:          1
{ port:       3320, rw:          0 } hitcount:        114

Totals:
    Hits: 115
    Entries: 2
    Dropped: %d
"""

SMAPS = """\
55d0c0000000-55d0c0010000 r-xp 00000000 00:13 5 /usr/bin/lintel
Size:                 64 kB
KernelPageSize:        4 kB
Rss:                  60 kB
Pss:                  30 kB
Shared_Clean:         20 kB
Private_Clean:        30 kB
Private_Dirty:        10 kB
VmFlags: rd ex mr mw me
7f0000000000-7f0010000000 rw-p 00000000 00:00 0
Size:             262144 kB
Rss:               90000 kB
Pss:               90000 kB
Private_Clean:         0 kB
Private_Dirty:     90000 kB
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
Size:                132 kB
Rss:                  12 kB
Pss:                  12 kB
Private_Clean:         0 kB
Private_Dirty:        12 kB
"""

LDD = """\
\tlinux-vdso.so.1 (0x00007ffc7a5f6000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f164461e000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f1644bdc000)
"""


TIMES = """\
# trigger info: hist:keys=common_type:vals=hitcount,ns:sort=hitcount:size=2048 [active]
#

{ common_type:       1468 } hitcount:          6  ns:    6626356

Totals:
    Hits: 6
"""


class HistogramTest(unittest.TestCase):
    def test_sum_of_a_value(self):
        self.assertEqual(tracing.parse_sum(TIMES, "ns"), (6, 6626356))
        self.assertEqual(tracing.parse_sum("Totals:\n    Hits: 0\n", "ns"), (0, 0))

    def test_keys_and_counts(self):
        self.assertEqual(tracing.parse_histogram(HISTOGRAM % 0), {(32, 1): 1, (3320, 0): 114})

    def test_dropped_events_are_an_error(self):
        with self.assertRaisesRegex(RuntimeError, "dropped 3 events"):
            tracing.parse_histogram(HISTOGRAM % 3)

    def test_nothing_counted(self):
        self.assertEqual(tracing.parse_histogram("Totals:\n    Hits: 0\n    Dropped: 0\n"), {})


class SummaryTest(unittest.TestCase):
    def summary(self):
        return tracing.summarise({
            "kvm_exit": {(0x7B,): 7, (0x60,): 9, (0x999,): 1},
            "kvm_userspace_exit": {(2,): 5, (6,): 2},
            "kvm_pio": {(0xCF8, 1): 4, (0x71, 0): 1},
            "kvm_mmio": {(0xFEC00010, 2): 3, (0xFEC00000, 2): 1, (0xFEC00000, 0): 8},
            "kvm_msr": {(0x6E0, 1): 6},
        }, "amd")

    def test_sums(self):
        self.assertEqual((self.summary()["exits"], self.summary()["user_exits"]), (17, 7))

    def test_reasons_are_named_and_sorted(self):
        self.assertEqual(list(self.summary()["reasons"].items()),
                         [("INTR", 9), ("port I/O", 7), ("0x999", 1)])

    def test_unsatisfied_reads_are_not_counted_twice(self):
        self.assertEqual(self.summary()["mmio_pages"], {"0xfec00000 write": 4})

    def test_ports_and_msrs(self):
        self.assertEqual(self.summary()["ports"], {"0xcf8 write": 4, "0x71 read": 1})
        self.assertEqual(self.summary()["msrs"], {"0x6e0 write": 6})


class Arm64SummaryTest(unittest.TestCase):
    def test_traps_are_named_by_their_class_and_the_rest_by_why_they_returned(self):
        summary = tracing.summarise({
            "kvm_exit": {(2, 0x24): 7, (2, 0x18): 3, (0, 0): 9, (2, 0x3F): 1},
            "kvm_userspace_exit": {(6,): 5},
            "kvm_mmio": {(0x9000018, 1): 4},
            "kvm_sys_access": {(12, 11, 5): 2},
        }, "arm64")
        self.assertEqual(summary["reasons"], {"INTR": 9, "data abort": 7, "system register": 3,
                                              "EC 0x3f": 1})
        self.assertEqual((summary["exits"], summary["user_exits"]), (20, 5))
        self.assertEqual(summary["registers"], {"C12_C11_5": 2})
        self.assertEqual(summary["mmio_pages"], {"0x9000000 read": 4})


class MonitorsTest(unittest.TestCase):
    def test_peers_come_from_where_their_packages_were_unpacked(self):
        by_name = {m.name: m for m in monitors.all_monitors("arm64", "/build/lintel", "/peers")}
        self.assertEqual((by_name["virt"].root, by_name["virt"].inside),
                         ("/peers", "/usr/bin/qemu-system-aarch64"))
        self.assertEqual((by_name["lintel"].root, by_name["lintel"].inside),
                         ("/", "/usr/bin/lintel"))


class MemoryTest(unittest.TestCase):
    def test_guest_ram_is_left_out(self):
        memory = running.own_memory(running.parse_smaps(SMAPS), 256)
        self.assertEqual((memory["rss_kib"], memory["pss_kib"], memory["private_kib"]),
                         (72, 42, 52))
        self.assertEqual(memory["guest_rss_kib"], 90000)

    def test_names(self):
        self.assertEqual([m.name for m in running.parse_smaps(SMAPS)],
                         ["/usr/bin/lintel", "", "[stack]"])

    def test_guest_ram_must_be_found(self):
        with self.assertRaisesRegex(ValueError, "0 mappings"):
            running.own_memory(running.parse_smaps(SMAPS), 512)


class LibrariesTest(unittest.TestCase):
    def test_files_only(self):
        self.assertEqual(ram_root.parse_ldd(LDD), ["/lib/x86_64-linux-gnu/libc.so.6",
                                                   "/lib64/ld-linux-x86-64.so.2"])


class ReportTest(unittest.TestCase):
    RESULTS = {
        "lintel": {"init_seconds": 1.0, "own_seconds": 0.5, "user_exits": 501, "exits": 3000,
                   "cold": {"init_seconds": 3.0}, "memory": {"rss_kib": 100},
                   "blk": {"random_read_iops": 30}},
        "a": {"init_seconds": 2.0, "own_seconds": 1.0, "blk": {"random_read_iops": 10}},
        "b": {"init_seconds": 1.5, "own_seconds": 1.2, "blk": {"random_read_iops": 20}},
    }

    def row(self, key):
        return next(row for row in report.ROWS if row.key == key)

    def ratio(self, key):
        return report.ratio(self.RESULTS, self.row(key)).value

    def test_ratio_is_to_the_best_peer(self):
        self.assertAlmostEqual(self.ratio("init_seconds"), 1 / 1.5)
        self.assertAlmostEqual(self.ratio("blk.random_read_iops"), 1.5)

    def test_cold_is_compared_with_what_peers_always_do(self):
        self.assertAlmostEqual(self.ratio("cold.init_seconds"), 2.0)

    def boots(self, ours, peers):
        return {name: {"nvme": {"random_read_iops": statistics.median(sum(boots, [])),
                                "rounds": [[{"random_read_iops": rate} for rate in boot]
                                           for boot in boots]}}
                for name, boots in (("lintel", ours), ("a", peers))}

    def test_rounds_are_compared_with_their_neighbours(self):
        # As the machine becomes slower; medians would say 0.12.
        results = self.boots([[120, 12, 12]], [[100, 100, 1]])
        of_rounds = report.ratio(results, self.row("nvme.random_read_iops"))
        self.assertAlmostEqual(of_rounds.value, 1.2)
        self.assertEqual(of_rounds.error, 0.0)

    def test_the_error_is_that_of_the_boots(self):
        results = self.boots([[110, 110], [90, 90]], [[100, 100], [100, 100]])
        of_rounds = report.ratio(results, self.row("nvme.random_read_iops"))
        self.assertAlmostEqual(of_rounds.value, 0.99 ** 0.5)
        self.assertAlmostEqual(of_rounds.error, 0.1, places=2)

    def test_a_rate_misses_its_budget_where_the_boots_can_tell(self):
        def met(*rates):
            peers = [[100]] * len(rates)
            return report.budget_lines(self.boots([[rate] for rate in rates], peers))[0][2]
        self.assertTrue(met(101, 97, 99))
        self.assertFalse(met(90, 89, 91))
        self.assertTrue(met(110, 109, 111))
        self.assertFalse(met(99))

    def test_no_ratio_without_peers(self):
        self.assertIsNone(report.ratio(self.RESULTS, self.row("user_exits")))

    def test_rows_that_nobody_measured_are_left_out(self):
        lines = report.table(self.RESULTS, {"lintel": "L", "a": "A", "b": "B"})
        self.assertNotIn("threads", [line[0] for line in lines])
        self.assertIn("1,500 ms", next(l for l in lines if l[0] == "exec to guest init"))

    def test_budgets(self):
        reached = {text.split(",")[0]: met for text, _, met in report.budget_lines(self.RESULTS)}
        self.assertEqual(reached, {"exits to user space": False, "exits in all": True,
                                   "exec to guest init": True, "before the kernel's clock": False,
                                   "resident memory": True})

    def test_reasons_of_those_that_were_counted(self):
        results = {"lintel": {"reasons": {"HVC": 2, "INTR": 1000}}, "a": {}}
        titles = {"lintel": "L", "a": "A"}
        self.assertEqual(report.reasons_markdown(results, titles, "reasons"),
                         "- L: INTR 1,000, HVC 2")
        self.assertEqual(report.reasons_markdown(results, titles, "user_reasons"), "")

    def test_markdown_is_rectangular(self):
        text = report.as_markdown(report.table(self.RESULTS, {"lintel": "L", "a": "A", "b": "B"}))
        self.assertEqual({line.count("|") for line in text.splitlines()}, {6})


if __name__ == "__main__":
    sys.exit(unittest.main())
