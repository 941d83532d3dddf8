"""The sessions of the README, typed into the real shells, and its two commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import shells

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SESSION = re.compile(r"^### (\w+)$.*?^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SESSIONS = dict(SESSION.findall(README))
NUMBER = re.compile(r"<input-\d+>")


def inputs(session):
    """Yield each input of a session and the answer to it."""
    prompt = session[: session.index(" ") + 1]
    for part in re.split(rf"^{re.escape(prompt)}", session, flags=re.MULTILINE)[1:]:
        first, *rest = part.splitlines()
        more = [line for line in rest if line.startswith("...")]
        source = "\n".join([first, *(line[4:] for line in more)]).rstrip("\n")
        yield source, "\n".join(rest[len(more) :])


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_goes_as_shown(name, tmp_path):
    shell = getattr(shells, name.capitalize())(tmp_path)
    try:
        for source, expected in inputs(SESSIONS[name]):
            assert NUMBER.sub("<input>", shell.run(source)) == NUMBER.sub("<input>", expected)
    finally:
        shell.close()


def test_the_session_that_switches_the_runner_goes_as_shown(tmp_path):
    section = README.partition("## Other event loops\n")[2]
    shell = shells.Console(tmp_path)
    try:
        for source, expected in inputs(re.search(r"^```pycon\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[1]):
            assert shell.run(source) == expected
    finally:
        shell.close()


def test_every_shell_has_a_session():
    assert [name.lower() for name in SESSIONS] == ["console", "xonsh", "ptpython", "bpython"]


def test_it_begins_with_the_command_that_runs_it_and_the_command_that_tests_it():
    assert re.findall(r"```sh\n(.*)\n```", README) == [
        'python -m pip install ".[all]" && python -m awaitall',
        "python -m pip install tox-uv && python -m tox",
    ]


@pytest.mark.parametrize("command", re.findall(r"```sh\n(.*)\n```", README))
def test_continuous_integration_runs_the_same_command(command):
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
