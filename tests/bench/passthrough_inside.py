# SPDX-License-Identifier: Apache-2.0
"""Measures an NVMe that is passed to the guest, inside the lab: argument is a JSON file that says
what; the result goes to $LAB_OUTPUT/passthrough.json. The emulated device's own part of the time is
the same for all."""

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

_DEVICE = "0000:01:00.0"  # behind the lab host's first root port
_CHECK = "lintel.test=blk_rate lintel.blk_device=/dev/nvme0n1"
_READY = re.compile(rb"LINTEL-READY blk_rate\r?\n")
_DONE = re.compile(rb"LINTEL-DONE blk_rate\r?\n")
_RESULT = re.compile(rb"RESULT blk_rate (pass|fail) ([^\r\n]*)")
# What guests/initramfs/probe/blk_rate.c does between the two: random reads, and MiBs, each two of the
# device's largest requests.
_REQUESTS = 2000 + 8000 + 2 * (256 + 256)


def _measure(monitor: monitors.Monitor, guest: monitors.Guest) -> dict:
    devices = ("-name", "bench,debug-threads=on", "-device", f"vfio-pci,host={_DEVICE}")
    if monitor.is_lintel:
        table = f'[[pci]]\ndevice = "{_DEVICE}"\nbind = "auto"\n'
        pathlib.Path(monitors.CONFIG).write_text(monitors.configuration(guest, table),
                                                 encoding="utf-8")
        devices = ()
    with tracing.Counter(tracing.processor()) as counter, \
            tracing.IoctlTimes(tracing.VFIO_IOMMU_MAP_DMA) as mappings, \
            running.Running(monitors.command(monitor, guest, devices)) as process:
        process.until(_READY)
        ready = process.elapsed()
        map_calls, map_seconds = mappings.totals()
        before, woken = counter.totals(), process.wakeups()
        process.until(_DONE)
        after, woken = counter.totals(), process.wakeups() - woken
        status, detail = process.until(_RESULT).groups()
    if status != b"pass":
        raise running.MonitorFailed(f"{monitor.title}: blk_rate: {detail.decode()}")
    return io_inside.parse_rates(detail.decode()) | {
        "ready_seconds": ready,
        "user_exits_per_io": (after["kvm_userspace_exit"] - before["kvm_userspace_exit"])
        / _REQUESTS,
        "exits_per_io": (after["kvm_exit"] - before["kvm_exit"]) / _REQUESTS,
        "wakeups_per_io": woken / _REQUESTS,
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
        guest = boot_inside.prepare(root, io_inside.plan_with_checks(plan, _CHECK))[0]["test"]
        root.enter()
        # microvm has no PCI.
        measured = [m for m in monitors.of_plan(plan) if m.transport != "device"]
        runs = {monitor.name: [] for monitor in measured}
        # In turns: a busy machine is busy for all.
        for _ in range(plan["runs"]):
            for monitor in measured:
                print(f"bench: {monitor.title}", file=sys.stderr, flush=True)
                # Lintel does it by itself.
                bound = [] if monitor.is_lintel else [_DEVICE]
                with binding.to_vfio(bound):
                    runs[monitor.name].append(_measure(monitor, guest))
        results = {name: {"nvme": _medians(results)} for name, results in runs.items()}
        json.dump(results, output, indent=1)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except running.MonitorFailed as failure:
        sys.exit(f"bench: {failure}")
