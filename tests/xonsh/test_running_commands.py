"""Commands that are awaited, as processes: input, errors, signals, options, and many of them; on asyncio, uvloop and trio."""

from __future__ import annotations

import pytest

from scripts import Scripts

#: Name -> a script, and what it prints on every runner.
SCRIPTS = {
    # -- its input
    "text as input": ("print(await $(sort)(input='b\\na\\n'))", "a\nb\n\n"),
    "bytes as input": ("print(repr(await $(tr a b)(input=b'a')))", "'b'\n"),
    "a list as input": ("print(await $(cat)(input=['a', b'b']))", "ab\n"),
    "an empty input": ("print(repr(await $(cat)(input='')))", "''\n"),
    "much input": ("print(len(await $(cat)(input='x' * 1_000_000)))", "1000000\n"),
    "an async iterable as input": ("print(await $(cat)(input=letters()))", "abc\n"),
    "an async iterable as the input of a loop": ("print([line async for line in !(rev)(input=letters())])", "['cba']\n"),
    "an input that is not read": ("print(repr(await $(true)(input='x' * 1_000_000)))", "''\n"),
    "an async iterable that is not read": ("print(repr(await $(head -c 3)(input=endless())))\nprint(log)", "'yyy'\n['closed']\n"),
    "the lines of another command": (
        "async with !(seq 3) as p:\n    print(await $(tac)(input=p))",
        "3\n2\n1\n\n",
    ),
    "the input of a pipe": ("print(await $(rev | tr a-z A-Z)(input='abc'))", "CBA\n"),
    "the input of a function": (
        "aliases['up'] = lambda args, stdin: stdin.read().upper()\nprint(await $(up | rev)(input='abc'))",
        "CBA\n",
    ),
    "input to the terminal": ("await ![cat](input='direct\\n')", "direct\n"),
    "a dialogue": (
        "async with !(sh -c @('while read x; do echo got $x; done'))(input=True) as p:\n"
        "    for word in 'one', 'two':\n"
        "        await p.write(word + '\\n')\n"
        "        print(await anext(p), end='')\n"
        "    p.write_eof()\n"
        "    print(await p.wait())",
        "got one\ngot two\n0\n",
    ),
    "the end of a dialogue": ("async with !(wc -c)(input=True) as p:\n    await p.write('abc')\n    print((await p).out)", "3\n"),
    "a failing input": (
        "async def bad():\n    yield 'a'\n    1 / 0\ntry:\n    await $(sh -c 'cat; sleep 1000')(input=bad())\n"
        "except ZeroDivisionError:\n    print('raised')",
        "raised\n",
    ),
    # -- the end of a loop
    "a loop over output raises": (
        "try:\n    async for line in $(sh -c 'echo a; exit 3'):\n        print(line, end='')\n"
        "except subprocess.CalledProcessError as exc:\n    print(exc.returncode)",
        "a\n3\n",
    ),
    "a loop over output that may fail": (
        "with ${...}.swap(XONSH_SUBPROC_RAISE_ERROR=False):\n    print([line async for line in $(sh -c 'echo a; exit 3')])",
        "['a\\n']\n",
    ),
    "a loop over a pipeline does not raise": ("print([line async for line in !(sh -c 'echo a; exit 3')])", "['a\\n']\n"),
    "the pipeline after a loop": (
        "async with !(sh -c 'echo a; echo e >&2; exit 3') as p:\n    async for line in p: pass\n"
        "    print(p.returncode, (await p).err, end='')",
        "3 e\n",
    ),
    "what a loop has left": ("async with !(seq 3) as p:\n    await anext(p)\n    print((await p).out)", "2\n3\n\n"),
    "lines after the end": (
        "async with !(seq 2) as p:\n    await p.wait()\n    print([line async for line in p])",
        "['1\\n', '2\\n']\n",
    ),
    # -- lines
    "long lines": ("print([len(line) async for line in !(sh -c @(LONG))])", "[300001, 2, 300001, 1]\n"),
    "lines of bytes that are no text": ("print([line async for line in !(printf @('\\\\377\\\\n'))])", "['\\udcff\\n']\n"),
    "lines with carriage returns": (
        "print([line async for line in !(printf @('a\\\\rb\\\\r\\\\nc'))])",
        "['a\\rb\\r\\n', 'c']\n",
    ),
    "lines of errors": ("async with !(sh -c @(BOTH)) as p:\n    print([line async for line in p.stderr])", "['e\\n', 'f']\n"),
    "lines of both": (
        "async with !(sh -c @(BOTH)) as p:\n    print([line async for line in p.stderr])\n    print([line async for line in p])",
        "['e\\n', 'f']\n['a\\n', 'b']\n",
    ),
    "many lines of both, by two tasks": ("print(await both())", "[30000, 30000]\n"),
    # -- signals
    "its return code while it runs": (
        "async with !(sh -c @('echo; read x; exit 3'))(input=True) as p:\n"
        "    await anext(p)\n    print(p.returncode)\n    p.write_eof()\n    print(await p.wait(), p.returncode)",
        "None\n3 3\n",
    ),
    "killed": ("async with !(sleep 1000) as p:\n    p.kill()\n    print(await p.wait())", "-9\n"),
    "a signal": (
        "async with !(sh -c @('trap \"echo caught; exit 5\" USR1; echo up; while :; do sleep 0.01; done')) as p:\n"
        "    await anext(p)\n    p.send_signal(signal.SIGUSR1)\n    print(await anext(p), await p.wait())",
        "caught\n 5\n",
    ),
    "a system that does not tell by a file": (
        "pidfd_open = os.__dict__.pop('pidfd_open', None)\n"
        "print((await !(sh -c 'exec >&- 2>&-; sleep 0.05; exit 3')).returncode)\n"
        "if pidfd_open:\n    os.pidfd_open = pidfd_open",
        "3\n",
    ),
    "to the terminal for the time of a block": ("async with ![echo direct] as p:\n    print(await p.wait())", "direct\n0\n"),
    # -- options
    "a folder": ("print(await $(pwd)(cwd='/'))", "/\n"),
    "an environment": ("print(await $(sh -c @('echo $A$B'))(env={'A': 1, 'B': 'b'}))", "1b\n"),
    "a variable before the command comes first": ("print(await $($A='2' sh -c @('echo $A'))(env={'A': 1}))", "2\n"),
    "no time limit reached": ("print(await $(echo hi)(timeout=1000))", "hi\n"),
    "a time limit": ("try:\n    await $(sleep 1000)(timeout=0.01)\nexcept TimeoutError as exc:\n    print(exc)", "{late}\n"),
    "a time limit for a loop": (
        "try:\n    async for line in !(sh -c 'echo a; sleep 1000')(timeout=1):\n        print(line, end='')\n"
        "except TimeoutError:\n    print('late')",
        "a\nlate\n",
    ),
    "no grace": (
        "async with !(sh -c @('trap \"\" TERM; echo; while :; do sleep 0.01; done'))(grace=0) as p:\n    await anext(p)\n"
        "print(p.returncode)",
        "-9\n",
    ),
    "options with &&": ("await ![true](timeout=1000) && echo yes", "yes\n"),
    "options of a block of code": (
        "with command_options(cwd='/', env={'A': 'a'}):\n    print(await $(sh -c @('pwd; echo $A')))\nprint(await $(pwd) != '/')",
        "/\na\n\nTrue\n",
    ),
    "options of a task": ("print(await parallel(where, ['/', '/usr'], jobs=2))", "['/', '/usr']\n"),
    "an option that is none": (
        "try:\n    await $(true)(tiemout=3)\nexcept Exception as exc:\n    print(exc)",
        "Commands have no option 'tiemout'; there are: cwd, env, grace, input, pty, timeout.\n",
    ),
    "an option that is none of a block of code": (
        "try:\n    with command_options(pty=True): pass\nexcept Exception as exc:\n    print(exc)",
        "Commands have no option 'pty'; there are: cwd, env, grace, timeout.\n",
    ),
    "what cannot be written to": (
        "try:\n    async with !(true) as p:\n        await p.write('a')\nexcept Exception as exc:\n    print(exc)",
        "The input of this command cannot be written to. Start it with !(cmd)(input=True).\n",
    ),
    # -- a terminal of its own
    "a terminal of its own": ("print(await $(sh -c 'test -t 0 && test -t 1 && test -t 2 && echo yes')(pty=True))", "yes\n"),
    "it is that of the session": ("print(await $(sh -c 'echo yes > /dev/tty')(pty=True))", "yes\n"),
    "it has a size": ("print(await $(stty size)(pty=True))", "24 80\n"),
    "output of a terminal": ("print(repr((await !(sh -c 'echo a; echo b >&2; exit 3')(pty=True)).out))", "'a\\nb\\n'\n"),
    "the status at a terminal": ("print((await !(sh -c 'exit 3')(pty=True)).returncode)", "3\n"),
    "much output of a terminal": ("print(len(await $(seq 100000)(pty=True)))", "588895\n"),
    "nothing is typed": ("print(repr(await $(cat)(pty=True)))", "''\n"),
    "what is typed is not shown": ("print(repr(await $(tr a b)(pty=True, input='a\\n')))", "'b'\n"),
    "what is typed is no whole line": ("print(repr(await $(cat)(pty=True, input='a\\nb')))", "'a\\nb'\n"),
    "much is typed": ("print(len(await $(cat)(pty=True, input='123456789\\n' * 30000)))", "300000\n"),
    "what is typed is not read": ("print(repr(await $(true)(pty=True, input='123456789\\n' * 30000)))", "''\n"),
    "lines at a terminal are not held back": (
        "async with !(python -c @(ANSWERS))(pty=True, input=True) as p:\n    for word in 'one', 'two':\n"
        "        await p.write(word + '\\n')\n        print(await anext(p), end='')\n"
        "    p.write_eof()\n    print(await p.wait())",
        "got one\ngot two\n0\n",
    ),
    "much is typed in a dialogue": (
        "async with !(wc -c)(pty=True, input=True) as p:\n    await p.write('123456789\\n' * 30000)\n    print((await p).out)",
        "300000\n",
    ),
    "a key that interrupts": (
        "async with !(sh -c @('trap \"exit 5\" INT; echo up; read x'))(pty=True, input=True) as p:\n    await anext(p)\n"
        "    await p.write('\\3')\n    print(await p.wait())",
        "5\n",
    ),
    "a loop over lines of a terminal that is left": ("async for line in !(yes)(pty=True):\n    break\nprint('left')", "left\n"),
    "a time limit at a terminal": (
        "try:\n    await $(sleep 1000)(pty=True, timeout=0.01)\nexcept TimeoutError as exc:\n    print(exc)",
        "{late}\n",
    ),
    "killed at a terminal": ("async with !(sleep 1000)(pty=True) as p:\n    p.kill()\n    print(await p.wait())", "-9\n"),
    "a terminal, but for what is redirected": (
        "print((await !(sh -c 'test -t 1 || echo no >&2' > /dev/null)(pty=True)).out)",
        "no\n",
    ),
    "the end of a pipe at a terminal": ("print(await $(echo a | sh -c 'cat; test -t 1 && echo yes')(pty=True))", "a\nyes\n\n"),
    # -- what is remembered
    "a variable that hides another": (
        "for value in (1, True, 2):\n    with ${...}.swap(overlay={'A': value}):\n        print(await $(sh -c @('echo $A')))",
        "1\nTrue\n2\n",
    ),
    "an environment that changes": (
        "for value in (1, True, 2):\n    print(await $(sh -c @('echo $A'))(env={'A': value}))",
        "1\nTrue\n2\n",
    ),
    "a variable that changes its type": (
        "for value in (1, True, 'x'):\n    $A = value\n    print(await $(sh -c @('echo $A')))",
        "1\nTrue\nx\n",
    ),
    "a path that grows": (
        "$SOME_PATH = ['/a']\nfor _ in range(2):\n    print(await $(sh -c @('echo $SOME_PATH')))\n    $SOME_PATH.append('/b')",
        "/a\n/a:/b\n",
    ),
    "a variable that is deleted": (
        "$A = 'x'\nprint(await $(sh -c @('echo $A')))\ndel $A\nprint(repr(await $(sh -c @('echo $A'))))",
        "x\n''\n",
    ),
    "a program that comes, is hidden by another, and goes": (
        "folders = [program(text) for text in ('second', 'first')]\n$PATH.prepend(folders[0])\nprint(await $(greets))\n"
        "$PATH.prepend(folders[1])\nprint(await $(greets))\nos.remove(f'{folders[1]}/greets')\nprint(await $(greets))\n"
        "os.remove(f'{folders[0]}/greets')\nprint((await !(greets)).returncode)\ndel $PATH[:2]",
        "second\nfirst\nsecond\n1\n",
    ),
    "the environment is made as xonsh makes it": (
        "from xonsh.environ import Env, VarPattern\nfrom awaitall_xonsh.awaited_commands.specs import _detype\n"
        "env = ${...}\n$SOME_DIRS, $OTHER = ['/a', '/b'], VarPattern(r'\\w+_DIRS$', 'env_path')\n"
        "with env.swap(A=1, overlay={'B': True}):\n    quick, env._detyped = _detype(env), None\n"
        "    print(quick == env.detype(), quick['SOME_DIRS'], quick['A'], quick['B'])\n"
        "print(hasattr(Env, '_find_var_pattern'))\ndel $OTHER",
        "True /a:/b 1 True\nTrue\n",
    ),
    # -- many
    "results in order": ("print(await parallel(late_first, range(3), jobs=3))", "[0, 1, 2]\n"),
    "no more than so many": ("print(len(await parallel(counted, range(9), jobs=3)), max(running))", "9 3\n"),
    "all stop at the first failure": (
        "try:\n    await parallel(second_fails, range(9), jobs=2)\nexcept subprocess.CalledProcessError:\n    print(begun)",
        "[0, 1]\n",
    ),
    "none": ("print(await parallel(where, [], jobs=3))", "[]\n"),
}

PRELUDE = """
import os, signal, subprocess, tempfile
import anyio
from awaitall_xonsh import command_options, parallel

LONG = "head -c 300000 /dev/zero; echo; echo a; head -c 300000 /dev/zero; echo; printf b"
BOTH = "echo a; echo e >&2; printf b; printf f >&2"
ANSWERS = "import sys\\nfor line in sys.stdin: print('got', line, end='')"
log, running, begun, waiting = [], [0], [], []

def program(text):
    folder = tempfile.mkdtemp(dir=".")
    with open(f"{folder}/greets", "w") as file:
        file.write(f"#!/bin/sh\\necho {text}\\n")
    os.chmod(file.name, 0o755)
    return os.path.abspath(folder)

async def letters():
    for letter in "abc":
        yield letter

async def endless():
    try:
        while True:
            yield "y" * 1000
    finally:
        log.append("closed")

async def count(lines):
    return len([line async for line in lines])

async def both():
    async with !(sh -c "seq 30000 >&2 & seq 30000; wait") as p:
        return await parallel(count, [p, p.stderr], jobs=2)

async def where(folder):
    with command_options(cwd=folder):
        return await $(pwd)

async def late_first(number):
    while number < 2 and number + 1 not in log:
        await anyio.sleep(0.001)
    log.append(number)
    return int(await $(echo @(number)))

async def counted(number):
    waiting.append(number)
    running.append(len(waiting))
    await $(true)
    waiting.remove(number)

async def second_fails(number):
    begun.append(number)
    if number == 1:
        await $(false)
    await $(sleep 1000)
"""


@pytest.fixture(params=["asyncio", "uvloop", "trio"], scope="class")
def runner(request):
    pytest.importorskip(request.param)
    return request.param


@pytest.fixture(scope="class")
def printed(tmp_path_factory, runner):
    """What each of the scripts has printed, run one after the other in one process."""
    scripts = Scripts(tmp_path_factory.mktemp("scripts"))
    return scripts.run_all(PRELUDE, SCRIPTS, XONTRIB_AWAITALL_RUNNER=runner, PYTHONWARNINGS="error")


class TestRunningCommands:
    @pytest.mark.parametrize("name", SCRIPTS)
    def test_it_works(self, printed, name):
        assert printed[name] == SCRIPTS[name][1].replace("{late}", "sleep 1000 has not ended within 0.01 seconds.")


class TestMemory:
    @pytest.mark.parametrize("output", ["", ">&2"], ids=["output", "errors"])
    def test_a_loop_keeps_nothing_of_what_is_given_and_little_of_the_rest(self, script, output):
        line = "y" * 99
        text = (
            "import resource\ndef memory(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\nawait $(true)\n"
            f"before = memory()\nasync for line in !(sh -c 'yes {line} | head -c 100000000 {output}'): pass\n"
            "print(memory() - before)"
        )
        assert float(script(text)) < 20  # MiB
