# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import unittest.mock

import support

packages = support.load("debian_packages.py")
sysroot = support.load("sysroot")

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


class UnpackTogether(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        environment = unittest.mock.patch.dict(os.environ, XDG_CACHE_HOME=folder.name)
        environment.start()
        self.addCleanup(environment.stop)

    def keep(self, name, version, file):
        """Puts a package with one file into the cache, as if it had been downloaded."""
        tree = self.folder / "tree" / name
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN/control").write_text(
            f"Package: {name}\nVersion: {version}\nArchitecture: arm64\n"
            "Maintainer: none\nDescription: none\n", encoding="ascii")
        (tree / file).parent.mkdir(parents=True)
        (tree / file).write_text(name, encoding="ascii")
        debs = packages.cache_root() / "packages" / "debs"
        debs.mkdir(parents=True, exist_ok=True)
        deb = debs / f"{name}_{version}_arm64.deb"
        subprocess.run(["dpkg-deb", "-b", "-Znone", tree, deb], check=True,
                       stdout=subprocess.DEVNULL)
        (debs / f"{name}_bookworm_arm64").unlink(missing_ok=True)
        (debs / f"{name}_bookworm_arm64").symlink_to(deb.name)

    def test_one_folder_has_the_files_of_all(self):
        self.keep("liba-dev", "1", "usr/include/a.h")
        self.keep("libb-dev", "1", "usr/include/b.h")
        found = packages.unpack_together(["liba-dev", "libb-dev"], arch="arm64")
        self.assertEqual(sorted(path.name for path in (found / "usr/include").iterdir()),
                         ["a.h", "b.h"])
        again = packages.unpack_together(["libb-dev", "liba-dev"], arch="arm64")
        self.assertEqual(again, found)

    def test_other_packages_get_another_folder(self):
        self.keep("liba-dev", "1", "usr/include/a.h")
        self.keep("libb-dev", "1", "usr/include/b.h")
        first = packages.unpack_together(["liba-dev"], arch="arm64")
        second = packages.unpack_together(["liba-dev", "libb-dev"], arch="arm64")
        self.assertNotEqual(first, second)
        self.assertFalse((first / "usr/include/b.h").exists())


class Sysroot(unittest.TestCase):
    def test_has_what_the_build_links_and_not_what_it_runs(self):
        names = sysroot.library_packages()
        self.assertIn("libfmt-dev", names)
        self.assertIn("nlohmann-json3-dev", names)
        self.assertNotIn("cmake", names)
        self.assertNotIn("g++", names)
        self.assertIn("libgtest-dev", names)
        self.assertFalse([name for name in names if "clang" in name or " " in name])


if __name__ == "__main__":
    unittest.main()
