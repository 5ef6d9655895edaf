# SPDX-License-Identifier: Apache-2.0
"""What a device's TOML file may say; README.md has it in words."""

import pathlib
import tomllib


class DescriptionError(Exception):
    """The file says what cannot be."""


_UNITS = {"K": 10, "M": 20, "G": 30}
_DEVICE = {"vendor": 0x1af4, "device": 0x10f0, "class": 0xff0000, "revision": 1, "subsystem_vendor": 0,
           "subsystem": 0, "pin": 0, "bar": [], "capability": [], "flr": "works",
           "flr_milliseconds": 0, "control": None}
_BAR = {"index": None, "kind": "memory", "size": None, "prefetchable": False}
_KINDS = ("memory", "memory64", "io")
_FLR = ("works", "ignored", "slow", "dies")
# The largest that SeaBIOS places below 4 GiB together with others.
_MOST_MEMORY = 256 << 20
# By type: defaults of its keys.
_CAPABILITIES = {
    "pm": {"soft_reset": True},
    "msi": {"vectors": 1, "wide": True, "maskable": False},
    "msix": {"vectors": 1, "table_bar": None, "table_offset": 0, "pba_bar": None, "pba_offset": 0},
    "pcie": {"flr": True, "port_type": 9},  # a root complex's integrated endpoint
    "vendor": {"bytes": [], "writable": []},
    "raw": {"bytes": [], "writable": []},
}
_ANY_CAPABILITY = {"type": None, "offset": None, "next": None}


def _table(name: str, given: dict, defaults: dict) -> dict:
    if unknown := given.keys() - defaults.keys():
        raise DescriptionError(f"{name}: unknown {', '.join(sorted(unknown))}")
    return defaults | given


def size(value) -> int:
    """An integer, or text like "16K"."""
    if isinstance(value, int):
        return value
    try:
        return int(value[:-1]) << _UNITS[value[-1]]
    except (KeyError, ValueError, TypeError, IndexError):
        raise DescriptionError(f"{value!r} is not a size") from None


def _bar(given: dict) -> dict:
    bar = _table("bar", given, _BAR)
    if bar["kind"] not in _KINDS:
        raise DescriptionError(f"bar: kind {bar['kind']!r}, not one of {', '.join(_KINDS)}")
    if bar["index"] not in range(5 if bar["kind"] == "memory64" else 6):
        raise DescriptionError(f"bar: index {bar['index']}")
    bar["size"] = size(bar["size"])
    least, most = (4, 256) if bar["kind"] == "io" else (16, _MOST_MEMORY)
    if bar["size"] & (bar["size"] - 1) or not least <= bar["size"] <= most:
        raise DescriptionError(f"bar {bar['index']}: {bar['size']} bytes are no power of two "
                               f"from {least} to {most}")
    return bar


def _capability(given: dict) -> dict:
    kind = given.get("type")
    if kind not in _CAPABILITIES:
        raise DescriptionError(f"capability: type {kind!r}, not one of {', '.join(_CAPABILITIES)}")
    return _table(f"capability {kind}", given, _ANY_CAPABILITY | _CAPABILITIES[kind])


def parse(text: str) -> dict:
    try:
        device = _table("device", tomllib.loads(text), _DEVICE)
    except tomllib.TOMLDecodeError as error:
        raise DescriptionError(str(error)) from None
    device["bar"] = [_bar(bar) for bar in device["bar"]]
    device["capability"] = [_capability(capability) for capability in device["capability"]]
    used = [index for bar in device["bar"]
            for index in range(bar["index"], bar["index"] + 1 + (bar["kind"] == "memory64"))]
    if len(used) != len(set(used)):
        raise DescriptionError("two BARs have one index; a 64-bit one has two")
    if device["flr"] not in _FLR:
        raise DescriptionError(f"flr {device['flr']!r}, not one of {', '.join(_FLR)}")
    if device["control"] is not None:
        device["control"] = _table("control", device["control"], {"bar": 0, "offset": 0})
    return device


def load(path: pathlib.Path) -> dict:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, DescriptionError) as error:
        raise DescriptionError(f"{path}: {error}") from None
