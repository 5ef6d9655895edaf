#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the lab: one kept host for what a command sees, single hosts for the rest.

  self_test.py [ARCH [TEST...]]    ARCH as lab takes it, x86 by default
"""

import os
import pathlib
import pty
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LAB = str(HERE / "lab")
ARCH = sys.argv[1] if len(sys.argv) > 1 else "x86"
HOST = f"self-test-{os.getpid()}"


def lab(*arguments, **kwargs):
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([LAB, *arguments], capture_output=True, timeout=300, **kwargs)


def inside(*command, options=(), **kwargs):
    return lab(ARCH, "--in", HOST, *options, "--", *command, **kwargs)


def emulators():
    """Command lines of the emulators that run now."""
    found = set()
    for entry in pathlib.Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if command.startswith(b"qemu-system-"):
            found.add((entry.name, command))
    return found


class KeptHostTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        result = lab(ARCH, "--keep", HOST, "--iommu", "--devices", "nvme")
        assert result.returncode == 0, result.stderr.decode()

    @classmethod
    def tearDownClass(cls):
        result = lab("stop", HOST)
        assert result.returncode == 0, result.stderr.decode()
        listed = lab("list").stdout.decode()
        assert HOST not in listed, listed

    def test_exit_status_comes_back(self):
        for status in (0, 1, 77, 124, 255):
            self.assertEqual(inside("sh", "-c", f"exit {status}").returncode, status)
        self.assertEqual(inside("sh", "-c", "kill -KILL $$").returncode, 128 + signal.SIGKILL)

    def test_missing_command_is_127_and_no_program_is_126(self):
        result = inside("/nonexistent/program")
        self.assertEqual(result.returncode, 127)
        self.assertIn(b"/nonexistent/program", result.stderr)
        self.assertEqual(inside("/etc/passwd").returncode, 126)

    def test_output_and_errors_stay_apart(self):
        result = inside("sh", "-c", "echo out; echo err >&2")
        self.assertEqual((result.stdout, result.stderr), (b"out\n", b"err\n"))

    def test_large_output_is_complete(self):
        result = inside("head", "-c", "10000000", "/dev/zero")
        self.assertEqual(result.stdout, bytes(10000000))

    def test_arguments_arrive_byte_for_byte(self):
        arguments = ["", "a b", "$HOME `id` \"'\\", "line\nline", "--", os.fsdecode(b"\xff\x01")]
        result = inside("printf", "%s\\0", *arguments)
        self.assertEqual(result.stdout, b"".join(os.fsencode(a) + b"\0" for a in arguments))

    def test_input_is_empty_unless_asked_for(self):
        self.assertEqual(inside("cat", input=b"lost", stdin=None).stdout, b"")
        data = os.urandom(500000)
        result = inside("cat", options=["--stdin"], input=data, stdin=None)
        self.assertEqual(result.stdout, data)

    def test_directory_and_environment_follow(self):
        environment = dict(os.environ, LINTEL_PROBE="seen", SECRET_PROBE="unseen")
        result = inside("sh", "-c", "pwd; echo $LINTEL_PROBE/$SECRET_PROBE/$LAB",
                        cwd=HERE, env=environment)
        self.assertEqual(result.stdout.decode().split(), [str(HERE), f"seen//{ARCH}"])

    def test_writes_are_discarded(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "file")
            file.write_text("before")
            script = f"echo after > {file}; cat {file}; rm -r {folder}"
            self.assertEqual(inside("sh", "-c", script).stdout, b"after\n")
            self.assertEqual(file.read_text(), "before")
            self.assertEqual(inside("cat", str(file)).stdout, b"before")

    def test_folders_have_their_owners_and_modes(self):
        folders = ["/tmp", str(HERE), str(HERE.parent)]
        script = ["stat", "-c", "%a %u %g", *folders]
        here = subprocess.run(script, capture_output=True, check=True).stdout
        self.assertEqual(inside(*script).stdout, here)

    def test_a_change_on_the_machine_is_seen_by_the_next_command(self):
        with tempfile.NamedTemporaryFile("w") as file:
            for text in ("first", "the second, longer"):
                file.seek(0)
                file.write(text)
                file.flush()
                self.assertEqual(inside("cat", file.name).stdout.decode(), text)

    def test_output_folder_comes_back(self):
        with tempfile.TemporaryDirectory() as folder:
            script = 'mkdir $LAB_OUTPUT/d; echo data > "$LAB_OUTPUT/d/file"; echo $LAB_OUTPUT'
            result = inside("sh", "-c", script, options=["--output", folder])
            self.assertEqual(result.stdout.decode().strip(), os.path.realpath(folder))
            self.assertEqual(pathlib.Path(folder, "d/file").read_text(), "data\n")

    def test_limit_ends_the_command_with_all_its_processes(self):
        result = inside("sh", "-c", "setsid sleep 1234 & sleep 1234", options=["--timeout", "2s"])
        self.assertEqual(result.returncode, 124)
        self.assertIn(b"limit", result.stderr)
        self.assertEqual(inside("pgrep", "-fx", "sleep 1234").stdout, b"")

    def test_terminal_is_passed_on(self):
        command = [LAB, ARCH, "--in", HOST, "--timeout", "60s", "--",
                   "sh", "-c", "stty size; read x; echo got $x"]
        child, terminal = pty.fork()
        if child == 0:
            subprocess.run(["stty", "rows", "33", "cols", "99"], check=True)
            os.execv(LAB, command)
        seen = b""
        os.write(terminal, b"line\n")
        try:
            while data := os.read(terminal, 1024):
                seen += data
        except OSError:
            pass  # EIO: the other side has closed it
        self.assertIn(b"33 99", seen)
        self.assertIn(b"got line", seen)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        os.close(terminal)

    def test_kvm_runs_a_guest(self):
        result = inside(str(HERE / "kvm_smoke.py"))
        self.assertEqual((result.stdout, result.stderr), (b"ok\n", b""))
        self.assertEqual(inside("stat", "-c", "%a", "/dev/kvm").stdout, b"666\n")

    def test_programs_are_the_host_s_and_files_the_machine_s(self):
        script = f"uname -m; od -An -tx1 -j18 -N1 $(command -v sleep); cmp {LAB} $1 && echo same"
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder, "copy")
            copy.write_bytes(pathlib.Path(LAB).read_bytes())
            seen = inside("sh", "-c", script, "sh", str(copy)).stdout.decode().split()
        # ELF's e_machine: EM_X86_64 is 62, EM_AARCH64 183.
        self.assertEqual(seen, {"x86": ["x86_64", "3e", "same"],
                                "arm64": ["aarch64", "b7", "same"]}[ARCH])

    def test_a_host_of_another_architecture_is_not_entered(self):
        other = "x86" if ARCH == "arm64" else "arm64"
        result = lab(other, "--in", HOST, "--", "true")
        self.assertEqual(result.returncode, 125)
        self.assertIn(f"one for {ARCH}".encode(), result.stderr)

    def test_devices_and_their_groups_are_there(self):
        script = "cat /sys/bus/pci/devices/0000:01:00.0/class; ls /sys/kernel/iommu_groups | wc -l"
        kind, groups = inside("sh", "-c", script).stdout.decode().split()
        self.assertEqual(kind, "0x010802")
        self.assertGreater(int(groups), 1)

    def test_host_is_equipped(self):
        script = """set -e
            test -c /dev/net/tun -a -c /dev/vfio/vfio -a -c /dev/vhost-net -a -c /dev/vhost-vsock
            test -d /sys/kernel/tracing/events/kvm -a -f /sys/fs/cgroup/cgroup.procs
            grep -qw hugetlbfs /proc/mounts
            : < /dev/vhost-net; : < /dev/vhost-vsock
            ip link add br0 type bridge; ip link del br0
            ip -br addr show lo | grep -q 127.0.0.1
            unshare --user --map-root-user true
            ip route show default | grep -qw lan0
            modprobe ifb; rmmod ifb"""
        result = inside("sh", "-c", script)
        self.assertEqual((result.returncode, result.stderr), (0, b""))


class SingleHostTest(unittest.TestCase):
    def test_killed_lab_leaves_no_emulator_and_no_file(self):
        before, files = emulators(), set(os.listdir("/tmp"))
        marker = "lab-killed-test"
        process = subprocess.Popen(
            [LAB, ARCH, "--append", marker, "--devices", "nvme", "--",
             "sh", "-c", "echo up; sleep 99"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.assertEqual(process.stdout.readline(), b"up\n")
        process.kill()
        process.communicate()
        deadline = time.monotonic() + 10
        while any(marker.encode() in command for _, command in emulators() - before):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual([f for f in set(os.listdir("/tmp")) - files if f.startswith("lab")], [])

    def test_host_that_dies_is_told_from_a_failing_command(self):
        result = lab(ARCH, "--", "sh", "-c", "echo c > /proc/sysrq-trigger")
        self.assertEqual(result.returncode, 125)
        self.assertIn(b"sysrq triggered crash", result.stderr)

    @unittest.skipUnless(ARCH == "x86", "the emulator has it for x86 only")
    def test_programmable_function_works_with_vfio(self):
        folder = HERE / "pci_device"
        result = lab(ARCH, "--iommu", "--smp", "1",
                     "--devices", f"programmable={folder}/example.toml",
                     "--", "/usr/bin/python3", "-B", str(folder / "vfio_check.py"), "0000:00:03.0")
        self.assertEqual(result.returncode, 0, result.stdout.decode() + result.stderr.decode())
        self.assertIn(b"ok the reset was counted", result.stdout)

    def test_wrong_use_is_explained(self):
        for arguments, text in (
                ([ARCH, "--devices", "warp-drive", "--", "true"], b"unknown device 'warp-drive'"),
                ([ARCH, "--memory", "4096", "--", "true"], b"is not a size"),
                ([ARCH, "--in", "no-such-host", "--", "true"], b"no kept host no-such-host"),
                (["x86", "--devices", "iommu=file", "--", "true"], b"iommu takes no file"),
                (["arm64", "--accel", "kvm", "--", "true"], b"--accel kvm: the lab nests no arm64 KVM"),
                ([ARCH, "--iommufd", "--host-kernel", "6.1", "--", "true"], b"Linux 6.12 only"),
                ([ARCH, "--qemu-arg=-nonsense", "--", "true"], b"-nonsense")):
            result = lab(*arguments)
            self.assertEqual(result.returncode, 125, arguments)
            self.assertIn(text, result.stderr)


if __name__ == "__main__":
    sys.exit(unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2))
