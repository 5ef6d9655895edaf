#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the device trees, disassembled by dtc, with tests/golden/fdt/CONFIGURATION.dts.

dtc also checks them, and dt-validate does against the schemas that come with it: there may be no
warning.
--update writes the files instead of comparing.
"""

import argparse
import difflib
import pathlib
import shutil
import subprocess
import sys
import tempfile

CONFIGURATIONS = [
    "gicv2-1-cpu",
    "gicv3-its-8-cpus",
    "plain-123-cpus",
    "two-redistributor-regions-300-cpus",
    "iommu-with-a-hole-2-cpus",
]
GOLDEN = pathlib.Path(__file__).resolve().parent / "fdt"
SKIPPED = 77
TOOLS = {"dtc": "device-tree-compiler", "dt-validate": "dt-schema"}
# Linux takes a number of either size (drivers/of/fdt.c, of_read_number), and so do newer schemas.
ACCEPTED = ("linux,initrd-start:0:", "linux,initrd-end:0:")


def run(command, data=b""):
    result = subprocess.run(command, input=data, capture_output=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{command[0]} exited with {result.returncode}:\n{result.stderr.decode()}")
    return result.stdout, result.stderr.decode()


def compare(name, text):
    """Prints the differences from the committed file; returns whether there are any."""
    path = GOLDEN / f"{name}.dts"
    committed = path.read_text(encoding="ascii") if path.exists() else ""
    difference = list(
        difflib.unified_diff(
            committed.splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"golden/{path.name}",
            path.name,
        )
    )
    sys.stdout.writelines(difference)
    return bool(difference)


def complaints(blobs):
    """What dt-validate says of the trees, a dictionary of names to blobs."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "none").mkdir()  # further schemas, beside its own
        files = []
        for name, blob in blobs.items():
            files.append(folder / f"{name}.dtb")
            files[-1].write_bytes(blob)
        _, said = run(["dt-validate", "-s", folder / "none", *files])
        return [line.removeprefix(f"{folder}/") for line in said.splitlines()
                if line.startswith(f"{folder}/") and not any(text in line for text in ACCEPTED)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dump", type=pathlib.Path, required=True, help="the fdt_dump program")
    parser.add_argument("--update", action="store_true", help="write the committed files")
    arguments = parser.parse_args()
    for tool, package in TOOLS.items():
        if shutil.which(tool) is None:
            print(f"Skipped: there is no {tool}. Install the package {package}.")
            return SKIPPED

    failed = False
    blobs = {}
    for name in CONFIGURATIONS:
        blobs[name], _ = run([arguments.dump.resolve(), name])
        text, warnings = run(["dtc", "-I", "dtb", "-O", "dts", "-o", "-", "-"], blobs[name])
        for warning in warnings.splitlines():
            print(f"{name}: {warning}")
            failed = True
        text = text.decode("ascii")
        if arguments.update:
            (GOLDEN / f"{name}.dts").write_text(text, encoding="ascii")
        elif compare(name, text):
            failed = True
    for complaint in complaints(blobs):
        print(complaint)
        failed = True
    if failed:
        print("If the change is meant: run again with --update and read the diff.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
