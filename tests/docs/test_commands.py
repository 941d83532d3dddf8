"""The page of line commands has all that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from awaitall.plugins import plugins

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"


@pytest.mark.parametrize("name", sorted(plugins().commands()))
def test_a_command_has_a_row(name):
    assert f"\n| `%{name}` | " in PAGE.read_text(encoding="utf-8")
