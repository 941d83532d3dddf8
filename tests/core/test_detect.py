"""Await detection and completeness."""

from __future__ import annotations

import ast
import sys
import warnings

import pytest

import awaitall
from awaitall.detect import command_continues, command_line

ASYNC = [
    "await f()",
    "x = await f()",
    "async with a: pass",
    "async for x in y: pass",
    "[x async for x in y]",
    "{await x for x in y}",
    "f'{await x}'",
    "(y := await f())",
    "def d(a=await f()): pass",
    "@(await f())\ndef d(): pass",
    "class C(await f()): pass",
    "lambda a=await f(): a",
    "match await f():\n case 1: pass",
    "if 0: await f()",
    "x = 1\nawait f()",
    "for x in y:\n  await f()",
    "print(await f(), (x async for x in y))",
]
SYNC = [
    "x = 1",
    "",
    "# await f()",
    "'await f()'",
    "async def f(): await g()",
    "async def f():\n async with a: pass",
    "(x async for x in y)",
    "f(x async for x in y)",
    "g = (await x for x in y)",
    "[(x async for x in y)]",
    "lambda: (x async for x in y)",
    "[(x async for x in y) for _ in z]",
]
INVALID = [
    "return 1",
    "yield 1",
    "lambda: await f()",
    "def f(): await g()",
    "class C:\n await f()",
    "class C:\n [x async for x in y]",
    "await",
    "await f() f()",
    "x = (",
]


@pytest.mark.parametrize("source", ASYNC)
def test_text_that_awaits_is_async(source):
    assert awaitall.is_async(source)


@pytest.mark.parametrize("source", SYNC)
def test_text_that_awaits_nothing_is_not_async(source):
    assert not awaitall.is_async(source)


@pytest.mark.parametrize("source", ASYNC + SYNC)
def test_a_tree_gives_the_answer_of_its_text(source):
    assert awaitall.is_async(ast.parse(source)) == awaitall.is_async(source)


@pytest.mark.parametrize("source", ASYNC)
def test_code_is_judged_by_its_flags(source):
    assert awaitall.is_async(compile(source, "<test>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))


def test_an_expression_tree_is_judged():
    assert awaitall.is_async(ast.parse("await f()", mode="eval"))


@pytest.mark.parametrize("source", INVALID)
def test_invalid_text_is_a_syntax_error(source):
    with pytest.raises(SyntaxError):
        awaitall.is_async(source)


def test_detection_gives_no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert awaitall.is_async("await f('\\d')")


@pytest.mark.parametrize("source", ["await f()", "x = 1\ny = 2", "async with a:\n  pass\n", "", "x = 1 # (", "a; await b"])
def test_finished_text_is_complete(source):
    assert awaitall.completeness(source) == "complete"


@pytest.mark.parametrize(
    "source",
    [
        "async with a:",
        "async with a:\n  pass",
        "async for x in y:\n",
        "await f(",
        "x = [await f(),",
        "'''await",
        "if await f():\n  pass\nelse:",
        "x = 1\nasync with a:\n  pass",
        "async def f():",
        "await f() + \\",
    ],
)
def test_the_beginning_of_something_valid_is_incomplete(source):
    assert awaitall.completeness(source) == "incomplete"


@pytest.mark.parametrize(
    "source",
    [*INVALID[:6], "await", "await f() f()", "x = )", "'abc", "a\0b", "\ud800", "(" * 10_000, "-" * 200_000 + "1"],
    ids=lambda source: ascii(source[:12]),
)
def test_what_can_never_become_valid_is_invalid(source):
    assert awaitall.completeness(source) == "invalid"


def test_the_standard_library_is_judged_right():
    """Every function body of some modules, put at top level: async exactly if compiling it without the flag fails."""
    import asyncio.base_events
    import asyncio.streams
    import asyncio.tasks
    import inspect
    import textwrap

    wrong = []
    for module in (asyncio.base_events, asyncio.streams, asyncio.tasks, inspect, textwrap, ast):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            body = ast.Module([stmt for stmt in node.body if not _returns(stmt)], type_ignores=[])
            try:
                found = awaitall.is_async(body)
            except SyntaxError:
                continue
            try:
                compile(body, "<test>", "exec")
                expected = False
            except SyntaxError:
                expected = True
            if found != expected:
                wrong.append(ast.unparse(body))
    assert wrong == []


def _returns(stmt):
    return any(isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom, ast.Nonlocal)) for node in ast.walk(stmt))


@pytest.mark.parametrize(
    ("source", "command", "continues"),
    [
        ("%tasks", "tasks", False),
        ("%cancel 3", "cancel 3", False),
        ("%bg f(", "bg f(", True),
        ("%bg for i in x: await i", "bg for i in x: await i", False),
        ("%bg async with x:", "bg async with x:", True),
        ("%bg async with x:\n    pass", "bg async with x:\n    pass", True),
        ("%bg async with x:\n    pass\n", "bg async with x:\n    pass", False),
        ("%bg f(\n1)", "bg f(\n1)", False),
        ("%bg f(\n", "bg f(", False),
        ("%tasks\nx = 1", None, False),
        ("x %\\\n y", None, False),
    ],
)
def test_a_command_takes_several_lines_if_the_first_begins_a_block(source, command, continues):
    assert command_line(source) == command
    assert command_continues(source) == continues


def test_detection_imports_no_event_loop():
    import subprocess

    program = (
        "import sys, awaitall; awaitall.is_async('await f()'); print(sorted({'asyncio', 'pluggy', 'inspect'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
