"""Aliases that are coroutine functions: in scripts, and at real terminals, where Ctrl-C cancels them."""

from __future__ import annotations

import pytest

from shells import Xonsh, XonshReadline

ALIASES = """
@aliases.register
async def _fetch(args, stdin=None, stdout=None, stderr=None):
    await asyncio.sleep(0.01)
    print('fetched', *args, file=stdout)
    return 3 if 'no' in args else 0

@aliases.register
async def _up(args, stdin):
    await asyncio.sleep(0.01)
    return stdin.read().upper()
"""

#: Name -> a script, and what it prints.
SCRIPTS = {
    "alone": ("fetch a b", "fetched a b\n"),
    "twice": ("fetch a\nfetch b", "fetched a\nfetched b\n"),
    "captured": ("print(repr($(fetch a)))", "'fetched a'\n"),
    "its object": ("p = !(fetch a)\nprint(p.out, p.rtn)", "fetched a 0\n"),
    "hidden": ("p = ![fetch a]\nprint(p.rtn)", "fetched a\n0\n"),
    "its status": ("print(!(fetch no).rtn)", "3\n"),
    "a failure": ("fetch no || echo failed", "fetched no\nfailed\n"),
    "into a pipe": ("fetch a | tr a-z A-Z", "FETCHED A\n"),
    "out of a pipe": ("echo abc | up", "ABC\n"),
    "between pipes": ("echo abc | up | rev", "CBA\n"),
    "one into another": ("fetch a | up", "FETCHED A\n"),
    "into a file": ("fetch a > out.txt\nprint(open('out.txt').read())", "fetched a\n\n"),
    "given by value": ("async def g(args):\n    return 'given'\n@(g) a", "given"),
    "with arguments of its own": ("aliases['fa'] = 'fetch a'\nfa b", "fetched a b\n"),
    "where code awaits": ("await f()\nfetch a\nx = await f($(fetch b))\nprint(x)", "fetched a\nfetched b\n"),
    "inside what awaits": ("async with cm():\n    fetch a", "fetched a\nclosed\n"),
    "with context variables of its own": (
        "import contextvars\nv = contextvars.ContextVar('v')\nasync def _s(args):\n    v.set(1)\naliases['s'] = _s\ns\n"
        "print(v.get('unset'))",
        "unset\n",
    ),
    "on the main thread and its loop": (
        "from xonsh.tools import unthreadable\nloop = await f() or asyncio.get_running_loop()\n@aliases.register\n@unthreadable\n"
        "async def _same(args):\n    print(asyncio.get_running_loop() is loop)\nsame",
        "True\n",
    ),
}

#: Inputs in which an alias waits for ever.
WAITING = ["nap", "$(nap)", "nap | cat", "cat /dev/null | nap", "r = !(nap); r.end()", "await ![nap]", "f'{$(nap)}'"]

NAP = """
@aliases.register
async def _nap(args):
    import sys
    try:
        print('nap' + 'ping', file=sys.__stderr__, flush=True)
        await pause(1000)
    finally:
        print('woken' + ' up', file=sys.__stderr__, flush=True)
"""


#: One that says nothing, as the prompt would be painted over it.
QUIET = """
@aliases.register
async def _quiet(args):
    try:
        began.append(True)
        await pause(1000)
    finally:
        began.clear()
"""


class TestScripts:
    @pytest.mark.parametrize("name", SCRIPTS)
    def test_it_is_run(self, script, name):
        text, expected = SCRIPTS[name]
        assert script(ALIASES + text) == expected

    def test_it_runs_on_the_runner_of_the_script(self, script):
        text = (
            "import trio\nasync def _g(args):\n    await trio.sleep(0)\n    print('trio')\naliases['g'] = _g\nautoawait trio\ng"
        )
        assert script(text) == "trio\n"

    def test_one_that_raises_is_told_as_one_that_does_not_await(self, script):
        texts = [f"{word}def _g(args):\n    raise ValueError('boom')\naliases['g'] = _g\ng" for word in ("async ", "")]
        ends = [script.run(script.write("script.xsh", text)) for text in texts]
        assert len({(done.returncode, done.stdout) for done in ends}) == 1
        assert all("\nValueError: boom\n" in done.stderr for done in ends)

    def test_ctrl_c_cancels_the_second_at_once_after_the_first(self, script):
        text = (
            "import os, signal\nwoken = []\n@aliases.register\nasync def _struck(args):\n"
            "    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)\n"
            "    try:\n        await pause(1000)\n    finally:\n        woken.append(True)\n"
            "for _ in range(3):\n    try:\n        struck\n    except (Exception, KeyboardInterrupt):\n        pass\n"
            "    print(len(woken))"
        )
        assert script(text) == "1\n2\n3\n"

    def test_one_of_the_main_thread_inside_what_awaits_says_what_is_wrong(self, script):
        text = "@aliases.register\n@unthreadable\nasync def _g(args): pass\nasync with cm():\n    g\n"
        done = script.run(script.write("script.xsh", f"from aids import *\nfrom xonsh.tools import unthreadable\n{text}"))
        assert "RunningLoopError" in done.stderr
        assert "never awaited" not in done.stderr


@pytest.fixture(scope="class", params=["asyncio", "trio"])
def napping(new_shell, request):
    """A shell with an alias that waits for ever."""
    with new_shell() as shell:
        shell.command(f"autoawait {request.param}")
        shell.run(NAP.strip())
        yield shell


class Terminals:
    @pytest.mark.parametrize("source", WAITING)
    def test_ctrl_c_cancels_it(self, napping, source):
        woken = napping.terminal.text().count("woken up")
        count = napping.terminal.text().count("napping")
        napping.submit(source)
        napping.terminal.wait_for(lambda text: text.count("napping") > count)
        if source.startswith("cat"):  # as long as the terminal is that of the process that has ended, Ctrl-C is nobody's
            napping.terminal.wait_for(lambda _: napping.terminal.is_with_the_program())
        napping.terminal.key("c")
        napping.terminal.wait_for(lambda text: text.count("woken up") > woken)
        napping.wait_for_prompt()
        assert napping.run("import signal; signal.getsignal(signal.SIGINT).__name__") == "'default_int_handler'"

    def test_in_the_background_it_leaves_ctrl_c_to_the_prompt(self, napping):
        napping.run("began = []")
        napping.run(QUIET.strip())
        napping.run("quiet &")
        napping.run("while not began: __import__('time').sleep(0.01)")
        napping.terminal.type("given up")
        napping.wait_for_echo("given up")
        napping.terminal.key("c")
        napping.wait_for_prompt()
        assert napping.run("began") == "[True]"

    def test_leaving_ends_one_in_the_background(self, fresh):
        fresh.run("began = []")
        fresh.run(QUIET.strip())
        fresh.run("quiet &")
        fresh.run("while not began: __import__('time').sleep(0.01)")
        assert fresh.leave() == 0


class TestXonsh(Terminals):
    shell_class = Xonsh


class TestXonshReadline(Terminals):
    shell_class = XonshReadline
