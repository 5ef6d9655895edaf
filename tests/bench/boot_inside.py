# SPDX-License-Identifier: Apache-2.0
"""Measures boots, inside the lab: argument is a JSON file that says what; the result goes to
$LAB_OUTPUT/boot.json."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import monitors
import ram_root
import running
import tracing

CACHE = "/tmp/cache"


def prepare(root: ram_root.RamRoot, plan: dict) -> tuple[dict[str, monitors.Guest], dict]:
    """Returns the plan's guests by name, and the monitors' libraries in KiB."""
    guests, libraries = {}, {}
    for name, files in plan["guests"].items():
        inside = [f"/boot/{name}/{file}" for file in ("vmlinuz", "initramfs")]
        for file, path in zip((files["kernel"], files["initramfs"]), inside):
            root.add(file, path)
        guests[name] = monitors.Guest(*inside, plan["command_line"])
    for monitor in monitors.of_plan(plan):
        libraries[monitor.name] = root.add_program(monitor.program, monitor.inside, monitor.root)
        for path in monitor.files:
            if os.path.exists(path):
                root.add(path)
    return guests, libraries


def _arguments(monitor: monitors.Monitor, guest: monitors.Guest) -> list[str]:
    if monitor.is_lintel:
        pathlib.Path(monitors.CONFIG).write_text(monitors.configuration(guest), encoding="utf-8")
    return monitors.command(monitor, guest)


def _boot(arguments) -> running.Boot:
    with running.Running(arguments) as monitor:
        boot = monitor.until_init()
        monitor.until_end()
    print(f"bench:   {boot.seconds:.3f} s, of it the guest {boot.guest_seconds:.3f} s",
          file=sys.stderr, flush=True)
    return boot


def _times(arguments, runs: int, before=lambda: None) -> dict:
    boots = []
    for _ in range(runs):
        before()
        boots.append(_boot(arguments))
    return {
        "init_seconds": statistics.median(b.seconds for b in boots),
        "guest_seconds": statistics.median(b.guest_seconds for b in boots),
        "own_seconds": statistics.median(b.own_seconds for b in boots),
        "all_init_seconds": [b.seconds for b in boots],
    }


def _forget_kernels() -> None:
    shutil.rmtree(CACHE, ignore_errors=True)


def _measure(monitor: monitors.Monitor, guest: monitors.Guest, plan: dict) -> dict:
    runs = plan["runs"]
    arguments = _arguments(monitor, guest)
    result = {}
    # An arm64 kernel is not packed, so that nothing is cached of it.
    if monitor.is_lintel and plan["arch"] == "x86_64":
        result["cold"] = _times(arguments, 1, before=_forget_kernels)
    _boot(arguments)  # what is first used now is in memory afterwards
    result.update(_times(arguments, runs))
    counts = []
    processor = tracing.processor()
    for _ in range(runs):
        with tracing.Counter(tracing.summary_events(processor)) as counter:
            _boot(arguments)
        counts.append(tracing.summarise(counter.histograms, processor))
    counts.sort(key=lambda count: count["exits"])
    result.update(counts[len(counts) // 2])
    waiting = monitors.Guest(guest.kernel, guest.initramfs, guest.command_line + " rdinit=/wait")
    with running.Running(_arguments(monitor, waiting)) as process:
        process.until_init()
        result["memory"] = process.memory(monitors.MEMORY_MIB)
    return result


def main() -> int:
    plan = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    if not os.path.ismount("/sys/kernel/tracing"):
        subprocess.run(["mount", "-t", "tracefs", "tracefs", "/sys/kernel/tracing"], check=True)
    os.environ["XDG_CACHE_HOME"] = CACHE
    results = {}
    with open(os.path.join(os.environ["LAB_OUTPUT"], "boot.json"), "w",
              encoding="utf-8") as output:
        root = ram_root.RamRoot()
        guests, libraries = prepare(root, plan)
        root.enter()
        for monitor in monitors.of_plan(plan):
            print(f"bench: {monitor.title}", file=sys.stderr, flush=True)
            results[monitor.name] = {
                "version": monitors.version(monitor), "libraries_kib": libraries[monitor.name],
                **_measure(monitor, guests[monitor.console], plan)}
        json.dump(results, output, indent=1)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except running.MonitorFailed as failure:
        sys.exit(f"bench: {failure}")
