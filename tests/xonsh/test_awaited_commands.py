"""Commands that are awaited: in scripts on asyncio, uvloop and trio, and at prompts."""

from __future__ import annotations

import json
import re

import pytest

from scripts import Scripts
from shells import Xonsh, XonshReadline

#: Name -> a script, and what it prints on every runner.
SCRIPTS = {
    "its output": ("print(await $(echo a b))", "a b\n"),
    "lines of output": ("print(repr(await $(printf @('a\\nb\\n'))))", "'a\\nb\\n'\n"),
    "output as a list": ("$XONSH_SUBPROC_OUTPUT_FORMAT = 'list_lines'\nprint(await $(printf @('a\\nb\\n')))", "['a', 'b']\n"),
    "much output": ("print(len(await $(head -c 1000000 /dev/zero)))", "1000000\n"),
    "what it writes to the terminal": ("await ![echo direct]", "direct\n"),
    "uncaptured": ("print(await $[echo direct])", "direct\nNone\n"),
    "a pipeline": ("p = await !(sh -c 'echo out; echo err >&2; exit 3')\nprint(p.rtn, p.out, p.err)", "3 out err\n\n"),
    "of the type that xonsh has": ("p = await !(true)\nprint(type(p).__name__, bool(p))", "CommandPipeline True\n"),
    "a pipe": ("print(await $(echo abc | tr a-z A-Z | rev))", "CBA\n"),
    "a pipe whose end is not interested": ("print(await $(yes | head -1))", "y\n"),
    "input from a file": ("await ![echo abc > in.txt]\nprint(await $(tr a-z A-Z < in.txt))", "ABC\n"),
    "appended to a file": ("await ![echo a > out.txt]\nawait ![echo b >> out.txt]\nprint(open('out.txt').read())", "a\nb\n\n"),
    "errors into the output": ("print(await $(sh -c 'echo err >&2' e>o))", "err\n"),
    "errors into a pipe": ("print(await $(sh -c 'echo err >&2' e>p | tr a-z A-Z))", "ERR\n"),
    "a value of Python": ("print(await $(echo @(1 + 1) @(['a', 'b'])))", "2 a b\n"),
    "a value that is awaited": ("async def one():\n    return 1\nprint(await $(echo @(await one())))", "1\n"),
    "an environment variable": ("$GREETING = 'hi'\nprint(await $(sh -c @('echo $GREETING')))", "hi\n"),
    "a variable for one command": ("print(await $($GREETING='hi' sh -c @('echo $GREETING')))", "hi\n"),
    "an alias": ("aliases['hey'] = 'echo hey'\nprint(await $(hey you))", "hey you\n"),
    "an alias that is a function": ("aliases['hey'] = lambda args: f'hey {args[0]}'\nprint(await $(hey you))", "hey you\n"),
    "a function in a pipe": (
        "def _up(args, stdin):\n    return stdin.read().upper()\naliases['up'] = _up\nprint(await $(echo abc | up | rev))",
        "CBA\n",
    ),
    "an async alias": ("async def _hey(args):\n    return 'hey'\naliases['hey'] = _hey\nprint(await $(hey))", "hey\n"),
    "an alias that takes the place of the caller": (
        "def _who(args, stdin, stdout, stderr, spec, stack):\n    return stack[0][0].f_code.co_name\naliases['who'] = _who\n"
        "async def caller():\n    return await $(who)\nprint(await caller())",
        "caller\n",
    ),
    "an alias of the main thread": ("await ![cd /]\nprint($PWD)", "/\n"),
    "the status of an alias": ("aliases['three'] = lambda: (None, None, 3)\nprint((await !(three)).rtn)", "3\n"),
    "and": ("await ![true] && echo yes", "yes\n"),
    "or": ("await ![false] || echo no", "no\n"),
    "or, of output": ("print(await $(echo '') || await $(echo no))", "no\n"),
    "a loop over its lines": ("async for line in !(printf @('a\\nb')):\n    print(repr(line))", "'a\\n'\n'b'\n"),
    "a comprehension": ("print([line async for line in !(seq 3)])", "['1\\n', '2\\n', '3\\n']\n"),
    "a loop that is left": ("async for line in !(yes):\n    break\nprint('left')", "left\n"),
    "a block": ("async with !(yes) as p:\n    print(await anext(p), end='')\nprint(p.returncode)", "y\n-15\n"),
    "in an async function": ("async def g(x):\n    return await $(echo @(x))\nprint(await g('hi'))", "hi\n"),
    "empty input at a terminal only": ("print(await $(cat))", "\n"),
    "the last status": ("p = await !(false)\nprint(__xonsh__.lastcmd is p)", "True\n"),
}

GATHER = """
import time
async def nap():
    begun.append(await ![sh -c 'echo up >> up; while [ $(wc -l < up) -lt 10 ]; do sleep 0.01; done'])
begun = []
"""

CONCURRENT = {
    "asyncio": "await asyncio.gather(*[nap() for _ in range(10)])",
    "uvloop": "async with asyncio.TaskGroup() as group:\n    for _ in range(10): group.create_task(nap())",
    "trio": "async with trio.open_nursery() as nursery:\n    for _ in range(10): nursery.start_soon(nap)",
}

TIMEOUT = {
    "asyncio": "try:\n    async with asyncio.timeout(0.2): {}\nexcept TimeoutError:\n    print('too late')",
    "uvloop": "try:\n    async with asyncio.timeout(0.2): {}\nexcept TimeoutError:\n    print('too late')",
    "trio": "with trio.move_on_after(0.2): {}\nprint('too late')",
}


#: Runs the scripts that it finds in a file, and tells what each has printed.
RUN_ALL = """
import json, os, sys
import asyncio, aids, trio
for number, text in enumerate(json.load(open('scripts.json'))):
    print(f'== {number}', flush=True)
    with ${...}.swap(XONSH_SUBPROC_OUTPUT_FORMAT='stream_lines'):
        here = os.getcwd()
        execx(text, 'exec', {**vars(aids), 'asyncio': asyncio, 'trio': trio})
        sys.stdout.flush()
        os.chdir(here)
"""


@pytest.fixture(params=["asyncio", "uvloop", "trio"], scope="class")
def runner(request):
    pytest.importorskip(request.param)
    return request.param


@pytest.fixture(scope="class")
def printed(tmp_path_factory, runner):
    """What each of the scripts has printed, run one after the other in one process."""
    script = Scripts(tmp_path_factory.mktemp("scripts"))
    script.write("scripts.json", json.dumps([text for text, _ in SCRIPTS.values()]))
    done = script.run(script.write("all.xsh", RUN_ALL), XONTRIB_AWAITALL_RUNNER=runner)
    assert (done.returncode, done.stderr) == (0, "")
    return dict(zip(SCRIPTS, re.split(r"== \d+\n", done.stdout)[1:], strict=True))


class TestAwaitedCommands:
    @pytest.mark.parametrize("name", SCRIPTS)
    def test_it_gives_what_the_command_gives(self, printed, name):
        assert printed[name] == SCRIPTS[name][1]

    def test_ten_run_at_the_same_time(self, script, runner):
        # None of them ends before all have begun.
        text = f"import trio\n{GATHER}\n{CONCURRENT[runner]}\nprint(len(begun))"
        assert script(text, XONTRIB_AWAITALL_RUNNER=runner) == "10\n"

    @pytest.mark.parametrize("command", ["![sleep 1000]", "$(sleep 1000 | cat)", "!(sh -c 'sleep 1000 & wait')"])
    def test_a_timeout_ends_it(self, script, runner, command):
        text = f"import trio\n{TIMEOUT[runner].format(f'await {command}')}"
        assert script(text, XONTRIB_AWAITALL_RUNNER=runner) == "too late\n"

    def test_a_timeout_ends_what_does_not_want_to(self, script, runner):
        command = "sh -c @('trap \"\" TERM; while true; do sleep 0.1; done')"
        text = f"import trio\n{TIMEOUT[runner].format(f'await ![{command}]')}"
        assert script(text, XONTRIB_AWAITALL_RUNNER=runner) == "too late\n"

    def test_other_tasks_go_on_meanwhile(self, script):
        text = "async def answers():\n    open('there', 'w').close()\ntask = asyncio.create_task(answers())\n"
        assert script(f"{text}await ![sh -c 'while [ ! -e there ]; do sleep 0.01; done']\nprint('end')") == "end\n"

    def test_it_can_be_terminated(self, script):
        done = script.run(
            script.write("script.xsh", "async with !(sleep 1000) as p:\n    p.terminate()\n    print((await p).rtn)\n")
        )
        assert (done.stdout, done.stderr) == ("-15\n", "Terminated\n")

    def test_input_is_that_of_the_shell_if_it_is_no_terminal(self, script):
        path = script.write("script.xsh", "print(await $(cat))\n")
        assert script.run(path, input="from a pipe").stdout == "from a pipe\n"

    def test_the_background_is_refused(self, script):
        done = script.run(script.write("script.xsh", "await !(sleep 1 &)\n"))
        assert "UsageError: A command that is awaited cannot go on in the background" in done.stderr

    def test_other_loops_are_refused(self, script):
        done = script.run(script.write("script.xsh", "await ![true]\n"), XONTRIB_AWAITALL_RUNNER="sync")
        assert "UnsupportedError: Commands can be awaited on asyncio, uvloop and trio only" in done.stderr

    def test_without_await_it_is_what_it_was(self, script):
        assert script("async def g():\n    return $(echo hi)\nprint(await g())") == "hi\n"


class Inputs:
    """At a prompt, where they have to leave the terminal alone."""

    def test_it_is_shown_as_ever(self, shell):
        assert shell.run("await $(echo hi)") == "'hi'"
        assert shell.run("await ![echo hi]") == "hi"

    def test_a_name_that_is_bound_by_it_is_known(self, shell):
        shell.run("there = await $(echo hi)")
        assert shell.run("echo @(there)") == "hi"

    def test_its_input_is_empty(self, shell):
        assert shell.run("await $(cat)") == "''"

    def test_what_fails_for_want_of_the_terminal_gets_a_hint_once(self, shell):
        hint = "awaitall: If top wants the terminal, leave out the await"
        shell.run("def top(): open('top', 'w').write('#!/bin/sh\\nexit 1'); __import__('os').chmod('top', 0o755)")
        shell.run("top(); $PATH.insert(0, $PWD); $XONSH_SUBPROC_RAISE_ERROR = False")
        assert hint in shell.run("await ![top]")
        assert hint not in shell.run("await ![top]")

    def test_the_terminal_is_put_right_after_an_editor(self, shell):
        shell.run("await ![sh -c 'stty raw <&2']")
        assert shell.run("'-opost' in $(stty -a)") == "False"

    def test_what_has_an_input_of_its_own_gets_no_hint(self, shell):
        assert "awaitall:" not in shell.run("await ![cat /no/such/file](input='a')")

    def test_ctrl_c_ends_it(self, shell):
        shell.submit("await ![sh -c 'echo at it; exec sleep 1000']")
        shell.terminal.wait_for(r"(?m)^at it")
        shell.terminal.key("c")
        shell.wait_for_prompt()
        assert shell.run("await f('alive')") == "'alive'"
        assert shell.run("'sleep' in $(ps -o args= --ppid @(__import__('os').getpid()))") == "False"

    def test_ctrl_c_ends_many(self, shell):
        shell.run("from awaitall_xonsh import parallel")
        shell.run("async def nap(n): await ![sh -c @(f'echo at {n}; exec sleep 1000')]")
        shell.submit("await parallel(nap, range(3), jobs=3)")
        for number in range(3):
            shell.terminal.wait_for(rf"(?m)^at {number}")
        shell.terminal.key("c")
        shell.wait_for_prompt()
        assert shell.run("'sleep' in $(ps -o args= --ppid @(__import__('os').getpid()))") == "False"

    def test_a_terminal_of_its_own_is_as_large_as_that_of_the_shell(self, shell):
        assert shell.run("await $(stty size)(pty=True) == $(stty size).strip()") == "True"

    def test_ctrl_c_ends_what_has_a_terminal_of_its_own(self, shell):
        shell.submit("async for line in !(sh -c 'echo at its own; exec sleep 1000')(pty=True): print(line)")
        shell.terminal.wait_for(r"(?m)^at its own")
        shell.terminal.key("c")
        shell.wait_for_prompt()
        assert shell.run("await $(echo)(pty=True)") == "''"
        assert shell.run("'sleep' in $(ps -o args= --ppid @(__import__('os').getpid()))") == "False"

    def test_it_goes_on_at_the_prompt(self, shell):
        shell.run("%bg -q async for line in !(seq 3): print('line', line, end='')")
        shell.terminal.wait_for(r"(?m)^line 3$")


class TestXonsh(Inputs):
    shell_class = Xonsh


class TestXonshReadline(Inputs):
    shell_class = XonshReadline
