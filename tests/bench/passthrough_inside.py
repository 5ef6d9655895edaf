# SPDX-License-Identifier: Apache-2.0
"""Measures devices that are passed to the guest, inside the lab: argument is a JSON file that says
what; the result goes to $LAB_OUTPUT/passthrough.json. The emulated device's own part of the time is
the same for all."""

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

# A guest takes the median of so many: what else the machine does hits one measurement or another.
_ROUNDS = 7


@dataclasses.dataclass(frozen=True)
class Device:
    """What is passed, and the check of guests/initramfs that uses it."""
    name: str  # in the results, and of the plan's guest
    title: str
    address: str  # the host's
    check: str
    arguments: str
    # Of the check between READY and DONE, where it does not say itself.
    requests: int = 0

    @property
    def command_line(self) -> str:
        return f"lintel.test={self.check} lintel.rounds={_ROUNDS} {self.arguments}"

    def line(self, what: str) -> re.Pattern:
        return re.compile(rb"LINTEL-%s %s\r?\n" % (what.encode(), self.check.encode()))

    @property
    def result(self) -> re.Pattern:
        return re.compile(rb"RESULT %s (pass|fail) ([^\r\n]*)" % self.check.encode())


_DEVICES = (
    # Random reads, and MiBs, each two of the device's largest requests.
    Device("nvme", "NVMe", "0000:01:00.0", "blk_rate", "lintel.blk_device=/dev/nvme0n1",
           _ROUNDS * (2000 + 8000 + 2 * (256 + 256))),
    Device("nic", "e1000e", "0000:02:00.0", "net_rate",
           "lintel.net=10.0.2.15/24,10.0.2.2 lintel.tcp_peer=10.0.2.100"),
)


def _command(monitor: monitors.Monitor, guest: monitors.Guest, device: Device) -> list[str]:
    guest = dataclasses.replace(guest, command_line=f"{guest.command_line} {device.command_line}")
    if not monitor.is_lintel:
        return monitors.command(monitor, guest, ("-name", "bench,debug-threads=on", "-device",
                                                 f"vfio-pci,host={device.address}"))
    table = f'[[pci]]\ndevice = "{device.address}"\nbind = "auto"\n'
    pathlib.Path(monitors.CONFIG).write_text(monitors.configuration(guest, table), encoding="utf-8")
    return monitors.command(monitor, guest)


def _measure(monitor: monitors.Monitor, guest: monitors.Guest, device: Device) -> dict:
    # An option ROM that is read byte by byte is more than a histogram of addresses has room for.
    with tracing.Counter(tracing.processor(), ("kvm_userspace_exit", "kvm_exit")) as counter, \
            tracing.IoctlTimes(tracing.VFIO_IOMMU_MAP_DMA) as mappings, \
            running.Running(_command(monitor, guest, device)) as process:
        process.until(device.line("READY"))
        ready = process.elapsed()
        map_calls, map_seconds = mappings.totals()
        before, woken = counter.totals(), process.wakeups()
        process.until(device.line("DONE"))
        after, woken = counter.totals(), process.wakeups() - woken
        status, detail = process.until(device.result).groups()
    if status != b"pass":
        raise running.MonitorFailed(f"{monitor.title}: {device.check}: {detail.decode()}")
    rates = io_inside.parse_rates(detail.decode())
    requests = rates.pop("packets", device.requests)
    return rates | {
        "ready_seconds": ready,
        "user_exits_per_io": (after["kvm_userspace_exit"] - before["kvm_userspace_exit"])
        / requests,
        "exits_per_io": (after["kvm_exit"] - before["kvm_exit"]) / requests,
        "wakeups_per_io": woken / requests,
        "map_calls": map_calls,
        "map_seconds": map_seconds,
    }


def _medians(runs: list[dict]) -> dict:
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def main() -> int:
    plan = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    os.environ["XDG_CACHE_HOME"] = boot_inside.CACHE
    with open(os.path.join(os.environ["LAB_OUTPUT"], "passthrough.json"), "w",
              encoding="utf-8") as output:
        if not os.path.ismount("/sys/kernel/tracing"):
            subprocess.run(["mount", "-t", "tracefs", "tracefs", "/sys/kernel/tracing"], check=True)
        root = ram_root.RamRoot()
        guests = boot_inside.prepare(root, plan)[0]
        root.enter()
        # microvm has no PCI.
        measured = [m for m in monitors.of_plan(plan) if m.transport != "device"]
        runs = {monitor.name: {device.name: [] for device in _DEVICES} for monitor in measured}
        # In turns: a busy machine is busy for all.
        for _ in range(plan["runs"]):
            for device in _DEVICES:
                for monitor in measured:
                    print(f"bench: {monitor.title}, {device.title}", file=sys.stderr, flush=True)
                    # Lintel does it by itself.
                    with binding.to_vfio([] if monitor.is_lintel else [device.address]):
                        runs[monitor.name][device.name].append(
                            _measure(monitor, guests[device.name], device))
        results = {name: {device: _medians(each) for device, each in of_devices.items()}
                   for name, of_devices in runs.items()}
        json.dump(results, output, indent=1)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except running.MonitorFailed as failure:
        sys.exit(f"bench: {failure}")
