# SPDX-License-Identifier: Apache-2.0
"""Measures disks, inside the lab: argument is a JSON file that says what; the result goes to
$LAB_OUTPUT/io.json. The disk is null_blk, which answers at once, so that what is left is the
monitor's own part of the way."""

import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys

import boot_inside
import monitors
import ram_root
import running

_DISK = "/dev/nullb0"
_MARKER = re.compile(rb"RESULT blk_rate (pass|fail) (.*)\n")


def _devices(monitor: monitors.Monitor):
    """The fastest set-up of each: past the page cache, io_uring, a thread of its own."""
    if monitor.is_lintel:
        return f'[[disk]]\npath = "{_DISK}"\ndirect = true\n'
    return ("-object", "iothread,id=io", "-blockdev",
            f"host_device,node-name=disk,filename={_DISK},cache.direct=on,aio=io_uring",
            "-device", f"virtio-blk-{monitor.transport},drive=disk,iothread=io")


def parse_rates(detail: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", detail)}


def _measure(monitor: monitors.Monitor, guest: monitors.Guest) -> dict:
    devices = _devices(monitor)
    if monitor.is_lintel:
        pathlib.Path(monitors.CONFIG).write_text(monitors.configuration(guest, devices),
                                                 encoding="utf-8")
        devices = ()
    with running.Running(monitors.command(monitor, guest, devices)) as process:
        status, detail = process.until(_MARKER).groups()
    if status != b"pass":
        raise running.MonitorFailed(f"{monitor.title}: blk_rate: {detail.decode()}")
    return {"blk": parse_rates(detail.decode())}


def main() -> int:
    plan = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    subprocess.run(["modprobe", "null_blk", "nr_devices=1", "gb=1", "queue_mode=2", "irqmode=0"],
                   check=True)
    os.environ["XDG_CACHE_HOME"] = boot_inside.CACHE
    results = {}
    with open(os.path.join(os.environ["LAB_OUTPUT"], "io.json"), "w", encoding="utf-8") as output:
        root = ram_root.RamRoot()
        guest = boot_inside.prepare(root, plan)[0]["test"]
        guest = dataclasses.replace(guest, command_line=f"{guest.command_line} lintel.test=blk_rate")
        root.enter()
        for monitor in monitors.of_plan(plan):
            if monitor.transport == "device":
                continue  # the test initramfs has no virtio-mmio
            print(f"bench: {monitor.title}", file=sys.stderr, flush=True)
            results[monitor.name] = _measure(monitor, guest)
        json.dump(results, output, indent=1)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except running.MonitorFailed as failure:
        sys.exit(f"bench: {failure}")
