# SPDX-License-Identifier: Apache-2.0
"""Measures devices that are passed to the guest, inside the lab: argument is a JSON file that says
what; the result goes to $LAB_OUTPUT/passthrough.json. The emulated device's own part of the time is
the same for all."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "passthrough"))

import binding  # noqa: E402  (needs the path above)
import boot_inside  # noqa: E402
import io_inside  # noqa: E402
import monitors  # noqa: E402
import ram_root  # noqa: E402
import running  # noqa: E402
import tracing  # noqa: E402

# In which the guests' measurements take turns: what else the machine does hits all monitors alike.
_ROUNDS = 40
# QEMU 7.2 shows its guest no XSAVE here, which saves more at each switch of a task than FXSAVE: the
# guests are to do the same. Where the kernel lies changes how fast the emulator runs it.
_COMMAND_LINES = {"x86_64": "noxsave nokaslr", "arm64": "nokaslr"}
_COUNTED = ("kvm_userspace_exit", "kvm_exit")


@dataclasses.dataclass(frozen=True)
class Device:
    """What is passed, and the check of guests/initramfs that uses it."""
    name: str  # in the results, and of the plan's guest
    title: str
    addresses: tuple[str, ...]  # the host's; one for each guest that runs at a time
    check: str
    arguments: str
    # Of the check between READY and DONE, where DONE does not say it.
    requests: int = 0

    @property
    def command_line(self) -> str:
        return f"lintel.test={self.check} lintel.rounds={_ROUNDS} {self.arguments}"

    def line(self, what: str, more: str = "") -> re.Pattern:
        return re.compile(rf"LINTEL-{what} {self.check}{more}([^\r\n]*)\r?\n".encode())


_DEVICES = (
    # Random reads, and MiBs, each two of the device's largest requests.
    Device("nvme", "NVMe", ("0000:01:00.0", "0000:02:00.0"), "blk_rate",
           "lintel.blk_device=/dev/nvme0n1", 2000 + 8000 + 2 * (256 + 256)),
    Device("nic", "e1000e", ("0000:03:00.0", "0000:04:00.0"), "net_rate",
           "lintel.net=10.0.2.15/24,10.0.2.2 lintel.tcp_peer=10.0.2.100"),
)


def _command(monitor: monitors.Monitor, guest: monitors.Guest, device: Device,
             address: str) -> list[str]:
    guest = dataclasses.replace(guest, command_line=f"{guest.command_line} {device.command_line}")
    if not monitor.is_lintel:
        return monitors.command(monitor, guest, ("-name", "bench,debug-threads=on", "-device",
                                                 f"vfio-pci,host={address}"))
    table = f'[[pci]]\ndevice = "{address}"\nbind = "auto"\n'
    pathlib.Path(monitors.CONFIG).write_text(monitors.configuration(guest, table), encoding="utf-8")
    return monitors.command(monitor, guest)


class _Passed:
    """A monitor whose guest has used its device for a while, and then waits to be told to."""

    def __init__(self, command: list[str], device: Device, counter: tracing.Counter):
        self._device = device
        self._counter = counter
        self._process = running.Running(command, limit=1800, typing=True)

    def __enter__(self):
        self._process.__enter__()
        return self

    def __exit__(self, *exception):
        self._process.__exit__(*exception)

    def _exits(self) -> dict[str, int]:
        threads = self._process.threads()
        return {event: sum(count for (thread,), count in self._counter.read(event).items()
                           if thread in threads) for event in _COUNTED}

    def start(self) -> dict[str, float]:
        """What it costs, but for the rates."""
        with tracing.IoctlTimes(tracing.VFIO_IOMMU_MAP_DMA) as mappings:
            self._process.until(self._device.line("READY"))
            ready = self._process.elapsed()
            map_calls, map_seconds = mappings.totals()
        before, woken = self._exits(), self._process.wakeups()
        done = self._process.until(self._device.line("DONE"))
        after, woken = self._exits(), self._process.wakeups() - woken
        requests = _numbers(done).get("packets", self._device.requests)
        return {
            "ready_seconds": ready,
            "user_exits_per_io": (after["kvm_userspace_exit"] - before["kvm_userspace_exit"])
            / requests,
            "exits_per_io": (after["kvm_exit"] - before["kvm_exit"]) / requests,
            "wakeups_per_io": woken / requests,
            "map_calls": map_calls,
            "map_seconds": map_seconds,
        }

    def round(self, number: int) -> dict[str, float]:
        self._process.type_line()
        return _numbers(self._process.until(self._device.line("ROUND", f" {number} ")))

    def end(self) -> None:
        self._process.until_end()


def _numbers(line: re.Match) -> dict[str, float]:
    return io_inside.parse_rates(line.group(1).decode())


@dataclasses.dataclass
class Samples:
    """Of one monitor and device: what each boot cost, and the rates of its rounds."""
    boots: list[dict] = dataclasses.field(default_factory=list)
    rounds: list[list[dict]] = dataclasses.field(default_factory=list)


def _measure(measured: list[monitors.Monitor], guest: monitors.Guest, device: Device,
             samples: dict[str, Samples]) -> None:
    """Boots one guest after another, and then has all of them take turns."""
    with contextlib.ExitStack() as stack:
        counter = stack.enter_context(
            tracing.Counter({event: ("common_pid",) for event in _COUNTED}))
        guests = {}
        for monitor, address in zip(measured, device.addresses[:len(measured)], strict=True):
            print(f"bench: {monitor.title}, {device.title}", file=sys.stderr, flush=True)
            # Lintel does it by itself.
            stack.enter_context(binding.to_vfio([] if monitor.is_lintel else [address]))
            guests[monitor.name] = stack.enter_context(
                _Passed(_command(monitor, guest, device, address), device, counter))
            samples[monitor.name].boots.append(guests[monitor.name].start())
            samples[monitor.name].rounds.append([])
        for number in range(1, _ROUNDS + 1):
            for name, passed in guests.items():
                samples[name].rounds[-1].append(passed.round(number))
        for passed in guests.values():
            passed.end()


def _medians(samples: list[dict]) -> dict:
    return {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}


def main() -> int:
    plan = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    os.environ["XDG_CACHE_HOME"] = boot_inside.CACHE
    with open(os.path.join(os.environ["LAB_OUTPUT"], "passthrough.json"), "w",
              encoding="utf-8") as output:
        if not os.path.ismount("/sys/kernel/tracing"):
            subprocess.run(["mount", "-t", "tracefs", "tracefs", "/sys/kernel/tracing"], check=True)
        root = ram_root.RamRoot()
        plan["command_line"] += " " + _COMMAND_LINES[plan["arch"]]
        guests = boot_inside.prepare(root, plan)[0]
        root.enter()
        # microvm has no PCI.
        measured = [m for m in monitors.of_plan(plan) if m.transport != "device"]
        results = {monitor.name: {} for monitor in measured}
        for device in _DEVICES:
            samples = {monitor.name: Samples() for monitor in measured}
            for _ in range(plan["runs"]):
                _measure(measured, guests[device.name], device, samples)
                measured.reverse()  # so that order and device are nobody's advantage
            for name, each in samples.items():
                results[name][device.name] = {**_medians(sum(each.rounds, [])), **_medians(each.boots),
                                              "rounds": each.rounds}
        json.dump(results, output, indent=1)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except running.MonitorFailed as failure:
        sys.exit(f"bench: {failure}")
