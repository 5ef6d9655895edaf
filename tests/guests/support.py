# SPDX-License-Identifier: Apache-2.0
"""Loads the scripts under guests/, some of which have no .py at the end."""

import importlib.machinery
import importlib.util
import pathlib
import sys

GUESTS = pathlib.Path(__file__).resolve().parents[2] / "guests"
sys.path.insert(0, str(GUESTS))


def load(path: str):
    name = path.replace("/", "_").removesuffix(".py")
    loader = importlib.machinery.SourceFileLoader(name, str(GUESTS / path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module
