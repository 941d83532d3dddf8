"""Hints: one line to who has forgotten an await or a call, and no second one from Python."""

from __future__ import annotations

import gc
import weakref

import pytest

from awaitall import Session
from awaitall.hints import hint_at_coroutine

HINT = "A coroutine is not the value that it will give: await it first, as in (await f())."


@pytest.fixture
def session():
    with Session() as session:
        session.run("async def greet(name='you'): return f'hi {name}'")
        yield session


@pytest.mark.parametrize("before", ["", "await greet(); "])
@pytest.mark.parametrize("source", ["greet().upper()", "c.upper()", "c + 'b'", "c[0]", "len(c)", "list(c)", "with c: pass"])
def test_a_coroutine_in_place_of_its_value_is_told(session, before, source):
    session.run("c = greet()")
    with pytest.raises((AttributeError, TypeError)) as caught:
        session.run(f"await greet()\n{source}" if before else source)
    assert caught.value.__notes__ == [HINT]
    session.run("await c")


@pytest.mark.parametrize("source", ["await greet", "import asyncio; await asyncio.Event().wait"])
def test_a_function_that_is_not_called_is_told(session, source):
    with pytest.raises(TypeError) as caught:
        session.run(source)
    assert caught.value.__notes__ == ["A function is called before it is awaited: await f()."]


@pytest.mark.parametrize("source", ["1 + 'a'", "'a'.nope", "len(5)", "import asyncio; asyncio.run(5)", "await 5"])
def test_an_error_of_another_kind_gets_no_note(session, source):
    with pytest.raises((AttributeError, TypeError, ValueError)) as caught:
        session.run(source)
    assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize("source", ["[greet(), greet()]", "(greet(),)", "{'a': greet()}", "{greet()}"])
def test_coroutines_in_a_collection_get_one_hint(session, capsys, source):
    value = session.run(source)
    hint_at_coroutine(value)
    hint_at_coroutine(value)
    assert capsys.readouterr().err == (
        "awaitall: nothing of these coroutines has run: await each, or all at once, as by asyncio.gather(*_)\n"
    )


def test_python_does_not_complain_of_what_has_had_its_hint(session):
    value = session.run("greet()")
    gone = weakref.ref(value)
    hint_at_coroutine(value)
    del value
    hint_at_coroutine(5)
    assert gone() is None  # and collected unrun it would be a warning, and so an error


def test_python_does_not_complain_of_an_error_that_has_its_note(session):
    with pytest.raises(AttributeError):
        session.run("greet().upper()")
    hint_at_coroutine(5)
    gc.collect()


def test_what_has_had_its_hint_can_still_be_awaited(session):
    hint_at_coroutine(session.run("c = greet(); c"))
    hint_at_coroutine(5)
    assert session.run("await c") == "hi you"


def test_a_large_collection_is_not_searched(session, capsys):
    hint_at_coroutine(value := [0] * 1_000_000 + [session.run("c = greet(); c")])
    assert capsys.readouterr().err == ""
    session.run("await c")
    assert value
