# SPDX-License-Identifier: Apache-2.0
"""Which driver of the host has a PCI function (Linux, Documentation/ABI/testing/sysfs-bus-pci)."""

import contextlib
import os
import pathlib

_PCI = pathlib.Path("/sys/bus/pci")


def _function(address: str) -> pathlib.Path:
    return _PCI / "devices" / address


def driver_of(address: str) -> str | None:
    link = _function(address) / "driver"
    return os.path.basename(os.readlink(link)) if link.exists() else None


def override_of(address: str) -> str | None:
    text = (_function(address) / "driver_override").read_text(encoding="ascii").strip()
    return None if text == "(null)" else text


def _rebind(address: str, override: str) -> None:
    if driver_of(address):
        (_function(address) / "driver" / "unbind").write_text(address, encoding="ascii")
    (_function(address) / "driver_override").write_text(override + "\n", encoding="ascii")
    (_PCI / "drivers_probe").write_text(address, encoding="ascii")


@contextlib.contextmanager
def to_vfio(addresses):
    """The functions have vfio-pci meanwhile, and then whichever driver claims them."""
    try:
        for address in addresses:
            _rebind(address, "vfio-pci")
            if (driver := driver_of(address)) != "vfio-pci":
                raise OSError(f"{address} has driver {driver}, not vfio-pci")
        yield
    finally:
        for address in addresses:
            _rebind(address, "")
