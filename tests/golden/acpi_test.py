#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the ACPI tables, disassembled by iasl, with tests/golden/acpi/CONFIGURATION/TABLE.dsl.

Also compiles each disassembled DSDT again: there may be no error and no warning that is not listed
here, and the byte code has to come out as ours. Last, acpiexec, the interpreter that Linux has too,
loads it and runs its methods. --update writes the files instead of comparing.
"""

import argparse
import difflib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CONFIGURATIONS = [
    "serial-1-cpu",
    "plain-8-cpus",
    "high-window-255-cpus",
    "arm64-gicv2-1-cpu",
    "arm64-gicv3-its-124-cpus",
]
GOLDEN = pathlib.Path(__file__).resolve().parent / "acpi"
SKIPPED = 77
HEADER_SIZE = 36

# What the operating system asks of _OSC (UUID's first byte, revision, control) and the status and
# control that it has to get (PCI Firmware Specification 3.2, 4.5.1).
UUID_REST = "4D DB 33 F7 1F 1C 40 96 57 74 41 C0 3D D7 66"
OSC_CASES = [
    ("all that there is, SHPC too", "5B", 1, 0x1F, (0x10, 0x1D)),
    ("what is offered", "5B", 1, 0x1D, (0x00, 0x1D)),
    ("a later revision", "5B", 2, 0x1D, (0x08, 0x1D)),
    ("another interface", "00", 1, 0x1F, (0x04, 0x1F)),
]

# iasl's messages (number: why it is right to live with it).
AGREED_WARNINGS = {}


def run(*command, cwd):
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, text=True, capture_output=True, check=False
    )
    if result.returncode != 0:
        sys.exit(f"{command[0]} exited with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def without_noise(text):
    """Drops iasl's opening comment (version, date, path) and its hex dump of the whole table."""
    text = re.sub(r"\A/\*.*?\*/\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"\nRaw Table Data:.*\Z", "\n", text, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"


def disassemble(dump, configuration, folder):
    run(dump, configuration, folder, cwd=folder)
    tables = sorted(folder.glob("*.dat"))
    run("iasl", "-d", *[table.name for table in tables], cwd=folder)
    return {
        table.stem: without_noise(table.with_suffix(".dsl").read_text(encoding="ascii"))
        for table in tables
    }


def check_dsdt(folder):
    """Returns what is wrong with the DSDT in `folder` after compiling it again."""
    # Without -oa it would shorten names by what the scope implies.
    output = run("iasl", "-oa", "-p", "again", "DSDT.dsl", cwd=folder)
    problems = [
        line.strip()
        for line in output.splitlines()
        if (match := re.match(r"(?:Error|Warning|Remark)\s+(\d+)", line.strip()))
        and match.group(1) not in AGREED_WARNINGS
    ]
    if "Compilation successful. 0 Errors" not in output:
        problems.append("iasl did not report success")
    ours = (folder / "DSDT.dat").read_bytes()[HEADER_SIZE:]
    again = (folder / "again.aml").read_bytes()[HEADER_SIZE:]
    if ours != again:
        pairs = enumerate(zip(ours, again))
        place = next((i for i, (left, right) in pairs if left != right), "the end")
        problems.append(f"iasl encodes the DSDT differently, first at byte {place} of the code")
    return problems


def osc_command(uuid_byte, revision, control):
    capabilities = f"00 00 00 00 00 00 00 00 {control:02X} 00 00 00"
    return f"evaluate \\_SB.PCI0._OSC ({uuid_byte} {UUID_REST}) {revision} 3 ({capabilities})"


def check_interpreter(folder):
    commands = ";".join(osc_command(*case[1:4]) for case in OSC_CASES)
    output = run("acpiexec", "-b", commands, "DSDT.dat", cwd=folder)
    problems = []
    # Each would run at boot, perhaps with accesses to ports.
    if "Executed 0 _INI methods requiring 0 _STA executions" not in output:
        problems.append("the DSDT has methods that run at boot")
    if re.search(r"ACPI (?:BIOS )?(?:Error|Warning)|AE_[A-Z_]+", output):
        problems.append(f"acpiexec complains:\n{output}")
    results = re.findall(r"\[Buffer\] Length 0C =\s+0000: ((?:[0-9A-F]{2} ){12})", output)
    if len(results) != len(OSC_CASES):
        return problems + [f"_OSC did not return {len(OSC_CASES)} buffers:\n{output}"]
    for (name, _, _, _, expected), result in zip(OSC_CASES, results):
        content = bytes.fromhex(result)
        actual = tuple(int.from_bytes(content[at : at + 4], "little") for at in (0, 8))
        if actual != expected:
            problems.append(f"_OSC, asked for {name}: {actual} instead of {expected}")
    return problems


def compare(configuration, tables):
    """Prints the differences from the committed files; returns whether there are any."""
    folder = GOLDEN / configuration
    committed = {path.stem: path.read_text(encoding="ascii") for path in folder.glob("*.dsl")}
    differs = False
    for name in sorted(committed.keys() | tables.keys()):
        expected = committed.get(name, "").splitlines(keepends=True)
        actual = tables.get(name, "").splitlines(keepends=True)
        if expected == actual:
            continue
        differs = True
        path = f"{configuration}/{name}.dsl"
        sys.stdout.writelines(difflib.unified_diff(expected, actual, f"golden/{path}", path))
    return differs


def update(configuration, tables):
    folder = GOLDEN / configuration
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in tables.items():
        (folder / f"{name}.dsl").write_text(text, encoding="ascii")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dump", type=pathlib.Path, required=True, help="the acpi_dump program")
    parser.add_argument("--update", action="store_true", help="write the committed files")
    arguments = parser.parse_args()
    for tool in ("iasl", "acpiexec"):
        if shutil.which(tool) is None:
            print(f"Skipped: there is no {tool}. Install the package acpica-tools.")
            return SKIPPED

    failed = False
    for configuration in CONFIGURATIONS:
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            tables = disassemble(arguments.dump.resolve(), configuration, folder)
            for problem in check_dsdt(folder) + check_interpreter(folder):
                print(f"{configuration}: {problem}")
                failed = True
        if arguments.update:
            update(configuration, tables)
        elif compare(configuration, tables):
            failed = True
    if failed:
        print("If the change is meant: run again with --update and read the diff.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
