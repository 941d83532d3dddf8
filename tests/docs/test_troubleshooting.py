"""The words by which troubleshooting.md helps are words that appear on the screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "troubleshooting.md"
WORDS = re.findall(r"(?m)^(`[^`\n]+`(?:, `[^`\n]+`)*)\n: ", PAGE.read_text(encoding="utf-8"))

#: What Python and libraries say.
OF_OTHERS = {
    "SyntaxError: 'await' outside function",
    "was never awaited",
    "no running event loop",
    "cannot be called from a running event loop",
    "from an async context",
    "MissingGreenlet",
}


@pytest.fixture(scope="module")
def sources():
    return "".join(path.read_text(encoding="utf-8") for top in ("core", "adapters") for path in (ROOT / top).rglob("*.py"))


@pytest.mark.parametrize("words", sorted({words for line in WORDS for words in re.findall("`([^`]+)`", line)} - OF_OTHERS))
def test_awaitall_says_so(words, sources):
    assert words in sources
