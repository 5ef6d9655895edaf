# SPDX-License-Identifier: Apache-2.0
"""What tidy remembers, and when it looks again; with a stand-in for clang-tidy."""

import importlib.machinery
import importlib.util
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
_loader = importlib.machinery.SourceFileLoader(
    "tidy", str(pathlib.Path(__file__).resolve().parent / "tidy"))
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", _loader))
_loader.exec_module(tidy)

# Complains of each line with "bad" in a file and in what it includes directly.
STAND_IN = """#!/bin/sh
echo "$2" >> "$(dirname "$0")/calls"
grep -n bad "$2" inner.h | sed 's/\\([^:]*:[0-9]*\\):.*/\\1:1: error: bad [a-check,-warnings-as-errors]/'
! grep -q bad "$2" inner.h
"""


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write(".clang-tidy", "Checks: '*'\n")
        self.write("vmm/a.cc", '#include "vmm/a.h"\n')
        self.write("vmm/a.h", '#  include <inner.h>\n#include <vector>\n')
        self.write("inner.h", "int inner;\n")
        self.write("vmm/other.h", "int other;\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class Key(Case):
    def key(self, arguments=("-std=c++20",), versions="1"):
        return tidy.Tree(self.root, versions).key("vmm/a.cc", arguments)

    def test_stays_while_nothing_changes(self):
        before = self.key()
        self.write("vmm/other.h", "int another;\n")
        self.assertEqual(self.key(), before)

    def test_changes_with_all_that_decides_the_result(self):
        keys = [self.key(), self.key(("-std=c++23",)), self.key(versions="2")]
        for name in ("vmm/a.cc", "vmm/a.h", "inner.h", ".clang-tidy"):
            text = (self.root / name).read_text()
            self.write(name, text + "\n")
            keys.append(self.key())
            self.write(name, text)
        self.assertEqual(len(set(keys)), 7)

    def test_changes_with_a_configuration_between_the_root_and_the_file(self):
        before = self.key()
        self.write("firmware/.clang-tidy", "Checks: ''\n")
        self.assertEqual(self.key(), before)
        self.write("vmm/.clang-tidy", "Checks: ''\n")
        self.assertNotEqual(self.key(), before)

    def test_is_the_same_in_another_copy_of_the_tree(self):
        before = self.key((f"-I{self.root}",))
        first = self.root
        self.setUp()
        self.assertNotEqual(self.root, first)
        self.assertEqual(self.key((f"-I{self.root}",)), before)

    def test_survives_headers_that_include_each_other(self):
        self.write("inner.h", '#include "vmm/a.h"\n')
        self.key()


class Check(Case):
    def setUp(self):
        super().setUp()
        self.tool = self.root / "stand-in"
        self.write("stand-in", STAND_IN)
        self.tool.chmod(0o755)
        self.clean = tidy.Clean(self.root / "clean")

    def check(self):
        def run(name, arguments):
            return self.original(name, arguments, self.root, str(self.tool))
        with mock.patch.object(tidy, "check", run):
            return tidy.check_and_remember(
                tidy.Tree(self.root, ""), self.clean, "vmm/a.cc", ["-std=c++20"])

    original = staticmethod(tidy.check)

    def calls(self):
        path = self.root / "calls"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def test_a_clean_file_is_looked_at_once(self):
        self.assertEqual([self.check(), self.check()], [(True, []), (False, [])])
        self.assertEqual(self.calls(), 1)

    def test_a_complaint_is_seen_each_time_and_by_its_name_in_the_tree(self):
        self.write("vmm/a.cc", "bad\n")
        found = (True, ["vmm/a.cc:1:1: bad [a-check]"])
        self.assertEqual([self.check(), self.check()], [found, found])

    def test_a_header_that_changes_has_its_includers_looked_at(self):
        self.check()
        self.write("inner.h", "\nbad\n")
        self.assertEqual(self.check(), (True, ["inner.h:2:1: bad [a-check]"]))

    def test_a_tool_that_fails_without_a_word_is_a_complaint(self):
        self.write("stand-in", "#!/bin/sh\nexit 3\n")
        fresh, complaints = self.check()
        self.assertTrue(fresh)
        self.assertIn("ended with 3", complaints[0])

    def test_a_file_that_changes_meanwhile_is_not_taken_for_clean(self):
        self.write("stand-in", "#!/bin/sh\necho '// bad' >> vmm/a.cc\n")
        self.check()
        self.write("stand-in", STAND_IN)
        self.write("vmm/a.cc", '#include "vmm/a.h"\n')
        self.check()
        self.assertEqual(self.calls(), 1)


class Builds(Case):
    def build(self, name, *entries):
        self.write(f"build/{name}/compile_commands.json", json.dumps(
            [{"directory": f"{self.root}/build/{name}", "file": file, "command": command}
             for file, command in entries]))

    def test_the_first_build_that_has_a_file_says_how_it_is_compiled(self):
        self.build("clang", (f"{self.root}/vmm/a.cc", "clang++-19 -DX=1 -O1 -Wall -Werror -c a.cc"),
                   ("../../d.cc", "clang++-19 -Wextra"))
        self.build("debug", (f"{self.root}/vmm/a.cc", "c++ -DX=2"), ("../../b.cc", "c++ -I."))
        self.build("arm64", ("../../c.cc", "/usr/bin/aarch64-linux-gnu-g++-12 -isystem a -Wx c.cc"))
        self.assertEqual(tidy.read_builds(self.root), {
            "vmm/a.cc": ["-DX=1", "-Wall"],
            "d.cc": ["-Wextra"],
            "b.cc": ["-I.", "-Wall"],
            "c.cc": ["--target=aarch64-linux-gnu", "-isystem", "a", "-Wall"],
        })

    def test_a_build_that_is_missing_is_named(self):
        with self.assertRaisesRegex(tidy.TidyError, "cmake --preset clang"):
            tidy.read_builds(self.root)


if __name__ == "__main__":
    unittest.main()
