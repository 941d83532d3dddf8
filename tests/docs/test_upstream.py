"""The page for maintainers lists each patch of xonsh and bpython, with its reason and its versions."""

from __future__ import annotations

from pathlib import Path

from awaitall_bpython import patches as bpython
from awaitall_xonsh import patches as xonsh

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "upstream.md"


def rows():
    for patch in xonsh.PATCHES:
        owner = patch.owner.__name__ if not isinstance(patch.owner, type) else f"{patch.owner.__module__}.{patch.owner.__name__}"
        yield f"| `{owner.removeprefix('xonsh.')}.{patch.name}` | {patch.why.replace('``', '`')} | {patch.seen_in} |"
    for patch in bpython.PATCHES:
        yield f"| {patch.name} | {patch.why.replace('``', '`')} | {patch.seen_in} |"


def test_each_patch_is_listed():
    text = PAGE.read_text(encoding="utf-8")
    assert [row for row in rows() if row not in text] == []
