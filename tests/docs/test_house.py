"""The picture of the floors is what the tool checks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PICTURE = (ROOT / "docs" / "explanation" / "house.md").read_text(encoding="utf-8").partition("```text\n")[2].partition("```")[0]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
FLOORS = next(contract["layers"] for contract in CONTRACTS if contract.get("containers") == ["awaitall"])
MODULES = {
    path.stem for path in (ROOT / "core" / "awaitall").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
}


def test_the_picture_has_the_floors_in_their_order():
    assert re.findall(r"^\w+", PICTURE, re.MULTILINE) == [module for floor in FLOORS for module in floor.split(" : ")]


def test_the_picture_has_every_module():
    assert set(re.findall(r"^\w+", PICTURE, re.MULTILINE)) == MODULES - {"__init__", "__main__"}


@pytest.mark.parametrize("module", sorted(MODULES - {"__init__", "__main__"}))
def test_the_map_of_contributing_has_every_module(module):
    assert re.search(rf"`{module}/?`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
