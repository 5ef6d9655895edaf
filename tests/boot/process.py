# SPDX-License-Identifier: Apache-2.0
"""One run of the monitor, watched: what it says, what is done to it, how it ends."""

import dataclasses
import os
import pty
import re
import selectors
import signal
import subprocess
import termios
import time

# Bytes of one stream that are kept; a test whose guest says more is broken.
_MOST_OUTPUT = 8 << 20
_ATTRIBUTES_THAT_MATTER = 4  # of termios.tcgetattr: the flags of input, output, control and local


@dataclasses.dataclass
class Result:
    status: int = 0  # negative: the signal
    console: str = ""
    log: str = ""
    max_rss_kib: int = 0
    problems: list = dataclasses.field(default_factory=list)


class Watched:
    """Reads both streams as they come and takes each step when its line has come."""

    def __init__(self, command, steps, *, terminal=False, env=None):
        self._steps = list(steps)
        self._seen = {"console": 0, "log": 0}  # bytes that earlier steps have used up
        self._texts = {"console": bytearray(), "log": bytearray()}
        self._result = Result()
        self._selector = selectors.DefaultSelector()
        self._terminal = pty.openpty() if terminal else None
        ends = self._terminal[1] if terminal else subprocess.PIPE
        self._attributes = termios.tcgetattr(ends) if terminal else None
        # pylint: disable=consider-using-with  (it is reaped in run)
        self._process = subprocess.Popen(command, stdin=ends, stdout=ends, stderr=subprocess.PIPE,
                                         env=env, start_new_session=True)
        self._input = self._terminal[0] if terminal else self._process.stdin.fileno()
        output = self._terminal[0] if terminal else self._process.stdout.fileno()
        self._selector.register(output, selectors.EVENT_READ, "console")
        self._selector.register(self._process.stderr, selectors.EVENT_READ, "log")

    def run(self, timeout: float, act) -> Result:
        """`act(step, process)` does what a step wants and returns what was wrong, or None."""
        deadline = time.monotonic() + timeout
        # The terminal has no end of file while our own end of it is open: the log's end is it.
        while "log" in {key.data for key in self._selector.get_map().values()}:
            left = deadline - time.monotonic()
            if left <= 0:
                self._result.problems.append(f"did not end within {timeout:.0f} s")
                os.kill(self._process.pid, signal.SIGKILL)
                break
            self._take_steps(act)
            for key, _ in self._selector.select(left):
                self._read(key)
        self._drain()
        return self._finish()

    def type_text(self, text: str) -> None:
        os.write(self._input, text.encode())

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self, key) -> None:
        try:
            data = os.read(key.fd, 65536)
        except OSError:  # EIO: the other end of the terminal is closed
            data = b""
        if not data:
            self._selector.unregister(key.fileobj)
            return
        text = self._texts[key.data]
        text += data
        if len(text) > _MOST_OUTPUT:
            self._result.problems.append(f"more than {_MOST_OUTPUT} bytes on the {key.data}")
            os.kill(self._process.pid, signal.SIGKILL)
            self._selector.unregister(key.fileobj)

    def _drain(self) -> None:
        while ready := self._selector.select(0):
            for key, _ in ready:
                self._read(key)

    def _take_steps(self, act) -> None:
        while self._steps:
            step = self._steps[0]
            stream = step.get("on", "console")
            new = bytes(self._texts[stream][self._seen[stream]:])
            found = re.search(step["wait"].encode(), new)
            if not found:
                return
            self._seen[stream] += found.end()
            self._steps.pop(0)
            problem = act(step, self)
            if problem:
                self._result.problems.append(problem)

    def _finish(self) -> Result:
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        result = self._result
        result.status = self._process.returncode
        result.max_rss_kib = usage.ru_maxrss
        result.console = self._texts["console"].decode(errors="replace")
        result.log = self._texts["log"].decode(errors="replace")
        result.problems += [f"never saw {step['wait']!r}" for step in self._steps]
        if self._terminal:
            now = termios.tcgetattr(self._terminal[1])
            if now[:_ATTRIBUTES_THAT_MATTER] != self._attributes[:_ATTRIBUTES_THAT_MATTER]:
                result.problems.append("the terminal was not restored")
            for end in self._terminal:
                os.close(end)
        self._selector.close()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                stream.close()
        return result
