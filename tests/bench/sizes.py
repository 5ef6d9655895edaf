# SPDX-License-Identifier: Apache-2.0
"""How large programs are."""

import os
import shutil
import subprocess
import tempfile

import ram_root


def _kib(path: str) -> float:
    return os.stat(path).st_size / 1024


def measure(program: str) -> dict:
    """The peers come stripped; firmware and other files beside the program do not count."""
    with tempfile.TemporaryDirectory() as folder:
        stripped = os.path.join(folder, "program")
        subprocess.run(["strip", "-o", stripped, program], check=True)
        own = _kib(stripped)
        result = {"program_kib": own,
                  "with_libraries_kib": own + sum(map(_kib, ram_root.libraries(program)))}
    if own < _kib(program):
        result["unstripped_kib"] = _kib(program)
    return result


def tools_missing() -> list[str]:
    return [] if shutil.which("strip") else ["binutils"]
