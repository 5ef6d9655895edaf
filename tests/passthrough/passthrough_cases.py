# SPDX-License-Identifier: Apache-2.0
"""The cases of the tables beside this file, and the hosts that their groups want."""

import pathlib
import tomllib

import cases

_HERE = pathlib.Path(__file__).resolve().parent
_FILES = [_HERE / f"{name}.toml" for name in ("cases", "hotplug", "programmable", "served", "host")]
_GROUP_KEYS = {"devices", "lab"}
_MORE = {"devices": [], "monitors": ["lintel", "qemu"], "kernel": "cloud", "timeout": 300,
         "example": None, "had": None, "left": None, "repeat": 1}


def groups() -> dict[str, dict]:
    found = {}
    for file in _FILES:
        more = tomllib.loads(file.read_text(encoding="utf-8")).get("group", {})
        if twice := found.keys() & more.keys():
            raise cases.CaseError(f"two groups have the name {', '.join(sorted(twice))}")
        found |= more
    for name, settings in found.items():
        if unknown := settings.keys() - _GROUP_KEYS:
            raise cases.CaseError(f"group {name}: unknown {', '.join(sorted(unknown))}")
    return found


def load(arch: str, monitor: str) -> list[dict]:
    """All cases for this architecture and monitor, each with all keys."""
    known = groups()
    table = [case for file in _FILES for case in cases.load(file, arch, _MORE)]
    cases.reject_twice(table)
    for case in table:
        if case["group"] not in known:
            raise cases.CaseError(f"case {case['name']}: no group {case['group']}")
        case["runs"] = case["runs"] * case["repeat"]
    return [case for case in table if monitor in case["monitors"]]
