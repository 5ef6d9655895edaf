# SPDX-License-Identifier: Apache-2.0
"""Asks an emulator about its processors, by its monitor protocol (QMP)."""

import json
import re
import socket
import time

_ANSWERS_WITHIN = 5
_QUESTIONS = {"x86": ("info status", "info registers", "info lapic"),
              "arm64": ("info status", "info registers")}
_NUMBERS_OF_PROGRAMS = re.compile(r"^(F[CP]|[XY]MM|[QZ]\d)")  # vectors and floating point


class Monitor:
    """The nearer end of a socket pair whose other end the emulator has."""

    def __init__(self):
        self._near, self._far = socket.socketpair()
        self._received = b""

    @property
    def fd(self):
        """The emulator's end, until it is started()."""
        return self._far.fileno()

    def arguments(self):
        return ["-chardev", f"socket,id=monitor,fd={self.fd}",
                "-mon", "chardev=monitor,mode=control"]

    def started(self):
        self._far.close()

    def close(self):
        self._near.close()

    def processors(self, arch_name):
        """What they do now, or why that cannot be known: a text for people. For once only."""
        deadline = time.monotonic() + _ANSWERS_WITHIN
        try:
            self._execute(deadline, "qmp_capabilities", {})
            answers = [self._execute(deadline, "human-monitor-command", {"command-line": question})
                       for question in _QUESTIONS[arch_name]]
            return "\n".join(line for line in "".join(answers).splitlines()
                             if line and not _NUMBERS_OF_PROGRAMS.match(line))
        except OSError as error:
            return f"the emulator's monitor does not answer: {error}"

    def _execute(self, deadline, command, arguments):
        self._near.settimeout(max(0.0, deadline - time.monotonic()))
        self._near.sendall(json.dumps({"execute": command, "arguments": arguments}).encode()
                           + b"\n")
        while True:
            message = json.loads(self._line(deadline))
            if "error" in message:
                raise OSError(f"{command}: {message['error']['desc']}")
            if "return" in message:
                return message["return"]

    def _line(self, deadline):
        while b"\n" not in self._received:
            self._near.settimeout(max(0.001, deadline - time.monotonic()))
            data = self._near.recv(1 << 16)
            if not data:
                raise OSError("it has ended")
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        return line
