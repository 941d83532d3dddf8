"""The pictures of the documentation show what the shells do now."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
sys.path.insert(0, str(FOLDER))
import record  # noqa: E402


@pytest.mark.parametrize("name", record.PICTURES)
def test_a_picture_is_what_its_shell_shows(name):
    kept = (FOLDER / name).read_text(encoding="utf-8")
    if record.made_with() not in kept:
        pytest.skip("the picture was made with other versions")
    assert record.record(name) == kept, "python docs/pictures/record.py makes it anew"


def test_every_picture_is_recorded_by_the_script():
    assert {path.name for path in FOLDER.glob("*.svg")} == set(record.PICTURES)
