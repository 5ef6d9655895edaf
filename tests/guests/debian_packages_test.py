# SPDX-License-Identifier: Apache-2.0
import re
import unittest

import support

packages = support.load("debian_packages.py")

MACHINE = {
    "bookworm": "http://mirror.example/debian",
    "bookworm-updates": "http://mirror.example/debian",
    "bookworm-security": "http://security.example/debian-security",
}


def places(lines):
    return [re.sub(r"^deb \[[^]]*\] ", "", line) for line in lines]


class SourceLines(unittest.TestCase):
    def test_backports_come_from_the_machines_own_mirror(self):
        lines = packages.source_lines("bookworm-backports", "amd64", MACHINE, "bookworm")
        self.assertEqual(places(lines), [
            "http://mirror.example/debian bookworm main",
            "http://mirror.example/debian bookworm-updates main",
            "http://security.example/debian-security bookworm-security main",
            "http://mirror.example/debian bookworm-backports main",
        ])

    def test_a_backports_source_of_the_machine_is_preferred(self):
        machine = MACHINE | {"bookworm-backports": "http://other.example/debian"}
        lines = packages.source_lines("bookworm-backports", "amd64", machine, "bookworm")
        self.assertEqual(places(lines)[-1], "http://other.example/debian bookworm-backports main")

    def test_another_release_is_taken_from_the_same_pockets(self):
        machine = {release.replace("bookworm", "trixie"): uri for release, uri in MACHINE.items()}
        lines = packages.source_lines("bookworm", "amd64", machine, "trixie")
        self.assertEqual(places(lines), [
            "http://mirror.example/debian bookworm main",
            "http://mirror.example/debian bookworm-updates main",
            "http://security.example/debian-security bookworm-security main",
        ])

    def test_no_security_source_is_invented(self):
        lines = packages.source_lines("bookworm", "amd64", {"bookworm": "http://m.example"},
                                      "bookworm")
        self.assertFalse(any("security" in line for line in lines))

    def test_the_architecture_is_the_one_asked_for(self):
        for line in packages.source_lines("bookworm", "arm64", MACHINE, "bookworm"):
            self.assertRegex(line, r"^deb \[arch=arm64[ \]]")

    def test_without_a_debian_source_the_error_says_what_to_do(self):
        with self.assertRaisesRegex(packages.PackageError, "sources.list.d"):
            packages.source_lines("bookworm", "amd64", {}, "jammy")


if __name__ == "__main__":
    unittest.main()
