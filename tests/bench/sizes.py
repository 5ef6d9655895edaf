# SPDX-License-Identifier: Apache-2.0
"""How large programs are."""

import os
import subprocess
import tempfile


def _kib(path: str) -> float:
    return os.stat(path).st_size / 1024


def measure(program: str, strip: str) -> dict:
    """The peers come stripped; firmware and other files beside the program do not count."""
    with tempfile.TemporaryDirectory() as folder:
        stripped = os.path.join(folder, "program")
        subprocess.run([strip, "-o", stripped, program], check=True)
        result = {"program_kib": _kib(stripped)}
    if result["program_kib"] < _kib(program):
        result["unstripped_kib"] = _kib(program)
    return result
