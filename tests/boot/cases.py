# SPDX-License-Identifier: Apache-2.0
"""The cases of cases.toml, and the configuration that each stands for."""

import copy
import os
import pathlib
import re
import sys
import tomllib

_HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parents[1] / "guests"))

import kernels  # noqa: E402  (needs the path above)

# What differs between architectures.
ARCHITECTURES = {
    "x86": {
        "debian": "amd64",
        "tty": {"serial": "ttyS0", "virtio": "hvc0"},
        "lacks": [],
        "tiny": {"boot": {"format": "flat"}, "console": {"type": "none"}},
    },
    "arm64": {
        "debian": "arm64",
        "tty": {"serial": "ttyAMA0", "virtio": "hvc0"},
        # Keys of the monitor that it refuses there: a row for both does without them.
        "lacks": [("boot", "fast"), ("pci_bus", "config_ports")],
        # Images with the serial port as their debug console.
        "tiny": {"boot": {"cmdline": "console=ttyAMA0"}, "console": {"type": "serial"}},
    },
}

_DEFAULTS = {
    "arch": list(ARCHITECTURES), "kernel": "6.1", "image": "bzimage", "test": ["boot"],
    "end": "poweroff", "cmdline": "", "cpus": 1, "memory": "256M", "console": "serial",
    "config": {}, "files": {}, "setup": [], "services": [], "steps": [], "after": [],
    "wrap": [], "terminal": False, "log_level": "info", "expect": {}, "timeout": 120, "runs": [{}],
}
_NAMES = {*ARCHITECTURES, "name", "group", "flat"}
_EXPECTATIONS = {"status", "console", "no_console", "log", "no_log", "max_own_kib"}


class CaseError(Exception):
    """The table says something that cannot be."""


def image_files(arch: str) -> dict:
    """Which file of a kernel a kind of image is: on arm64, where no kernel has an ELF entry,
    "vmlinux" is the Image that the vmlinuz holds."""
    debian = ARCHITECTURES[arch]["debian"]
    return {"bzimage": "vmlinuz", "vmlinux": kernels.unpacked_name(debian)}


def load(path: pathlib.Path, arch: str, more: dict | None = None) -> list[dict]:
    """All cases for `arch`, each with all keys; `more` are keys of this table alone, or other
    values for keys that are left out."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    defaults = _DEFAULTS | (more or {})
    known = _NAMES | defaults.keys()
    cases = []
    for entry in table["case"]:
        unknown = entry.keys() - known
        differing = [entry.get(name, {}) for name in ARCHITECTURES]
        for part in [*entry.get("runs", []), *differing]:
            unknown |= part.keys() - known
        for part in [entry, *differing]:
            unknown |= part.get("expect", {}).keys() - _EXPECTATIONS
        if unknown:
            raise CaseError(f"case {entry.get('name')}: unknown {', '.join(sorted(unknown))}")
        if arch in entry.get("arch", defaults["arch"]):
            cases.append(copy.deepcopy(defaults) | merge(entry, entry.get(arch, {})))
    reject_twice(cases)
    return cases


def reject_twice(cases: list[dict]) -> None:
    names = [case["name"] for case in cases]
    if twice := {name for name in names if names.count(name) > 1}:
        raise CaseError(f"two cases have the name {', '.join(sorted(twice))}")


def runs_of(case: dict) -> list[dict]:
    """The runs of a case, one after the other in one folder: the case with what differs."""
    return [case | run for run in case["runs"]]


def substitute(value, places: dict):
    """Puts folders and programs in place of {scratch}, {lintel} and so on."""
    if isinstance(value, str):
        return re.sub(r"\{([a-z]+)\}", lambda m: str(places.get(m[1], m[0])), value)
    if isinstance(value, list):
        return [substitute(item, places) for item in value]
    if isinstance(value, dict):
        return {key: substitute(item, places) for key, item in value.items()}
    return value


def merge(into: dict, extra: dict) -> dict:
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value
    return into


def configuration(run: dict, arch: str, guests: pathlib.Path) -> dict:
    """The TOML tables for one run."""
    differing = ARCHITECTURES[arch]
    if "flat" in run:
        boot = {"kernel": f"{{tiny}}/{run['flat']}.bin"}
    else:
        folder = guests / run["kernel"]
        # Each byte on a serial console and each mitigation costs exits; rows that want them say so.
        words = [f"console={differing['tty'][run['console']]}", "quiet", "mitigations=off"]
        if run["test"]:
            words.append(f"lintel.test={','.join(run['test'])}")
        words += [f"lintel.expect_cpus={run['cpus']}", f"lintel.end={run['end']}", run["cmdline"]]
        boot = {"kernel": os.path.realpath(folder / image_files(arch)[run["image"]]),
                "initrd": os.path.realpath(folder / "initramfs.cpio"),
                "cmdline": " ".join(word for word in words if word)}
    config = {
        "boot": boot,
        "cpu": {"count": run["cpus"]},
        "memory": {"size": run["memory"]},
        "console": {"type": run["console"]},
    }
    if "flat" in run:
        merge(config, copy.deepcopy(differing["tiny"]))
    merge(config, copy.deepcopy(run["config"]))
    for section, key in differing["lacks"]:
        config.get(section, {}).pop(key, None)
    return config


def default_cases() -> pathlib.Path:
    return _HERE / "cases.toml"
