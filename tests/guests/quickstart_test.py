# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import sys
import unittest

import support

quickstart = support.load("quickstart.py")


def script(text: str, status: int) -> list[str]:
    return [sys.executable, "-c", f"import sys; print({text!r}, flush=True); sys.exit({status})"]


class Verdict(unittest.TestCase):
    def watch(self, text: str, status: int) -> tuple[int, str]:
        told = io.StringIO()
        shown = io.TextIOWrapper(io.BytesIO(), write_through=True)
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(shown):
            return quickstart.watch(script(text, status)), told.getvalue()

    def test_a_guest_that_is_well_and_a_clean_end_give_0(self):
        self.assertEqual(self.watch("x LINTEL-SELF-CHECK pass 6.1, 1 CPUs\n", 0)[0], 0)

    def test_a_failed_check_is_a_failure_and_is_quoted(self):
        status, told = self.watch("LINTEL-SELF-CHECK fail no link on eth0", 0)
        self.assertNotEqual(status, 0)
        self.assertIn("no link on eth0", told)

    def test_silence_is_a_failure(self):
        self.assertNotEqual(self.watch("Linux version", 0)[0], 0)

    def test_the_monitors_status_counts_after_a_pass(self):
        self.assertEqual(self.watch("LINTEL-SELF-CHECK pass 6.1", 126)[0], 126)


class Command(unittest.TestCase):
    def command(self, arch: str, machine: str, *, self_check: bool, in_lab: bool) -> list[str]:
        return quickstart.lintel_command(quickstart.target(arch, machine), self_check, in_lab)

    def test_in_the_lab_the_disk_is_a_device(self):
        command = self.command("x86_64", "x86_64", self_check=False, in_lab=True)
        self.assertEqual(command[:2], ["tests/lab/lab", "x86"])
        self.assertIn("disk.0.path=/dev/vda", command)

    def test_with_kvm_and_a_terminal_nothing_is_overridden(self):
        for arch, machine in (("x86_64", "x86_64"), ("arm64", "aarch64")):
            with self.subTest(arch):
                command = self.command(arch, machine, self_check=False, in_lab=False)
                self.assertEqual(command, ["build/release/lintel", "run", "configs/debian.toml"])

    def test_guests_of_another_architecture_have_a_lab_and_a_folder_of_their_own(self):
        command = self.command("arm64", "x86_64", self_check=True, in_lab=True)
        self.assertEqual(command[:2], ["tests/lab/lab", "arm64"])
        self.assertIn("build/arm64/lintel", command)
        for key, file in (("boot.kernel", "vmlinuz"), ("boot.initrd", "initramfs.cpio")):
            (value,) = [part for part in command if part.startswith(f"{key}=")]
            self.assertTrue(value.endswith(f"build/guests/arm64/{file}"), value)
        self.assertTrue(any(part.endswith("lintel.self_check") for part in command))

    def test_an_x86_64_guest_wants_such_a_machine(self):
        with self.assertRaisesRegex(Exception, "--arch arm64"):
            quickstart.target("x86_64", "aarch64")


if __name__ == "__main__":
    unittest.main()
