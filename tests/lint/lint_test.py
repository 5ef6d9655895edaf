#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tests/lint/lint makes of shell scripts."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

_PATH = str(pathlib.Path(__file__).resolve().with_name("lint"))
_LOADER = importlib.machinery.SourceFileLoader("lint", _PATH)
lint = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint", _LOADER))
_LOADER.exec_module(lint)


class LayersTest(unittest.TestCase):
    def test_machine_is_below_the_commands(self):
        path = "vmm/machine/run.cc"
        self.assertEqual(lint.check_include(path, "vmm/commands/bind.h", None),
                         "vmm/machine may not include vmm")
        self.assertIsNone(lint.check_include(path, "vmm/host_devices/pci_wish.h", None))
        self.assertIsNone(lint.check_include("vmm/commands/bind.cc", path, None))

    def test_machine_is_above_the_hosts_devices(self):
        self.assertEqual(lint.check_include("vmm/host_devices/pci_wish.h", "vmm/machine/run.h", None),
                         "vmm/host_devices may not include vmm/machine")


class QuietGrepTest(unittest.TestCase):
    def lines(self, *script):
        return [line for line, _ in lint.check_shell("\n".join(script) + "\n")]

    def test_in_a_pipe_with_pipefail_is_found(self):
        for shell in ("#!/bin/sh", "#!/usr/bin/env bash", "#!/bin/bash"):
            for pipe in ("ls | grep -q x", "ls |grep -E -iq 'a b'", "ls | egrep --quiet x"):
                self.assertEqual(self.lines(shell, "set -euo pipefail", pipe), [3], pipe)

    def test_over_several_lines_is_found(self):
        self.assertEqual(self.lines("#!/bin/bash", "set -o pipefail", "ls |", "  grep -q x"), [3])
        self.assertEqual(self.lines("#!/bin/bash", "set -o pipefail", "ls \\", "  | grep -q x"), [4])

    def test_elsewhere_is_not(self):
        on = ("#!/bin/bash", "set -o pipefail")
        for line in ("grep -q x file", "ls | grep x >/dev/null", "ls | grep -e -v", "a || grep -q x q"):
            self.assertEqual(self.lines(*on, line), [], line)
        self.assertEqual(self.lines("#!/bin/bash", "set -eu", "ls | grep -q x"), [])
        self.assertEqual(self.lines("#!/bin/bash", "# set -o pipefail", "ls | grep -q x"), [])
        self.assertEqual(self.lines("#!/usr/bin/env python3", *on[1:], "ls | grep -q x"), [])


if __name__ == "__main__":
    unittest.main()
