# SPDX-License-Identifier: Apache-2.0
"""What stands behind the devices of one host: disks in memory, and the program that plays
programmable PCI functions (pci_device/)."""

import os
import pathlib
import socket
import subprocess
import sys

from common import LabError, die_with_parent

_SERVER = pathlib.Path(__file__).resolve().parent / "pci_device" / "serve.py"
_SCRATCH_DISK = 64 << 20


class Backends:
    """Holds descriptors for the emulator to inherit, until close(), and the program once start()ed;
    it ends with this process."""

    def __init__(self):
        self.fds = []  # the emulator's
        self._server_fds = []
        self._functions = []
        self._process = None

    def scratch_disk(self):
        """The path, in the emulator, of an empty disk image that vanishes with its last user."""
        fd = os.memfd_create("lab-disk", 0)
        os.truncate(fd, _SCRATCH_DISK)
        self.fds.append(fd)
        return f"/proc/self/fd/{fd}"

    def _pair(self):
        ours, theirs = (end.detach() for end in socket.socketpair())
        self._server_fds.append(ours)
        self.fds.append(theirs)
        return ours, theirs

    def programmable(self, file, slot):
        """The emulator's descriptor for a function in SLOT of the root bus that FILE describes."""
        ours, theirs = self._pair()
        self._functions.append(f"{slot}:{ours}:{file}")
        return theirs

    def arguments(self, arch, options):
        """More of the emulator's, once all devices are known."""
        if not self._functions:
            return []
        if arch.name != "x86":
            raise LabError("--devices programmable: the emulator has it for x86 only")
        if options.smp != 1:
            # The emulator takes its big lock and the device's in both orders.
            raise LabError("--devices programmable: the emulator can hang with several CPUs: --smp 1")
        self._qtest, theirs = self._pair()
        return ["-chardev", f"socket,id=qtest,fd={theirs}",
                "-object", "qtest,id=qtest,chardev=qtest,log=none",
                # Functions reach memory through the file that it is then.
                "-object", f"memory-backend-memfd,id=ram,size={options.memory_bytes},share=on",
                "-machine", "memory-backend=ram"]

    def all_fds(self):
        return [*self.fds, *self._server_fds]

    def start(self, has_iommu, messages):
        if not self._functions:
            return
        command = [sys.executable, "-B", str(_SERVER), *(["--iommu"] if has_iommu else []),
                   str(self._qtest), *self._functions]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=messages, stderr=messages,
            pass_fds=self._server_fds, preexec_fn=die_with_parent)

    def close(self):
        """The descriptors, once the programs that want them run."""
        for fd in self.all_fds():
            os.close(fd)
        self.fds, self._server_fds = [], []

    def stop(self):
        if self._process:
            self._process.kill()
            self._process.wait()
