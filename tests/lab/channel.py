# SPDX-License-Identifier: Apache-2.0
"""Runs one command in a host through its agent (agent.cc), over a stream socket.

The stream starts with MAGIC, then frames: a type byte, a 32-bit little-endian length, the body.
A frame of type 0 ends the session of an earlier program, which may have gone unnoticed.

to the agent: n nonce (answered with h)       from the agent: h the nonce: the agent is there
  d directory    a argument    e NAME=VALUE                   o standard output, or the terminal
  r folder that is to be "/", default "/"                     e standard error
  v more folders to be seen there
  m modules' folder of the kernel
  p output folder    s its name below the share               x exit status, 32 bits: the end
  t a terminal of this size: rows, columns, 16 bits each      f why it could not be started
  l standard input will be sent
  x start
  i standard input; empty: its end
  w the terminal's new size
"""

import dataclasses
import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time
import tty

from common import LabError

_MAGIC = b"\0LINTEL-LAB\0"
_CHUNK = 32 * 1024
_MAX_FRAME = 256 * 1024  # more than the kernel takes as one argument
_RESYNC_AFTER = 2
# A quiet host is asked whether it is there. That is also an interrupt: while a nested guest exits, the
# emulator (QEMU 7.2, TCG) changes a processor's pending interrupts without its lock, and may drop one
# that comes at that moment. If it was the timer's, nothing else would wake the host any more, and with
# the next interrupt it gets both.
_ASK_AFTER = 5
_MAX_UNSENT = 1 << 20
_ESCAPE = b"\x1d\x1d\x1d"  # Ctrl-] three times


class HostDied(LabError):
    pass


class TimedOut(Exception):
    pass


class Interrupted(Exception):
    """The user left the terminal with the escape key."""


@dataclasses.dataclass
class Command:
    argv: list  # of bytes, as is env: list of b"NAME=VALUE"
    env: list
    directory: bytes
    modules: bytes
    root: bytes
    shown: list  # of bytes
    output: bytes = b""
    output_source: bytes = b""
    stdin: bool = False
    terminal: bool = False


def _frame(kind, body=b""):
    return kind + struct.pack("<I", len(body)) + body


def _window():
    rows, columns = struct.unpack("HH", fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8))[:4])
    return struct.pack("<HH", rows, columns)


class Channel:
    def __init__(self, socket):
        self._socket = socket
        self._socket.setblocking(False)
        self._nonce = os.urandom(16)
        self._greeting = _MAGIC + _frame(b"n", self._nonce)
        self._unsent = bytearray(self._greeting)
        self._received = bytearray()
        self._synced = False
        self._heard = self._asked = time.monotonic()

    @property
    def quiet_for(self):
        """Seconds since the host's last sign of life. One that lives gives some every few seconds."""
        return time.monotonic() - self._heard

    def wait_ready(self, deadline):
        """Waits for the agent. Raises TimedOut."""
        again = time.monotonic() + _RESYNC_AFTER
        while not self._synced:
            try:
                self._exchange(min(deadline, again), want_stdin=False)
            except TimedOut:
                if time.monotonic() >= deadline:
                    raise
                # An earlier program may have been killed in the middle of a frame: fill it up.
                if not self._unsent:
                    self._unsent += bytes(_MAX_FRAME) + self._greeting
                again = time.monotonic() + _RESYNC_AFTER
            self._synchronise()

    def run(self, command, deadline):
        """Runs the command to its end and returns its exit status."""
        for kind, body in ((b"d", command.directory), (b"m", command.modules),
                           (b"p", command.output), (b"s", command.output_source)):
            self._unsent += _frame(kind, body)
        self._unsent += _frame(b"r", command.root)
        for folder in command.shown:
            self._unsent += _frame(b"v", folder)
        for argument in command.argv:
            self._unsent += _frame(b"a", argument)
        for variable in command.env:
            self._unsent += _frame(b"e", variable)
        if command.terminal:
            self._unsent += _frame(b"t", _window())
        if command.stdin:
            self._unsent += _frame(b"l")
        self._unsent += _frame(b"x")
        if not command.terminal:
            return self._relay(deadline, command.stdin)
        saved = termios.tcgetattr(0)
        resized = signal.signal(signal.SIGWINCH, self._on_resize)
        try:
            tty.setraw(0, termios.TCSADRAIN)  # keeps what was typed meanwhile
            return self._relay(deadline, True)
        finally:
            signal.signal(signal.SIGWINCH, resized)
            termios.tcsetattr(0, termios.TCSADRAIN, saved)

    def _on_resize(self, _signal, _frame_object):
        self._unsent += _frame(b"w", _window())

    def _relay(self, deadline, stdin):
        typed = b""
        while True:
            data = self._exchange(deadline, stdin)
            if time.monotonic() >= max(self._heard, self._asked) + _ASK_AFTER:
                self._unsent += _frame(b"n", self._nonce)
                self._asked = time.monotonic()
            if data is not None:
                self._unsent += _frame(b"i", data)
                stdin = stdin and data != b""
                typed = (typed + data)[-len(_ESCAPE):]
                if typed == _ESCAPE and os.isatty(0):
                    raise Interrupted
            for kind, body in self._frames():
                if kind == b"o":
                    _write_all(1, body)
                elif kind == b"e":
                    _write_all(2, body)
                elif kind == b"x":
                    return struct.unpack("<I", body)[0]
                elif kind == b"f":
                    raise LabError(f"cannot start the command: {os.fsdecode(body)}")

    def _exchange(self, deadline, want_stdin):
        """Moves what can be moved, waiting if nothing can. Returns what was read from stdin."""
        poller = select.poll()
        events = select.POLLIN | (select.POLLOUT if self._unsent else 0)
        poller.register(self._socket, events)
        if want_stdin and len(self._unsent) < _MAX_UNSENT:
            poller.register(0, select.POLLIN)
        left = max(0.0, deadline - time.monotonic()) if deadline else None
        # A signal handler may add to what is unsent during the wait: hence the upper bound.
        ready = dict(poller.poll(1000 if left is None else min(1000, left * 1000)))
        if not ready and left is not None and time.monotonic() >= deadline:
            raise TimedOut
        data = None
        if 0 in ready:
            data = os.read(0, _CHUNK)
        events = ready.get(self._socket.fileno(), 0)
        try:
            if events & select.POLLOUT:
                sent = self._socket.send(self._unsent)
                del self._unsent[:sent]
            if events & ~select.POLLOUT:
                received = self._socket.recv(1 << 20)
                if not received:
                    raise HostDied("the host ended before the command did")
                self._received += received
                self._heard = time.monotonic()
        except BlockingIOError:
            pass
        except OSError as error:
            raise HostDied(f"the host ended before the command did ({error})") from None
        return data

    def _synchronise(self):
        hello = _frame(b"h", self._nonce)
        at = self._received.find(hello)
        if at >= 0:
            del self._received[:at + len(hello)]
            self._synced = True

    def _frames(self):
        while len(self._received) >= 5:
            kind, size = struct.unpack_from("<cI", self._received)
            if len(self._received) < 5 + size:
                return
            body = bytes(self._received[5:5 + size])
            del self._received[:5 + size]
            yield kind, body


def _write_all(fd, data):
    if fd == 1:
        sys.stdout.flush()
    while data:
        data = data[os.write(fd, data):]
