"""The libraries of the runners, of which not every one is there for every system and every Python."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import pytest

#: Name of a runner -> the libraries of which one has it.
LIBRARIES = {"uvloop": ("uvloop", "winloop"), "trio": ("trio",), "curio": ("curio",)}


def is_there(runner):
    """Report whether a library of the runner is installed."""
    return any(map(find_spec, LIBRARIES.get(runner, ("asyncio",))))


def library_of(runner):
    """Import the library of a runner, and return it; skip the test where there is none."""
    found = [name for name in LIBRARIES.get(runner, (runner,)) if find_spec(name)]
    if not found:
        pytest.skip(f"{runner} is not installed")
    return import_module(found[0])
