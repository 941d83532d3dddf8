"""The reference is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import awaitall
from awaitall import errors, hookspecs

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
HOOKS = [name for name in vars(hookspecs) if name.startswith("awaitall_")]


def page(name):
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", awaitall.__all__)
def test_every_public_name_is_in_the_api_page(name):
    assert re.search(rf"\bawaitall\.{name}\b", page("api.md"))


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_in_the_errors_page(name):
    assert re.search(rf"autoexception:: awaitall\.(errors\.)?{name}\n", page("errors.md"))


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("fact", ["**When**", "**Thread**", "**None**", "**Raises**", "```pycon"])
def test_every_hook_is_described(hook, fact):
    section = page("hooks.md").partition(f"## {hook}\n")[2].partition("\n## ")[0]
    assert fact in section


def test_the_hooks_page_describes_no_hook_that_is_gone():
    assert re.findall(r"(?m)^## (awaitall_\w+)$", page("hooks.md")) == HOOKS
