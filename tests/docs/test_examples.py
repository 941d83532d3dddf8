"""Every example of the documentation runs, and shows what the page says that it shows."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import traceback
from pathlib import Path

import pytest

from awaitall import Session
from awaitall.tracebacks import user_traceback

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SECONDS = re.compile(r"\b\d+\.\ds\b")
BLOCK = re.compile(r"^```(pycon|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    """Yield the kind and the text of each block that is meant to be run."""
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        yield match[1], match[2], f"{page.relative_to(ROOT)}:{text[: match.start()].count(chr(10)) + 2}"


def answer(session, source):
    """What a console would show for an input."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            if source.startswith("%"):
                text = session.command(source[1:].strip())
                return out.getvalue() + text
            value = session.run(source)
        except Exception as exc:
            tb = user_traceback(exc)
            return out.getvalue() + "".join(traceback.format_exception(exc.with_traceback(tb)))
    return out.getvalue() + ("" if value is None else f"{value!r}\n")


def check_examples(session, text, where):
    for example in doctest.DocTestParser().get_examples(text):
        got = answer(session, example.source)
        if example.exc_msg is not None:
            assert got.startswith("Traceback"), f"{where}: no error from\n{example.source}"
            assert got.endswith(example.exc_msg), f"{where}: {example.source}"
        else:
            assert SECONDS.sub("0.0s", got) == SECONDS.sub("0.0s", example.want), f"{where}: {example.source}"


@pytest.fixture
def session():
    with Session() as session:
        yield session


@pytest.mark.parametrize("page", [page for page in PAGES[1:] if any(blocks(page))], ids=lambda page: page.stem)
def test_the_examples_of_a_page_run_one_after_the_other(page, session):
    for kind, text, where in blocks(page):
        if kind == "pycon":
            check_examples(session, text, where)
        else:
            session.run(text)


def test_a_wrong_example_would_be_noticed(session):
    with pytest.raises(AssertionError, match=r"page\.md:1"):
        check_examples(session, ">>> 1 + 1\n3\n", "page.md:1")
