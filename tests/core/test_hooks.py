"""Plugins take part in the way of an input, and one that fails costs a line."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

import awaitall
from awaitall import hookimpl, hooks
from awaitall.plugins import plugins


@pytest.fixture
def plug():
    """Register plugins for one test."""
    registered = []

    def plug(plugin, name="under test"):
        plugins().manager.register(plugin, name)
        registered.append(plugin)

    yield plug
    for plugin in registered:
        plugins().manager.unregister(plugin)
    plugins().manager._warned.clear()


@pytest.fixture
def session():
    with awaitall.Session() as session:
        session.run("import asyncio")
        yield session


def offers(**things):
    """Make a plugin with hooks that return what is given."""

    class Plugin:
        pass

    for name, thing in things.items():
        setattr(Plugin, f"awaitall_{name}", staticmethod(hookimpl(lambda thing=thing: thing)))
    return Plugin()


class PlusOne(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(node.value + 1), node)


class Half(ast.NodeTransformer):
    """Changes a part of a tree, and fails."""

    def visit_Constant(self, node):
        node.value = 100
        raise ZeroDivisionError


class Gives:
    def __init__(self, tree):
        self.tree = tree

    def visit(self, tree):
        return self.tree


def broken():
    """Make a tree in which something is missing."""
    tree = ast.parse("5 + 5")
    del tree.body[0].value.op
    return tree


class Refuses:
    def visit(self, tree):
        raise SyntaxError("not today")


def refuse(source):
    raise SyntaxError("not today")


@pytest.mark.parametrize("source", ["WAIT asyncio.sleep(0, 5)", "x = WAIT asyncio.sleep(0, 5)\nx", "WAIT asyncio.sleep(0); 5"])
def test_a_source_transformer_changes_the_text(plug, session, source):
    plug(offers(source_transformers=[lambda source: source.replace("WAIT", "await")]))
    assert session.evaluate(source).value == 5


def test_source_transformers_are_applied_one_after_the_other_in_pluggys_order(plug, session):
    class Last:
        @hookimpl(trylast=True)
        def awaitall_source_transformers(self):
            yield lambda source: source + "2"

    plug(Last(), "last")
    plug(offers(source_transformers=[lambda source: source + "1"]), "first")
    assert session.evaluate("0 + 1").value == 112


def test_lines_typed_one_by_one_are_transformed(plug, session, capsys):
    plug(offers(source_transformers=[lambda source: source.replace("times 2", "for i in range(2)")]))
    assert session.evaluate_lines("times 2:\n    i + 70") is None
    assert session.evaluate_lines("times 2:\n    i + 70\n").error is None
    assert capsys.readouterr().out == "70\n71\n"


def test_the_error_of_transformed_text_shows_that_text(plug, session):
    plug(offers(source_transformers=[lambda source: source.replace("WAIT", "lambda: await")]))
    assert session.evaluate("x = WAIT f()").error.text.strip() == "x = lambda: await f()"


@pytest.mark.parametrize("source", ["4", "x = 4\nx", "await asyncio.sleep(-1, 4)", "(lambda: 4)()"])
def test_an_ast_transformer_changes_inputs_with_and_without_await(plug, session, source):
    plug(offers(ast_transformers=[PlusOne()]))
    assert session.evaluate(source).value == 5


def test_an_ast_transformer_changes_what_is_typed_line_by_line(plug, session, capsys):
    plug(offers(ast_transformers=[PlusOne()]))
    session.evaluate_lines("for i in (1, 2): i\n")
    assert capsys.readouterr().out == "2\n3\n"


def test_an_ast_transformer_gets_a_module(plug, session):
    seen = []

    class Looks:
        def visit(self, tree):
            seen.append(type(tree))
            return tree

    plug(offers(ast_transformers=[Looks()]))
    session.evaluate("1")
    session.evaluate_lines("1")
    session.compile(ast.parse("1", mode="eval"))
    assert seen == [ast.Module, ast.Module]


#: What is wrong with a transformer -> hook, transformer, and the end of the line that it costs.
FLAWS = {
    "no text": ("source_transformers", len, "TypeError: it must return the text, not 5"),
    "an error": ("source_transformers", lambda source: 1 / 0, "ZeroDivisionError: division by zero"),
    "no function": ("source_transformers", 5, "TypeError: 'int' object is not callable"),
    "an error half way": ("ast_transformers", Half(), "ZeroDivisionError"),
    "no tree": ("ast_transformers", Gives(None), "TypeError: it must return the module, not None"),
    "no module": ("ast_transformers", Gives(ast.Constant(5)), "TypeError: it must return the module, not"),
    "a broken tree": (
        "ast_transformers",
        Gives(broken()),
        'TypeError: required field "op" missing from BinOp',
    ),
    "no transformer": ("ast_transformers", 5, "AttributeError: 'int' object has no attribute 'visit'"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_transformer_that_fails_costs_one_line_and_changes_nothing(plug, session, capsys, flaw):
    hook, transformer, line = FLAWS[flaw]
    plug(offers(**{hook: [transformer]}))
    assert [session.evaluate("4 + 5").value for _ in range(2)] == [9, 9]
    told = capsys.readouterr().err
    assert told.startswith("awaitall: plugin 'under test': its transformer ")
    assert line in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(("hook", "transformer"), [("source_transformers", refuse), ("ast_transformers", Refuses())])
def test_a_transformer_may_refuse_an_input_before_any_of_it_runs(plug, session, hook, transformer):
    plug(offers(**{hook: [transformer]}))
    outcome = session.evaluate("x = 1")
    assert outcome.error.msg == "not today"
    assert "x" not in session.namespace


class Watches:
    def __init__(self):
        self.log = []

    @hookimpl
    def awaitall_before_run(self, session, input):
        self.log.append(("before", input.source, input.is_async))

    @hookimpl
    def awaitall_after_run(self, outcome):
        self.log.append(("after", outcome.value, type(outcome.error)))


def test_plugins_learn_of_an_input_before_and_after(plug, session):
    plug(watches := Watches())
    session.evaluate("await asyncio.sleep(0, 5)")
    assert watches.log == [("before", "await asyncio.sleep(0, 5)", True), ("after", 5, type(None))]


def test_plugins_learn_of_an_error(plug, session):
    plug(watches := Watches())
    session.evaluate("1 / 0")
    assert watches.log[1:] == [("after", None, ZeroDivisionError)]


def test_plugins_learn_of_an_input_that_could_not_be_compiled(plug, session):
    plug(watches := Watches())
    session.evaluate("1 +")
    assert watches.log == [("after", None, SyntaxError)]


def test_plugins_learn_how_long_an_input_took(plug, session):
    outcomes = []

    class Plugin:
        @hookimpl
        def awaitall_after_run(self, outcome):
            outcomes.append(outcome.seconds)

    plug(Plugin())
    session.run("import time")
    session.evaluate("time.sleep(0.02)")
    assert outcomes[0] >= 0.02


def test_an_input_that_a_host_awaits_is_seen_too(plug, session):
    import asyncio

    plug(watches := Watches())
    assert asyncio.run(session.aevaluate("await asyncio.sleep(0, 5)")).value == 5
    assert [entry[0] for entry in watches.log] == ["before", "after"]


class Doubles:
    @hookimpl
    def awaitall_display(self, value):
        return value * 2 if isinstance(value, int) else None


@pytest.mark.parametrize("source", ["4", "await asyncio.sleep(0, 4)"])
def test_a_plugin_changes_the_value_that_is_shown(plug, session, source):
    plug(Doubles())
    assert session.evaluate(source).value == 8


@pytest.mark.parametrize("source", ["4", "await asyncio.sleep(0, 4)"])
def test_a_plugin_changes_what_the_display_hook_shows(plug, session, capsys, source):
    plug(Doubles())
    session.evaluate_lines(source)
    assert capsys.readouterr().out == "8\n"


def test_a_value_that_is_awaited_implicitly_is_changed_once(plug, session, capsys):
    plug(Doubles())
    session.implicit = True
    session.evaluate_lines("asyncio.sleep(0, 4)")
    assert capsys.readouterr().out == "8\n"


def test_a_value_of_which_no_plugin_says_anything_is_shown_as_it_is(plug, session):
    plug(Doubles())
    assert session.evaluate("'a'").value == "a"


def test_plugins_learn_of_a_task_that_has_failed(plug, session, capsys):
    failures = []

    class Plugin:
        @hookimpl
        def awaitall_background_error(self, session, name, error):
            failures.append((session, name, type(error)))

    plug(Plugin())
    session.run("async def fails():\n    1 / 0")
    session.spawn(session.run("fails()"), name="bad")
    session.run("await asyncio.sleep(0); await asyncio.sleep(0)")
    assert failures == [(session, "bad", ZeroDivisionError)]
    assert "Task 'bad' in the background has failed" in capsys.readouterr().err


def test_plugins_learn_of_another_runner(plug):
    changes = []

    class Plugin:
        @hookimpl
        def awaitall_runner_changed(self, old, new):
            changes.append((old, new))

    plug(Plugin())
    with awaitall.Session() as session:
        session.run("import asyncio; await asyncio.sleep(0)")
        session.use("sync")
        session.use("sync")
    assert changes == [(None, "asyncio"), ("asyncio", "sync")]


@pytest.mark.parametrize("hook", ["before_run", "after_run", "display", "background_error", "runner_changed"])
def test_a_hook_that_raises_costs_one_line_and_nothing_else(plug, capsys, hook):
    plug(offers(**{hook: None}))  # so that pluggy knows it
    broken = type("Broken", (), {f"awaitall_{hook}": hookimpl(lambda self: 1 / 0)})()
    plug(broken, "broken")
    with awaitall.Session() as session:
        session.run("import asyncio\nasync def fails():\n    raise KeyError")
        session.spawn(session.run("fails()"))
        assert [session.evaluate("await asyncio.sleep(0, 5)").value for _ in range(3)] == [5, 5, 5]
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("awaitall: ")]
    assert told == [
        f"awaitall: plugin 'broken': awaitall_{hook}() failed, so that is ignored: ZeroDivisionError: division by zero"
    ]


def test_a_wrapper_goes_around_all_other_plugins(plug, session):
    class Wrapper:
        @hookimpl(wrapper=True)
        def awaitall_display(self, value):
            result = yield
            return f"<{result}>"

    plug(Wrapper(), "wrapper")
    plug(Doubles(), "doubles")
    assert session.evaluate("4").value == "<8>"


class FailsBefore:
    @hookimpl(wrapper=True)
    def awaitall_display(self):
        raise ZeroDivisionError
        yield


class FailsAfter:
    @hookimpl(wrapper=True)
    def awaitall_display(self):
        yield
        raise ZeroDivisionError


class YieldsTwice:
    @hookimpl(wrapper=True)
    def awaitall_display(self):
        yield
        yield


@pytest.mark.parametrize("wrapper", [FailsBefore(), FailsAfter(), YieldsTwice()])
def test_a_wrapper_that_fails_costs_one_line(plug, session, capsys, wrapper):
    plug(wrapper, "wrapper")
    plug(Doubles(), "doubles")
    assert [session.evaluate("4").value for _ in range(2)] == [8, 8]
    told = capsys.readouterr().err
    assert told.startswith("awaitall: plugin 'wrapper': awaitall_display() failed, so that is ignored: ")
    assert told.count("\n") == 1


def test_the_first_plugin_is_asked_first(plug, session):
    class First:
        @hookimpl(tryfirst=True)
        def awaitall_display(self, value):
            return "first"

    plug(First(), "first")
    plug(Doubles(), "doubles")
    assert session.evaluate("4").value == "first"


def test_ctrl_c_in_a_hook_is_the_users(plug, session):
    class Slow:
        @hookimpl
        def awaitall_before_run(self):
            raise KeyboardInterrupt

    plug(Slow())
    assert isinstance(session.evaluate("4").error, KeyboardInterrupt)


def test_a_hook_with_an_argument_that_there_is_not_costs_one_line(tmp_path):
    (tmp_path / "bad_plugin.py").write_text(
        "import awaitall\n@awaitall.hookimpl\ndef awaitall_display(session, val):\n    return 5\n"
    )
    info = tmp_path / "bad_plugin-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[awaitall]\nbad = bad_plugin\n")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import awaitall; from awaitall.plugins import plugins; "
        "plugins().load(['bad']); print(awaitall.Session().evaluate('4').value)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "4\n"
    assert done.stderr.startswith("awaitall: plugin 'bad' could not be loaded and is left out: PluginValidationError: ")
    assert done.stderr.count("\n") == 1


def test_a_session_without_such_a_plugin_calls_nothing(session):
    session.evaluate("4")
    assert hooks.callers == {}


def test_a_session_imports_no_plugin_machinery():
    program = (
        "import sys, awaitall; session = awaitall.Session(); session.evaluate('4'); session.evaluate_lines('x = 5'); "
        "print(sorted({'asyncio', 'pluggy', 'importlib.metadata', 'awaitall.plugins'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
