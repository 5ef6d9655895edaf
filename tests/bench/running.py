# SPDX-License-Identifier: Apache-2.0
"""Starts a monitor and watches it: when its guest says that it is up, how much memory it uses."""

import dataclasses
import os
import pathlib
import re
import select
import signal
import subprocess
import time

# Threads' names: Lintel's, and QEMU's with debug-threads=on.
_VCPU = re.compile(r"^Name:\s+(vcpu|CPU )\d", re.MULTILINE)
_SWITCHES = re.compile(r"^voluntary_ctxt_switches:\s+(\d+)", re.MULTILINE)
_MARKER = re.compile(rb"LINTEL-INIT (\d+\.\d+)\r?\n")


class MonitorFailed(Exception):
    pass


@dataclasses.dataclass(frozen=True)
class Boot:
    seconds: float  # from the monitor's exec to the guest's line
    guest_seconds: float  # the guest's own uptime in that line

    @property
    def own_seconds(self) -> float:
        return self.seconds - self.guest_seconds


class Running:
    """A monitor. Use as a context manager: it does not outlive that."""

    def __init__(self, arguments, limit: float = 300.0, typing: bool = False):
        self._arguments = list(arguments)
        self._deadline = time.monotonic() + limit
        self._output = b""
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            self._arguments, stdin=subprocess.PIPE if typing else subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=0, close_fds=False)  # lets Python use vfork

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        if self.process.stdin:
            self.process.stdin.close()

    def _fail(self, why: str):
        text = self._output.decode(errors="replace")[-2000:]
        raise MonitorFailed(f"{why}: {' '.join(self._arguments)}\n{text}")

    def until(self, marker: re.Pattern) -> re.Match:
        while not (found := marker.search(self._output)):
            if not self._read():
                self._fail("the guest did not say what it should")
        return found

    def type_line(self) -> None:
        """An empty one, on the guest's console."""
        self.process.stdin.write(b"\n")

    def elapsed(self) -> float:
        """Seconds since the monitor's exec."""
        return time.monotonic() - self._started

    def until_init(self) -> Boot:
        found = self.until(_MARKER)
        return Boot(self.elapsed(), float(found.group(1)))

    def until_end(self) -> None:
        while self._read():
            pass
        if self.process.wait() != 0:
            self._fail(f"exit status {self.process.returncode}")

    def _read(self) -> bytes:
        left = max(0.0, self._deadline - time.monotonic())
        if not select.select([self.process.stdout], [], [], left)[0]:
            self._fail("no end in sight")
        data = os.read(self.process.stdout.fileno(), 65536)
        self._output += data
        return data

    def _tasks(self):
        return pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()

    def threads(self) -> set[int]:
        return {int(task.name) for task in self._tasks()}

    def wakeups(self) -> int:
        """How often threads that are no vCPUs were woken until now."""
        total = 0
        for task in self._tasks():
            text = (task / "status").read_text(encoding="ascii")
            if not _VCPU.search(text):
                total += int(_SWITCHES.search(text).group(1))
        return total

    def memory(self, guest_mib: int) -> dict:
        self.process.send_signal(signal.SIGSTOP)
        path = f"/proc/{self.process.pid}"
        with open(f"{path}/smaps", encoding="ascii") as file:
            mappings = parse_smaps(file.read())
        return {**own_memory(mappings, guest_mib), "threads": len(self.threads())}


@dataclasses.dataclass(frozen=True)
class Mapping:
    name: str
    size_kib: int
    rss_kib: int
    pss_kib: int
    private_kib: int


def parse_smaps(text: str) -> list[Mapping]:
    mappings = []
    for block in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", text, flags=re.MULTILINE):
        header, _, body = block.partition("\n")
        if not body:
            continue
        fields = {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+) kB", body,
                                                              re.MULTILINE)}
        name = header.split(maxsplit=5)[5:] or [""]
        mappings.append(Mapping(name[0], fields["Size"], fields["Rss"], fields["Pss"],
                                fields["Private_Clean"] + fields["Private_Dirty"]))
    return mappings


def own_memory(mappings, guest_mib: int) -> dict:
    """What is resident besides guest RAM: that is the one mapping of exactly its size."""
    ram = [m for m in mappings if m.size_kib == guest_mib * 1024]
    if len(ram) != 1:
        raise ValueError(f"{len(ram)} mappings are as large as guest RAM")
    own = [m for m in mappings if m is not ram[0]]
    return {
        "rss_kib": sum(m.rss_kib for m in own),
        "pss_kib": sum(m.pss_kib for m in own),
        "private_kib": sum(m.private_kib for m in own),
        "guest_rss_kib": ram[0].rss_kib,
        "largest": [[m.name, m.rss_kib] for m in sorted(own, key=lambda m: -m.rss_kib)[:12]],
    }
