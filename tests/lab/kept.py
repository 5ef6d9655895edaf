# SPDX-License-Identifier: Apache-2.0
"""Hosts that stay: a supervisor process per host owns the emulator and removes what it leaves.

A host's folder, runtime_dir()/NAME, has
  alive         locked by the supervisor while the host lives; holds its process id
  busy          locked by the lab program whose command runs; its time is the last use
  agent.sock    the agent's port
  output/       shared with the host, for --output
  console.log, emulator.log, info.json
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import time

import backends
import channel
import machine
from common import LabError, is_locked, locked, runtime_dir

_CONNECT_LIMIT = 30
_IDLE_CHECK = 5


def _folder(name):
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,40}", name):
        raise LabError(f"{name!r} is not a name for a host: use letters, digits, _ . -")
    return runtime_dir() / name


def _names():
    return sorted(path.name for path in runtime_dir().iterdir() if path.is_dir())


def _remove_dead():
    """Removes what supervisors left that were killed. The caller holds the lock of start()."""
    for name in _names():
        if not is_locked(runtime_dir() / name / "alive"):
            shutil.rmtree(runtime_dir() / name, ignore_errors=True)


class KeptHost:
    """A kept host, entered to run one command; others wait meanwhile."""

    def __init__(self, arch, name, limit=_CONNECT_LIMIT):
        self._folder = _folder(name)
        self._name = name
        self._limit = limit
        try:
            self._logs = [os.open(self._folder / file, os.O_RDONLY)
                          for file in ("emulator.log", "console.log")]
            info = json.loads((self._folder / "info.json").read_text())
        except FileNotFoundError:
            raise LabError(f"no kept host {name}: lab list shows them, "
                           f"lab {arch.name} --keep {name} starts one") from None
        if info["arch"] != arch.name:
            raise LabError(f"host {name} is one for {info['arch']}: lab {info['arch']} --in {name}")
        self.modules, self.root = info["modules"], info["root"]

    def __enter__(self):
        self._busy = open(self._folder / "busy", "a")
        fcntl.flock(self._busy, fcntl.LOCK_EX)
        deadline = time.monotonic() + self._limit
        self._socket = self._connect(deadline)
        self.channel = channel.Channel(self._socket)
        try:
            self.channel.wait_ready(deadline)
        except channel.TimedOut:
            raise LabError(f"host {self._name} does not answer; its last words:\n"
                           f"{self.logs()}") from None
        except channel.HostDied as error:
            raise LabError(f"{error}; its last words:\n{self.logs()}") from None
        return self

    def __exit__(self, *_):
        self._socket.close()
        os.utime(self._busy.fileno())
        self._busy.close()

    def _connect(self, deadline):
        while is_locked(self._folder / "alive") and time.monotonic() < deadline:
            link = socket.socket(socket.AF_UNIX)
            try:
                link.connect(str(self._folder / "agent.sock"))
                return link
            except OSError:
                link.close()
                time.sleep(0.02)  # the emulator is about to make it
        raise LabError(f"host {self._name} has ended; its last words:\n{self.logs()}")

    def logs(self):
        return "\n".join(filter(None, map(machine.read_log, self._logs)))

    @contextlib.contextmanager
    def output_exchange(self, output):
        """A folder in the share for one command; what it has at the end is copied to OUTPUT."""
        if output is None:
            yield ""
            return
        source = self._folder / "output" / os.urandom(8).hex()
        source.mkdir()
        try:
            yield source.name
        finally:
            shutil.copytree(source, output, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(source)


def start(name, arch, options, image, accel_arguments, idle):
    folder = _folder(name)
    with locked(runtime_dir() / ".lock"):
        if is_locked(folder / "alive"):
            raise LabError(f"host {name} runs already: use --in {name}, or lab stop {name}")
        _remove_dead()
        (folder / "output").mkdir(parents=True)
        for file in ("alive", "busy", "console.log", "emulator.log"):
            (folder / file).touch()
        (folder / "info.json").write_text(json.dumps(
            {"modules": str(image.modules), "root": str(image.root),
             "kernel": image.release, "arch": arch.name,
             "smp": options.smp, "memory": options.memory, "devices": options.devices}))
        behind = backends.Backends()
        arguments = machine.command_line(arch, options, image, accel_arguments, folder / "output")
        arguments += [
            "-chardev", f"socket,id=agent,path={folder}/agent.sock,server=on,wait=off",
            "-serial", f"file:{folder}/console.log",
            *machine.device_arguments(arch, options, behind), *options.qemu_args]

        def run(messages):
            behind.start(options.has_iommu, messages)
            host = machine.Machine(arguments, behind.fds, messages)
            behind.close()
            return host

        _fork_supervisor(folder, run, behind.all_fds(), idle)
        behind.close()


def _fork_supervisor(folder, run, fds, idle):
    """run(messages) starts the host, with FDS open. Returns once the supervisor holds the lock."""
    ready_read, ready_write = os.pipe()
    child = os.fork()
    if child:
        os.close(ready_write)
        os.read(ready_read, 1)
        os.close(ready_read)
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.chdir("/")
        null = os.open("/dev/null", os.O_RDWR)
        for fd in range(3):
            os.dup2(null, fd)
        lowest = 3
        for fd in sorted([ready_write, *fds]):
            os.closerange(lowest, fd)
            lowest = fd + 1
        os.closerange(lowest, 1 << 16)
        _supervise(folder, run, idle, ready_write)
    finally:
        os._exit(0)


def _supervise(folder, run, idle, ready):
    signals = {signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with open(folder / "alive", "w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        alive.write(f"{os.getpid()}\n")
        alive.flush()
        os.close(ready)
        try:
            messages = os.open(folder / "emulator.log", os.O_WRONLY | os.O_APPEND)
            host = run(messages)
            while not _unused(folder, idle):
                if signal.sigtimedwait(signals, _IDLE_CHECK):
                    break  # it has ended, or shall
            host.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _unused(folder, idle):
    unused = time.time() - (folder / "busy").stat().st_mtime
    return idle and unused > idle and not is_locked(folder / "busy")


def stop(name):
    folder = _folder(name)
    if not is_locked(folder / "alive"):
        if not folder.exists():
            raise LabError(f"no kept host {name}: lab list shows them")
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    os.kill(int((folder / "alive").read_text()), signal.SIGTERM)
    deadline = time.monotonic() + 15
    while folder.exists() and is_locked(folder / "alive"):
        if time.monotonic() > deadline:
            raise LabError(f"host {name} does not stop: see {folder}")
        time.sleep(0.02)
    return 0


def print_list():
    for name in _names():
        folder = runtime_dir() / name
        if not is_locked(folder / "alive"):
            continue
        info = json.loads((folder / "info.json").read_text())
        state = "busy" if is_locked(folder / "busy") else "idle"
        age = int(time.time() - (folder / "info.json").stat().st_mtime)
        print(f"{name}\t{info['arch']}\t{info['kernel']}\tsmp={info['smp']} "
              f"memory={info['memory']} devices={info['devices'] or '-'}\t{state}\t"
              f"up {age // 60} min")
    return 0
