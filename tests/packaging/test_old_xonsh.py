"""Beside a xonsh that is too old: one line, and the shell goes on without us."""

from __future__ import annotations

PINS = ("xonsh[ptk]==0.22.*",)


def test_loading_costs_one_line_and_the_shell_goes_on(environment):
    result = environment.run("xonsh", "--no-rc", "-c", "xontrib load awaitall; echo alive")
    (line,) = result.stderr.splitlines()
    assert line.startswith("awaitall: this is xonsh 0.22.")
    assert line.endswith("pip install -U xonsh")
    assert (result.stdout, result.returncode) == ("alive\n", 0)


def test_unloading_says_nothing(environment):
    result = environment.run("xonsh", "--no-rc", "-c", "xontrib load awaitall; xontrib unload awaitall; echo alive")
    assert (result.stdout, len(result.stderr.splitlines())) == ("alive\n", 1)


def test_the_doctor_tells_what_to_do(environment):
    result = environment.run("awaitall", "doctor")
    assert result.returncode == 1
    assert "too old, >=0.23,<0.26 is needed: pip install -U 'awaitall[xonsh]'\n" in result.stdout
