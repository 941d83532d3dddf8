"""Await in all that xonsh runs besides what is typed at its prompt; each as a process."""

from __future__ import annotations

import signal

import pytest

from awaitall.testing.shell_fixtures import without_folders

#: Name -> a script that awaits, and what it prints.
SCRIPTS = {
    "await": ("print(await f(1))", "1\n"),
    "a block": ("async with cm() as c:\n    print(c)", "5\nclosed\n"),
    "a loop": ("async for i in agen():\n    print(i)", "0\n1\n"),
    "a comprehension": ("print([i async for i in agen()])", "[0, 1]\n"),
    "asyncio.run between": ("print(await f(1))\nprint(asyncio.run(f(2)))\nprint(await f(3))", "1\n2\n3\n"),
    "a task made between": ("t = asyncio.create_task(f(4))\nprint(await t)", "4\n"),
    "another runner from the middle on": ("await f()\nautoawait trio\nimport trio\nprint(await trio.sleep(0))", "None\n"),
    "a name bound by await": ("x = await f(5)\ndef g():\n    return x\nprint(g())", "5\n"),
    "a bare string in the middle": ("__doc__ = 1\nawait f()\n'no docstring'\nprint(__doc__)", "1\n"),
    "a command between": ("await f()\necho hi\nawait f()", "hi\n"),
    "a captured command": ("print(await f($(echo hi)))", "hi\n"),
    "a command's object": ("print((await f(!(echo hi))).out)", "hi\n"),
    "a value in a command": ("echo @(await f('x')) b", "x b\n"),
    "a variable": ("$GREETING = await f('hi')\necho $GREETING", "hi\n"),
    "a swapped variable": ("with ${...}.swap(A='1'):\n    print(await f($A))", "1\n"),
    "a macro": ("echo! await  f(1)", "await  f(1)\n"),
    "and": ("await f(1) && echo yes", "yes\n"),
    "or": ("await f(0) || echo no", "no\n"),
    "a pipe": ("echo @(await f('abc')) | tr a-z A-Z", "ABC\n"),
    "a failure that is allowed": ("$XONSH_SUBPROC_RAISE_ERROR = False\nawait f()\nfalse\nprint('on')", "on\n"),
    "a context variable": (
        "import contextvars\nv = contextvars.ContextVar('v')\nasync def s():\n    v.set(1)\nawait s()\nprint(v.get())",
        "1\n",
    ),
    "evalx": ("print(evalx('await f(6)', globals()))", "6\n"),
    "execx": ("execx('await f()\\nprint(7)', glbs=globals())", "7\n"),
    "compilex": ("exec(compilex('await f()\\nprint(8)', mode='exec'))", "8\n"),
    "an alias made of a string": ("aliases['a'] = 'echo @(await f(9)) ; echo 10'\na", "9\n10\n"),
}

#: A statement that awaits, and one that does the same without.
FAILURES = {
    "an error": ("await boom()", "raise ValueError('boom')"),
    "an exit": ("await leaves()", "raise SystemExit(3)"),
    "the alias exit": ("await f()\nexit 5", "exit 5"),
    "a syntax error": ("await f()\nreturn 5", "f()\nreturn 5"),
    "a command that fails": ("await ![false]", "![false]"),
    "a bare command that fails": ("await f()\nfalse", "false"),
    "a captured command that fails": ("x = await $(false)", "x = $(false)"),
    "an uncaptured command that fails": ("await $[sh -c 'exit 3']", "$[sh -c 'exit 3']"),
    "a command that fails where it is tested": ("if not await ![false]: print('no')", "if not ![false]: print('no')"),
    "a failure that is allowed": (
        "$XONSH_SUBPROC_RAISE_ERROR = False\nawait ![false]",
        "$XONSH_SUBPROC_RAISE_ERROR = False\n![false]",
    ),
    "a command that is not found": ("await $(no-such-command)", "$(no-such-command)"),
    "a command that is killed": ("await ![sh -c @('kill -9 $$')]", "![sh -c @('kill -9 $$')]"),
    "an alias that raises": ("aliases['a'] = lambda: 1 / 0\nawait ![a]", "aliases['a'] = lambda: 1 / 0\n![a]"),
}


class TestScripts:
    @pytest.mark.parametrize("name", SCRIPTS)
    def test_it_awaits(self, script, name):
        text, expected = SCRIPTS[name]
        assert script(text) == expected

    def test_a_future_import_is_in_force_in_all_of_the_script(self, script):
        lines = "from aids import *", "await f()", "def g(a: unknown): pass", "print(g.__annotations__)"
        path = script.write("script.xsh", "\n".join(["from __future__ import annotations", *lines]))
        assert script.run(path).stdout == "{'a': 'unknown'}\n"

    def test_a_docstring_is_one(self, script):
        path = script.write("script.xsh", '"""What it is for."""\nfrom aids import *\nprint(await f(__doc__))\n')
        assert script.run(path).stdout == "What it is for.\n"

    def test_a_text_given_by_c_is_run_statement_by_statement(self, script):
        done = script.run(
            "-c", "import asyncio\nawait asyncio.sleep(0)\nasyncio.run(asyncio.sleep(0))\nautoawait trio\nautoawait"
        )
        assert "`trio`" in done.stdout

    def test_a_text_on_standard_input(self, script):
        done = script.run(input="import asyncio\nprint(await asyncio.sleep(0, 'slept'))\n")
        assert (done.returncode, done.stdout) == (0, "slept\n")

    def test_a_script_that_is_sourced(self, script):
        script.write("other.xsh", "print(await f('other'))\n")
        assert script("await f()\nsource other.xsh\nprint(await f('this'))") == "other\nthis\n"

    def test_a_module_that_is_imported(self, script):
        script.write("amodule.xsh", "import asyncio\nvalue = await asyncio.sleep(0, 'imported')\n")
        assert script("import amodule\nprint(amodule.value)") == "imported\n"

    def test_files_of_plain_python_stay_so(self, script):
        done = script.run(script.write("plain.py", "import asyncio\nawait asyncio.sleep(0)\n"))
        assert "SyntaxError: 'await' outside function" in done.stderr

    def test_nothing_of_a_script_with_a_syntax_error_runs(self, script):
        done = script.run(script.write("script.xsh", "print('ran')\nawait f()\nreturn 5\n"))
        assert (done.returncode, done.stdout) == (1, "")
        assert "return 5\n" in done.stderr

    def test_a_traceback_is_the_users(self, script):
        path = script.write("script.xsh", "from aids import *\n\nawait boom()\n")
        done = script.run(path, XONSH_SHOW_TRACEBACK="1")
        assert f'  File "{path}", line 3, in <module>\n    await boom()\n' in done.stderr
        assert "awaitall" not in without_folders(done.stderr)

    def test_an_await_inside_an_await_says_what_is_wrong(self, script):
        script.write("other.xsh", "await f()\n")
        done = script.run(script.write("script.xsh", "from aids import *\nasync def g():\n    source other.xsh\nawait g()\n"))
        assert done.returncode == 1
        assert "RunningLoopError" in done.stderr

    def test_code_without_await_sees_no_loop(self, script):
        assert script("print(refuses())") == "works\n"

    @pytest.mark.parametrize("name", FAILURES)
    def test_it_fails_as_it_does_without_await(self, script, name):
        awaiting, plain = script.both(*FAILURES[name])
        assert awaiting == plain

    def test_exit_in_an_awaited_command_ends_the_script(self, script):
        done = script.run(script.write("script.xsh", "await ![exit 5]\nprint('after')\n"))
        assert (done.returncode, done.stdout.strip(), done.stderr) == (5, "", "")


class TestSignals:
    @pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=lambda signum: signum.name)
    @pytest.mark.parametrize("way", ["script", "-c"])
    @pytest.mark.parametrize("waiting", ["asyncio.sleep(1000)", "![sleep 1000]", "$(sleep 1000)"])
    def test_a_signal_ends_it_as_it_does_without_await(self, script, signum, way, waiting):
        awaiting = self.interrupted(script, signum, way, f"await {waiting}")
        # A signal that comes just before a call is handled after it, so no call may take long.
        plain = self.interrupted(script, signum, way, "while True:\n    time.sleep(0.01)")
        assert awaiting == plain

    def interrupted(self, script, signum, way, statement):
        # All is imported by then: Python loses exceptions that signals raise in the callbacks of the import system. And it warns
        # of a coroutine that a signal has kept from being run.
        text = f"import asyncio, time\nawait ![true]\nprint('at it', flush=True)\n{statement}\nprint('after')\n"
        arguments = ("-c", text) if way == "-c" else (script.write("script.xsh", text),)
        process = script.start(*arguments, PYTHONWARNINGS="ignore")
        assert process.stdout.readline() == "at it\n"
        process.send_signal(signum)
        stdout, stderr = process.communicate()
        return process.returncode, stdout, stderr

    def test_tasks_are_ended_with_the_script(self, script):
        assert script("t = asyncio.create_task(slow())\nawait f()\nprint('end')") == "waiting\nend\ncancelled\ncleaned up\n"


class TestRunControl:
    def test_a_later_file_can_await(self, script):
        script.write("rc.d/00-awaitall.xsh", "xontrib load awaitall\nautoawait trio\n")
        script.write("rc.d/10-mine.xsh", "import trio\n$GREETING = await $(echo hi)\nawait trio.sleep(0)\n")
        done = script.run("--rc", str(script.folder / "rc.d"), "-c", "autoawait; await trio.sleep(0); echo $GREETING")
        assert (done.returncode, done.stdout, done.stderr) == (0, "autoawait is `On`, and set to use `trio`\nhi\n", "")

    def test_a_file_that_is_sourced_can_await(self, script):
        script.write("other.xsh", "import asyncio\n$GREETING = await asyncio.sleep(0, 'hi')\n")
        rc = script.write("rc.xsh", "xontrib load awaitall\nsource other.xsh\n")
        assert script.run("--rc", rc, "-c", "echo $GREETING").stdout == "hi\n"


class TestBytecodeCache:
    """What xonsh stores of a script means the same to a xonsh with and one without awaitall."""

    PLAIN = "--no-rc"

    def test_a_stored_script_awaits(self, script):
        path = script.write("script.xsh", "from aids import *\nprint(await f(1), await $(echo hi))\n")
        assert [script.run(path).stdout for _ in range(2)] == ["1 hi\n"] * 2
        assert self.stored(script)

    @pytest.mark.parametrize("first", ["with", "without"])
    def test_a_name_is_awaited_with_and_a_command_without(self, script, first):
        path = script.write("script.xsh", "await nope\n")
        orders = {"with": [(), (self.PLAIN,)], "without": [(self.PLAIN,), ()]}[first]
        seen = {options: script.run(*options, path).stderr for options in [*orders, *orders]}
        assert "NameError: name 'nope'" in seen[()]
        assert "command not found: 'await'" in seen[self.PLAIN,]

    def test_a_script_that_awaits_is_refused_without(self, script):
        path = script.write("script.xsh", "from aids import *\nprint(await f(1))\n")
        script.run(path)
        assert "SyntaxError: 'await' outside function" in script.run(self.PLAIN, path).stderr

    def test_a_script_that_awaits_is_refused_while_await_is_off(self, script):
        path = script.write("script.xsh", "from aids import *\nprint(await f(1))\n")
        script.run(path)
        assert "SyntaxError: 'await' outside function" in script.run(path, XONTRIB_AWAITALL_AUTOAWAIT="0").stderr

    def stored(self, script):
        return [path.name for path in script.folder.rglob("*awaitall*") if path.is_file()]
