"""aexec and aeval, on asyncio, on trio and on no loop at all."""

from __future__ import annotations

import ast
import asyncio

import pytest

import awaitall


def drive(coro):
    """Drive a coroutine that never suspends; no event loop is involved."""
    try:
        coro.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the coroutine suspended")


async def give(value):
    return value


def test_statements_bind_their_names_in_the_globals():
    namespace = {"give": give}
    drive(awaitall.aexec("x = await give(1)\ny = x + 1", namespace))
    assert namespace["y"] == 2


def test_statements_bind_their_names_in_separate_locals():
    names = {}
    drive(awaitall.aexec("x = await give(1)", {"give": give}, names))
    assert names == {"x": 1}


def test_statements_that_await_nothing_run_too():
    namespace = {}
    drive(awaitall.aexec("x = 1", namespace))
    assert namespace["x"] == 1


def test_an_expression_gives_its_value():
    assert drive(awaitall.aeval("await give(1) + 1", {"give": give})) == 2


def test_an_expression_may_be_indented():
    assert drive(awaitall.aeval("  1 + 1", {})) == 2


def test_an_expression_that_is_a_tree_gives_its_value():
    assert drive(awaitall.aeval(ast.parse("await give(3)", mode="eval"), {"give": give})) == 3


def test_code_is_executed():
    namespace = {"give": give}
    code = compile("x = await give(1)", "<test>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    drive(awaitall.aexec(code, namespace))
    assert namespace["x"] == 1


def test_a_syntax_error_comes_before_any_effect():
    namespace = {}
    with pytest.raises(SyntaxError):
        drive(awaitall.aexec("x = 1\nreturn", namespace))
    assert "x" not in namespace


def test_what_the_statements_raise_comes_out():
    with pytest.raises(ZeroDivisionError):
        drive(awaitall.aexec("await give(1) / 0", {"give": give}))


def test_it_runs_on_asyncio():
    namespace = {"asyncio": asyncio}
    asyncio.run(awaitall.aexec("x = await asyncio.sleep(0, 5)", namespace))
    assert namespace["x"] == 5


def test_it_runs_on_trio():
    trio = pytest.importorskip("trio")
    assert trio.run(awaitall.aeval, "await trio.sleep(0) or 5", {"trio": trio}) == 5
