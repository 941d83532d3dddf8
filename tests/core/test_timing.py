"""The line commands that time and profile what is typed."""

from __future__ import annotations

import asyncio
import gc
import pstats
import re
import signal
import sys

import pytest

from awaitall import Session, hookimpl
from awaitall.commands import timing
from awaitall.commands.timing import TimeitResult
from awaitall.errors import RunningLoopError
from awaitall.interrupts import Termination
from awaitall.plugins import plugins

RUNNERS = ["asyncio", "uvloop", "trio", "curio", "sync", asyncio.run]

AIDS = """
import asyncio, gc
calls = []

async def f(value=None):
    calls.append(value)
    return value

def g(value=None):
    calls.append(value)
    return value
"""


@pytest.fixture
def still_clock(monkeypatch):
    """A clock that stands still, so that no span is long enough for a line of its own."""
    monkeypatch.setattr(timing, "perf_counter", lambda: 0.0)


@pytest.fixture
def session():
    with Session() as session:
        session.run(AIDS)
        yield session


@pytest.fixture(params=RUNNERS, ids=lambda runner: getattr(runner, "__name__", runner))
def on_each(request):
    with Session(runner=request.param) as session:
        session.run(AIDS)
        yield session


def calls(session):
    return len(session.namespace["calls"])


# -- time -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["await f(1)", "g(1)"])
def test_the_times_are_told(session, capsys, source, still_clock):
    session.evaluate(f"%time {source}; None")
    assert re.fullmatch(
        r"CPU times: (user \S+ .?s, sys: \S+ .?s, )?total: \S+ .?s\nWall time: \S+ .?s\n", capsys.readouterr().out
    )


def test_time_binds_names_as_an_input(on_each):
    on_each.evaluate("%time x = await f(5)").unwrap()
    assert on_each.run("x") == 5


@pytest.mark.parametrize("source", ["await f(5)", "g(5)"])
def test_time_has_the_value_of_the_input(session, source):
    outcome = session.evaluate(f"%time {source}")
    assert (outcome.has_value, outcome.value) == (True, 5)


def test_time_has_no_value_where_the_input_has_none(session):
    assert not session.evaluate("%time x = 5").has_value


@pytest.mark.parametrize("source", ["await f() / 0", "g() / 0"])
def test_time_is_told_of_an_input_that_fails(session, capsys, source):
    assert isinstance(session.evaluate(f"%time {source}").error, TypeError)
    assert "Wall time" in capsys.readouterr().out


def test_a_long_compilation_is_told(session, capsys, monkeypatch):
    monkeypatch.setattr(timing, "_LONG_COMPILATION", 0)
    session.evaluate("%time g()")
    assert re.search(r"(?m)^Compiler : \S+ .?s$", capsys.readouterr().out)


# -- timeit -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["await f()", "g()"])
def test_a_statement_runs_as_often_as_asked_for(on_each, source):
    on_each.evaluate(f"%timeit -n 3 -r 4 {source}").unwrap()
    assert calls(on_each) == 12


def test_the_result_is_told(session, capsys, still_clock):
    session.evaluate("%timeit -n 1000 -r 2 await f()")
    assert re.fullmatch(
        r"\S+ .?s ± \S+ .?s per loop \(mean ± std\. dev\. of 2 runs, 1,000 loops each\)\n", capsys.readouterr().out
    )


def test_one_is_no_plural(session, capsys):
    session.evaluate("%timeit -n 1 -r 1 g()")
    assert capsys.readouterr().out.endswith("of 1 run, 1 loop each)\n")


def test_quiet_prints_nothing(session, capsys):
    session.evaluate("%timeit -q -n1 -r1 g()")
    assert capsys.readouterr().out == ""


def test_there_is_no_value_unless_it_is_asked_for(session):
    outcome = session.evaluate("%timeit -n1 -r1 g()")
    assert (outcome.has_value, outcome.value) == (False, None)


def test_the_value_on_request_is_the_result(session):
    result = session.evaluate("%timeit -qo -n 5 -r 2 await f()").unwrap()
    assert (type(result), result.loops, result.repeat, len(result.all_runs)) == (TimeitResult, 5, 2, 2)


def test_the_clock_is_chosen(session):
    result = session.evaluate("%timeit -qoc -n1 -r1 __import__('time').sleep(0.05)").unwrap()
    assert result.best < 0.05


@pytest.mark.parametrize(("clock", "loops"), [([1, 1, 1], 1), ([0.1, 0.19, 0.2, 0.3], 100)])
def test_there_are_ever_more_loops_until_they_take_long_enough(session, monkeypatch, clock, loops):
    times = [time for seconds in clock for time in (0, seconds)]
    monkeypatch.setattr(timing, "perf_counter", lambda: times.pop(0) if sys._getframe(1).f_code.co_name == "<module>" else 0)
    result = session.evaluate("%timeit -qo -r 1 await f()").unwrap()
    assert (result.loops, result.all_runs) == (loops, [clock[-1]])


def test_a_block_is_timed(session):
    session.evaluate("%timeit -n 2 -r 1 for i in range(3):\n    await f(i)").unwrap()
    assert session.namespace["calls"] == [0, 1, 2] * 2


def test_text_of_several_lines_in_a_statement_stays_as_it_is(session):
    session.evaluate('%timeit -n1 -r1 g("""a\n  b""")').unwrap()
    assert session.namespace["calls"] == ["a\n  b"]


def test_a_second_run_of_the_input_counts_alone(session):
    compiled = session.evaluate("%timeit -qo -n1 -r3 g()").input
    assert session.evaluate(compiled).value.repeat == 3


def test_names_are_bound_in_the_loop_only(session):
    session.evaluate("%timeit -n1 -r1 bound = await f(5)").unwrap()
    assert "bound" not in session.namespace


def test_names_that_are_bound_elsewhere_are_known(session):
    session.evaluate("%timeit -n1 -r1 g(local)", session.namespace, {"local": 5}).unwrap()
    assert session.namespace["calls"] == [5]


def test_an_await_is_timed_in_the_task_of_the_inputs(session):
    session.run("task = await f(asyncio.current_task())")
    session.evaluate("%timeit -n1 -r1 await f(asyncio.current_task())").unwrap()
    assert session.run("calls[-1] is task")


def test_what_does_not_await_sees_the_loop(session):
    session.evaluate("%timeit -n1 -r1 g(asyncio.get_running_loop())").unwrap()
    assert session.run("calls[-1] is await f(asyncio.get_running_loop())")


def test_no_garbage_is_collected_meanwhile(session):
    session.evaluate("%timeit -n1 -r1 await f(gc.isenabled())").unwrap()
    assert (session.namespace["calls"], gc.isenabled()) == ([False], True)


def test_garbage_is_collected_again_after_an_error(session):
    session.evaluate("%timeit await f(1 / 0)")
    assert gc.isenabled()


@pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio", "curio"])
def test_other_tasks_go_on_between_runs(runner):
    with Session(runner=runner) as session:
        session.run(f"{AIDS}\nimport {'asyncio' if runner == 'uvloop' else runner} as library")
        session.run("async def tick():\n    while True:\n        calls.append('tick')\n        await library.sleep(0)")
        session.command("bg tick()")
        session.evaluate("%timeit -n 2 -r 5 await f('run')").unwrap()
        between = "".join("." if call == "tick" else "r" for call in session.namespace["calls"]).strip(".")
        assert between.count(".") >= 3  # trio takes the tasks of a step in any order


@pytest.mark.parametrize("source", ["await f() / 0", "g() / 0"])
def test_the_traceback_is_that_of_the_statement(session, source):
    tb = session.evaluate(f"%timeit {source}").error.__traceback__
    assert (tb.tb_frame.f_code.co_name, tb.tb_lineno, tb.tb_next) == ("<module>", 1, None)


@pytest.mark.parametrize("source", ["await f(signal.raise_signal(signal.SIGINT))", "g(signal.raise_signal(signal.SIGINT))"])
def test_ctrl_c_stops_it(session, source):
    session.namespace["signal"] = signal
    assert isinstance(session.evaluate(f"%timeit {source}").error, KeyboardInterrupt)
    assert calls(session) <= 1


def test_an_await_is_timed_on_the_loop_of_a_program():
    async def program():
        session = Session({"task": asyncio.current_task(), "asyncio": asyncio, "found": []})
        outcome = await session.aevaluate("%timeit -n1 -r1 found.append(asyncio.current_task()); await asyncio.sleep(0)")
        outcome.unwrap()
        return session.run("found == [task]")

    assert asyncio.run(program())


def test_an_await_inside_a_running_loop_tells_what_helps():
    async def program():
        return Session({"f": asyncio.sleep}).evaluate("%timeit await f(0)").error

    assert isinstance(asyncio.run(program()), RunningLoopError)


def test_a_statement_is_changed_by_plugins(session):
    class Shouts:
        @hookimpl
        def awaitall_source_transformers(self):
            return [str.upper]

    session.run("G = g")
    plugins().manager.register(plugin := Shouts())
    try:
        session.evaluate("%timeit -n1 -r1 g('hey')").unwrap()
    finally:
        plugins().manager.unregister(plugin)
    assert session.namespace["calls"] == ["HEY"]


def test_with_await_switched_off_it_is_an_error(session):
    session.autoawait = False
    assert "outside" in session.evaluate("%timeit await f()").text


def test_imports_from_the_future_stay_in_force(session):
    session.run("from __future__ import annotations")
    session.evaluate("%timeit -n1 -r1 def h(a: unknown): pass").unwrap()


def test_the_compiler_warns_once(session):
    with pytest.warns(SyntaxWarning) as warned:
        session.evaluate("%timeit -n1 -r1 1 is 1")
    assert len(warned) == 1


def test_what_comes_after_two_dashes_is_the_statement(session):
    session.evaluate("%timeit -n1 -r1 -- -g(5)").unwrap()
    assert session.namespace["calls"] == [5]


# -- the result -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def result():
    return TimeitResult(10, [10.0, 30.0], 0.5, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("loops", 10),
        ("repeat", 2),
        ("best", 1.0),
        ("worst", 3.0),
        ("timings", [1.0, 3.0]),
        ("all_runs", [10.0, 30.0]),
        ("average", 2.0),
        ("stdev", 1.0),
        ("compile_time", 0.5),
    ],
)
def test_the_result_has_what_ipythons_has(result, name, value):
    assert getattr(result, name) == value


def test_the_result_is_shown_in_words(result):
    assert repr(result) == "<TimeitResult : 2 s ± 1 s per loop (mean ± std. dev. of 2 runs, 10 loops each)>"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ns"),
        (1.2345e-9, "1.23 ns"),
        (1e-6, "1 μs"),
        (0.0123, "12.3 ms"),
        (1, "1 s"),
        (59.94, "59.9 s"),
        (60, "1min"),
        (93784, "1d 2h 3min 4s"),
    ],
)
def test_a_span_of_time_is_shown_as_ipython_shows_it(seconds, text):
    assert timing._seconds(seconds) == text


def test_the_precision_is_chosen():
    assert str(TimeitResult(1, [1.23456], 0, 5)).startswith("1.2346 s")


def test_a_terminal_without_such_characters_gets_others(result, monkeypatch):
    monkeypatch.setattr(sys, "stdout", open(sys.stdout.fileno(), "w", encoding="ascii", closefd=False))  # noqa: SIM115
    assert "2 s +- 1 s" in str(result)


def test_a_run_that_took_far_longer_is_told(session, capsys, monkeypatch):
    times = [0, 1, 0, 5]
    monkeypatch.setattr(timing, "perf_counter", lambda: times.pop(0) if sys._getframe(1).f_code.co_name == "<module>" else 0)
    session.evaluate("%timeit -n 1 -r 2 pass").unwrap()
    assert capsys.readouterr().out.startswith("The slowest run took 5.00 times as long as the fastest")


# -- prun -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["await f()", "g()"])
def test_where_the_time_goes_is_told(on_each, capsys, source):
    on_each.evaluate(f"%prun {source}").unwrap()
    assert re.search(r"<input-\d+>:\d+\([fg]\)", capsys.readouterr().out)


def test_the_report_is_sorted(session, capsys):
    session.evaluate("%prun -s cumulative g()")
    assert "Ordered by: cumulative time" in capsys.readouterr().out


@pytest.mark.parametrize(("limit", "restriction"), [("1", "<1>"), ("0.5", "<0.5>"), ("eval", "<'eval'>")])
def test_the_report_is_limited(session, capsys, limit, restriction):
    session.evaluate(f"%prun -l {limit} g()")
    assert f"due to restriction {restriction}" in capsys.readouterr().out


def test_the_statistics_are_the_value_on_request(session):
    assert isinstance(session.evaluate("%prun -q -r await f()").unwrap(), pstats.Stats)


def test_the_report_is_saved_as_text(session, capsys, tmp_path):
    session.evaluate(f"%prun -T {tmp_path / 'report'} g()").unwrap()
    assert (tmp_path / "report").read_text() in capsys.readouterr().out


def test_the_statistics_are_saved(session, tmp_path):
    session.evaluate(f"%prun -q -D {tmp_path / 'stats'} g()").unwrap()
    assert any(name == "g" for _, _, name in pstats.Stats(str(tmp_path / "stats")).stats)


def test_a_file_that_cannot_be_written_costs_a_line(session, capsys, tmp_path):
    session.evaluate(f"%prun -q -T {tmp_path} g()").unwrap()
    assert capsys.readouterr().out.startswith("awaitall: -T has saved nothing: ")


@pytest.mark.parametrize("source", ["exit()", "exit(await f())"])
def test_a_program_that_ends_itself_is_profiled(session, capsys, source):
    session.evaluate(f"%prun {source}").unwrap()
    assert "function calls" in capsys.readouterr().out


def test_a_signal_ends_the_shell_all_the_same(session):
    def end():
        raise Termination

    session.namespace["end"] = end
    with pytest.raises(Termination):
        session.evaluate("%prun end()")


# -- bad input --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("time", "What is %time to run? For example: %time f()"),
        ("timeit -n 5", "What is %timeit to run? For example: %timeit f()"),
        ("time 1 +", "1 +: SyntaxError: invalid syntax"),
        ("timeit 1 +", "1 +: SyntaxError: invalid syntax"),
        ("prun 1 +", "1 +: SyntaxError: invalid syntax"),
        ("timeit return", "return: SyntaxError: 'return' outside function"),
        ("timeit -n x f()", "-n takes a whole number, 0 or more, and not 'x'."),
        ("timeit -r 0 f()", "-r takes a whole number, 1 or more, and not '0'."),
        (
            "prun -x f()",
            "%prun: option -x not recognized. Its options are -D, -T, -l, -q, -r, -s; "
            "a statement that begins with - goes after --",
        ),
        (
            "prun -s size f()",
            "-s takes one of calls, ncalls, cumtime, cumulative, filename, line, module, name, nfl, pcalls, stdname, time, "
            "tottime, and not 'size'.",
        ),
    ],
)
def test_bad_input_costs_a_line(session, line, answer):
    assert session.evaluate(f"%{line}").text == f"awaitall: {answer}\n"


# -- in a program -----------------------------------------------------------------------------------------------------------


def test_a_program_gets_the_value_as_text(session):
    assert session.command("time await f(5)") == "5\n"


def test_a_program_gets_the_value_as_text_on_its_loop():
    assert asyncio.run(Session({"f": asyncio.sleep}).acommand("time await f(0, 5)")) == "5\n"


def test_a_program_gets_the_error(session):
    with pytest.raises(ZeroDivisionError):
        session.run_command("time 1 / 0")


def test_a_shell_that_reads_line_by_line_shows_the_value(session, capsys):
    session.evaluate_lines("%time await f(5)")
    assert capsys.readouterr().out.endswith("\n5\n")


def test_the_error_of_showing_is_the_outcome(session):
    session.run("class Mute:\n    def __repr__(self): raise ValueError('no')")
    assert isinstance(session.evaluate_lines("%time Mute()").error, ValueError)


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("%timeit for i in x:", True),
        ("%timeit -n 2 -r1 for i in x:", True),
        ("%timeit -n 2 f(x)", False),
        ("%timeit -n", False),
        ("%timeit -q 1 +", False),
    ],
)
def test_a_block_after_options_goes_on(session, line, more):
    assert (session.evaluate_lines(line) is None) == more


def test_the_options_are_completed(session):
    assert list(session.complete("%timeit -")) == ["-c", "-n", "-o", "-p", "-q", "-r", "-t"]
