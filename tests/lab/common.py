# SPDX-License-Identifier: Apache-2.0
"""What all parts of the lab share: errors, messages, folders, locks."""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import signal
import sys
import time

EXIT_TIMEOUT = 124
EXIT_LAB_FAILED = 125
_OLD = 7 * 24 * 3600


class LabError(Exception):
    """The lab itself cannot do what was asked. The text says what is missing and what to do."""


def say(text):
    print(f"lab: {text}", file=sys.stderr, flush=True)


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = pathlib.Path(base).resolve() / "lintel" / "lab"
    path.mkdir(parents=True, exist_ok=True)
    return path


def runtime_dir():
    """Kept hosts live here: a short path, because a Unix socket's path is limited to 107 bytes."""
    path = pathlib.Path(f"/tmp/lintel-lab-{os.getuid()}")
    path.mkdir(mode=0o700, exist_ok=True)
    if path.stat().st_uid != os.getuid():
        raise LabError(f"{path} belongs to someone else: remove it")
    return path


@contextlib.contextmanager
def locked(path):
    """Holds an exclusive lock on PATH, which is created and stays."""
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def is_locked(path):
    try:
        with open(path) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def remove_old(paths, in_use):
    """Removes cached files that were not used for long. IN_USE is used now."""
    os.utime(in_use)
    for path in paths:
        if time.time() - path.stat().st_mtime > _OLD:
            path.unlink(missing_ok=True)


_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def die_with_parent():
    """For a new child, before exec: the kernel kills it when its parent ends, however it ends."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def parse_size(text):
    """'512M', '6G' or '6GiB' to bytes."""
    units = {"k": 10, "m": 20, "g": 30, "t": 40}
    number = text.lower().removesuffix("ib").removesuffix("b")
    shift = units.get(number[-1:], None)
    try:
        if shift is None:
            raise ValueError
        return int(number[:-1]) << shift
    except ValueError:
        raise LabError(f"{text!r} is not a size: write for example 512M or 6G") from None


def parse_time(text):
    """'90s', '10m', '2h' or '0' (no limit) to seconds."""
    units = {"s": 1, "m": 60, "h": 3600}
    try:
        if text == "0":
            return 0.0
        return float(text[:-1]) * units[text[-1:]]
    except (KeyError, ValueError):
        raise LabError(f"{text!r} is not a time: write for example 90s, 10m or 0") from None
