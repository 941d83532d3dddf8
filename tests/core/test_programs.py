"""Programs run as ``python FILE`` runs them, and await: each is compared with what ``python`` makes of it, side by side."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile

import pytest

from awaitall.system import TERMINATIONS
from awaitall.testing import Terminal
from awaitall.testing.shell_fixtures import without_folders

from libraries import library_of
from shells import need
from signalled import Signalled

PYTHON = [sys.executable]
OURS = [sys.executable, "-m", "awaitall"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def run(folder):
    def run(command, *arguments, input=None, options=(), **environment):
        done = subprocess.run(
            [command[0], *options, *command[1:], *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def write(folder):
    def write(name, text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    return write


#: What a program may do that ends it, and what it may look at.
PROGRAMS = {
    "its surroundings": "import os, sys; print(sys.argv, sys.path[0] or os.getcwd(), __name__, sorted(globals()), __doc__)\n"
    "print(__package__, __spec__)",
    "its file": "print(__file__, __builtins__, type(__loader__).__name__)",
    "itself by import": "import __main__; x = 5; print(__main__.x, __main__.__dict__ is globals())",
    "docstring": '"""Doc."""\nprint(__doc__)',
    "annotations": "x: int = 1\ny: str\nprint(__annotations__)",
    "future": "from __future__ import annotations\nx: nowhere = 1\nprint(__annotations__)",
    "status": "raise SystemExit(3)",
    "words as status": "import sys; sys.exit('the end')",
    "no status": "import sys; sys.exit()",
    "error": "def f():\n    return 1 / 0\n\nf()",
    "error in a chain": "try:\n    1 / 0\nexcept ZeroDivisionError as exc:\n    raise ValueError('x') from exc",
    "group": "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])",
    "interrupt": "raise KeyboardInterrupt",
    "syntax error": "x = (\n",
    "error of the compiler": "def f(): pass\nreturn 5",
    "error of the tokenizer": "x = 'a\n",
    "wrong indentation": "if True:\nx = 1",
    "warning": "print('\\d', 1 is 1)",
    "hook": "import sys\nsys.excepthook = lambda kind, exc, tb: print('hook', kind.__name__, tb.tb_frame.f_code.co_name)\n1 / 0",
    "at exit": "import atexit; atexit.register(print, 'bye'); 1 / 0",
    "thread": "import threading; threading.Thread(target=print, args=('late',)).start()",
    "signal": "import os, signal; signal.raise_signal(signal.SIGTERM)",
    "own loop": "import asyncio\nasync def main(): return 5\nprint(asyncio.run(main()))",
    "loop": "import asyncio\ntry: asyncio.get_running_loop()\nexcept RuntimeError as exc: print(exc)",
    "encoding": "# coding: latin-1\nprint(ascii('\xe9'))".encode("latin-1"),
    "mark of the byte order": b"\xef\xbb\xbfprint(1)",
    "nothing": b"",
}


class TestWithoutAwait:
    @pytest.mark.parametrize("name", PROGRAMS)
    def test_a_file_runs_as_python_runs_it(self, run, write, name):
        path = write("program.py", PROGRAMS[name])
        assert run(OURS, path, "a", "-b") == run(PYTHON, path, "a", "-b")

    # Where Python shows no line of -c, we do.
    @pytest.mark.parametrize(
        "name",
        [
            name
            for name, text in PROGRAMS.items()
            if isinstance(text, str) and name not in ("its file", "error of the compiler", "warning")
        ],
    )
    def test_code_runs_as_python_runs_it(self, run, name):
        text = PROGRAMS[name]
        assert run(OURS, "-c", text, "a", "-b") == run(PYTHON, "-c", text, "a", "-b")

    @pytest.mark.parametrize("text", [b"print('\xff')", b"x = 1\0"])
    def test_bytes_that_are_no_program_are_a_syntax_error(self, run, write, text):
        path = write("program.py", text)
        status, shown, told = run(OURS, path)
        assert (status, shown) == (1, "")
        assert "SyntaxError: " in told
        assert "awaitall" not in without_folders(told)

    @pytest.mark.parametrize("name", ["its surroundings", "its file", "status", "error", "interrupt", "warning"])
    def test_a_module_runs_as_python_runs_it(self, run, write, name):
        write("module.py", PROGRAMS[name])
        ours, python = run(OURS, "-m", "module", "a"), run(PYTHON, "-m", "module", "a")
        assert (ours[0], without_addresses(ours[1])) == (python[0], without_addresses(python[1]))
        assert ours[2] == without_runpy(python[2])

    @pytest.mark.parametrize("name", ["its surroundings", "status", "error", "own loop"])
    def test_standard_input_runs_as_python_runs_it(self, run, name):
        assert run(OURS, "-", "a", input=PROGRAMS[name]) == run(PYTHON, "-", "a", input=PROGRAMS[name])

    @pytest.mark.parametrize("kind", ["folder", "zip file"])
    def test_a_folder_with_a_main_module_runs(self, run, write, folder, kind):
        write("app/__main__.py", "import sys, beside; print(sys.argv, __name__, __package__, __file__, sys.path[0])")
        write("app/beside.py", "")
        name = "app"
        if kind == "zip file":
            name = "app.zip"
            with zipfile.ZipFile(folder / name, "w") as archive:
                for file in ("__main__.py", "beside.py"):
                    archive.write(folder / "app" / file, file)
        assert run(OURS, "run", name, "a") == run(PYTHON, name, "a")

    def test_a_package_runs(self, run, write):
        write("package/__init__.py", "print('first')")
        write("package/__main__.py", "from . import __name__ as n; print(n, __package__, __spec__.name)")
        assert run(OURS, "-m", "package") == run(PYTHON, "-m", "package")

    def test_bytecode_runs(self, run, write, folder):
        write("module.py", "import sys; print(sys.argv, __name__)")
        run(PYTHON, "-c", "import py_compile; py_compile.compile('module.py', 'module.pyc')")
        assert run(OURS, "module.pyc", "a") == run(PYTHON, "module.pyc", "a")

    def test_a_link_finds_what_stands_beside_the_file(self, run, write, folder, links):
        write("real/program.py", "import beside")
        write("real/beside.py", "print(__file__)")
        (folder / "link.py").symlink_to("real/program.py")
        assert run(OURS, "link.py") == run(PYTHON, "link.py")

    @pytest.mark.parametrize("options", [["-P"], ["-I"]])
    def test_a_safe_path_stays_safe(self, run, write, options):
        path = write("program.py", "import sys; print(sys.path[0] == sys.path[0].rpartition('/work')[0] + '/work')")
        if run(PYTHON, "-c", "import awaitall", options=options)[0]:
            pytest.skip("awaitall is installed for the user only")
        assert run(OURS, path, options=options) == run(PYTHON, path, options=options)

    @pytest.mark.parametrize(
        "arguments",
        [["nowhere.py"], ["-m", "nowhere"], ["-m", "nowhere.module"], ["-m", "empty"], ["run", "empty"], ["folder.py"]],
    )
    def test_what_is_not_there_has_the_status_of_python(self, run, write, arguments):
        write("empty/__init__.py", "")
        write("folder.py/x", "")
        status, _, told = run(OURS, *arguments)
        python = run(PYTHON, *(argument for argument in arguments if argument != "run"))
        assert (status, told.count("\n")) == (python[0], 1)
        assert told.partition(": ")[2].casefold() == python[2].partition(": ")[2].casefold()

    def test_no_event_loop_is_imported_for_it(self, run, write):
        path = write("program.py", "import sys; print({'asyncio', 'trio', 'pluggy', 'awaitall.session'} & set(sys.modules))")
        assert run(OURS, path)[1] == "set()\n"


def without_addresses(text):
    return re.sub(r"0x[0-9a-fA-F]+", "", text)


def without_runpy(text):
    """Take the frames of runpy out of a traceback."""
    return re.sub(r'  File "<frozen runpy>".*\n', "", text)


class TestAwait:
    def test_all_forms_of_it(self, run, write):
        path = write(
            "program.py",
            "import asyncio\nfrom contextlib import asynccontextmanager\n\n"
            "async def count():\n    for i in range(2): yield i\n\n"
            "@asynccontextmanager\nasync def held(): yield 'held'\n\n"
            "async for i in count(): print(i)\n"
            "async with held() as value: print(value)\n"
            "print([i async for i in count()], await asyncio.sleep(0, 'slept'))\n",
        )
        assert run(OURS, path) == (0, "0\n1\nheld\n[0, 1] slept\n", "")

    @pytest.mark.parametrize("arguments", [["run"], []])
    def test_a_file_with_arguments(self, run, write, arguments):
        path = write("program.py", "import asyncio, os, sys\nawait asyncio.sleep(0)\nprint(sys.argv, os.path.isabs(__file__))")
        shown = run(OURS, *arguments, path, "a", "-i", "--help")
        assert shown == (0, "['program.py', 'a', '-i', '--help'] True\n", "")

    @pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio", "curio"])
    def test_on_any_runner(self, run, write, runner):
        name = library_of(runner).__name__
        library = "asyncio" if runner == "uvloop" else runner
        loop = "print(type(asyncio.get_running_loop()).__module__.split('.')[0])" if library == "asyncio" else f"print({name!r})"
        path = write("program.py", f"import {library}\nawait {library}.sleep(0)\n{loop}\n")
        assert run(OURS, "run", "--runner", runner, path) == (0, f"{name}\n", "")
        assert run(OURS, path, AWAITALL_RUNNER=runner) == (0, f"{name}\n", "")

    def test_it_can_run_loops_of_its_own_beside(self, run, write):
        text = "from asyncio import run, sleep\nprint(await sleep(0, 1))\nprint(run(sleep(0, 2)))\nprint(await sleep(0))"
        assert run(OURS, write("program.py", text)) == (0, "1\n2\nNone\n", "")

    def test_under_a_condition(self, run, write):
        text = "import asyncio\nasync def main(): return 5\nif __name__ == '__main__':\n    print(await main())\n"
        assert run(OURS, write("program.py", text)) == (0, "5\n", "")

    def test_docstring_futures_and_annotations(self, run, write):
        text = (
            '"""Doc."""\nfrom __future__ import annotations\nimport asyncio\nx: a = await asyncio.sleep(0, 1)\n"text"\ny: b = 2\n'
        )
        text += "await asyncio.sleep(0)\nprint(__doc__, __annotations__)"
        assert run(OURS, write("program.py", text)) == (0, "Doc. {'x': 'a', 'y': 'b'}\n", "")

    @pytest.mark.skipif(sys.version_info >= (3, 14), reason="each piece of a module has annotations of its own (PEP 649)")
    def test_annotations_of_all_pieces_are_there(self, run, write):
        text = "import asyncio\nx: int = 1\nawait asyncio.sleep(0)\ny: str = 'a'\nprint(__annotations__)"
        assert run(OURS, write("program.py", text)) == (0, "{'x': <class 'int'>, 'y': <class 'str'>}\n", "")

    def test_nothing_runs_before_an_error_of_the_whole(self, run, write):
        text = "import asyncio\nprint('begun')\nawait asyncio.sleep(0)\nreturn 5"
        status, shown, told = run(OURS, write("program.py", text))
        assert (status, shown) == (1, "")
        assert told.endswith("    return 5\n    ^^^^^^^^\nSyntaxError: 'return' outside function\n")

    def test_tasks_are_cancelled_at_the_end(self, run, write):
        text = (
            "import asyncio\nasync def stay():\n    try: await asyncio.sleep(3600)\n    finally: print('cleaned up')\n"
            "task = asyncio.create_task(stay())\nawait asyncio.sleep(0)\nprint('end')\n"
        )
        assert run(OURS, write("program.py", text)) == (0, "end\ncleaned up\n", "")

    def test_a_module(self, run, write):
        write("package/__init__.py", "")
        write("package/__main__.py", "from . import x\nimport asyncio\nprint(await asyncio.sleep(0, x.y), __package__)")
        write("package/x.py", "y = 5")
        assert run(OURS, "-m", "package") == (0, "5 package\n", "")

    def test_standard_input(self, run):
        assert run(OURS, "-", input="import asyncio\nprint(await asyncio.sleep(0, 5))") == (0, "5\n", "")

    @pytest.mark.parametrize(
        "end",
        [
            "raise SystemExit(3)",
            "import sys; sys.exit('the end')",
            "raise KeyboardInterrupt",
            "1 / 0",
            "f()",
            "raise ExceptionGroup('g', [ValueError(1)])",
        ],
    )
    def test_it_ends_as_python_lets_it_end(self, run, write, end):
        text = f"import asyncio\ndef f():\n    raise ValueError('x')\n{{}}\n{end}\n"
        ours = run(OURS, write("program.py", text.format("await asyncio.sleep(0)")))
        assert ours == run(PYTHON, write("program.py", text.format("asyncio.run(asyncio.sleep(0))")))

    @pytest.mark.parametrize("end", ["raise SystemExit(3)", "raise KeyboardInterrupt", "1 / 0"])
    def test_it_ends_so_in_what_is_awaited(self, run, write, end):
        text = f"import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    {end}\n{{}}\n"
        ours = run(OURS, write("program.py", text.format("await f()")))
        python = run(PYTHON, write("program.py", text.format("asyncio.run(f())")))
        assert ours[:2] == python[:2]
        assert ours[2] == without_asyncio(python[2]).replace("asyncio.run(f())", "await f()").replace(
            "    ~~~~~~~~~~~^^^^^\n", ""
        )

    @pytest.mark.parametrize("signum", TERMINATIONS)
    def test_termination_ends_it_as_it_ends_python(self, run, write, signum):
        text = f"import asyncio, signal\n{{}}\nsignal.raise_signal({signum})\n{{}}\n"
        ours = run(OURS, write("program.py", text.format("await asyncio.sleep(0)", "await asyncio.sleep(5)")))
        assert ours == run(PYTHON, write("program.py", text.format("", "")))

    def test_ctrl_c_ends_a_statement_without_await_as_it_ends_python(self, run, write):
        text = "import asyncio, signal\n{}\ndef f(): signal.raise_signal(signal.SIGINT)\nf()\nprint('not reached')\n"
        ours = run(OURS, write("program.py", text.format("await asyncio.sleep(0)")))
        assert ours == run(PYTHON, write("program.py", text.format("asyncio.run(asyncio.sleep(0))")))

    def test_python_has_nothing_to_warn_of(self, run, write):
        path = write("program.py", "import asyncio\nprint(await asyncio.sleep(0, 5))\nprint(asyncio.run(asyncio.sleep(0, 6)))")
        assert run(OURS, path, options=["-X", "dev", "-W", "error"]) == (0, "5\n6\n", "")

    @pytest.mark.parametrize("runner", ["asyncio", "trio", "curio"])
    def test_ctrl_c_cancels_it_and_cleanup_runs(self, run, folder, write, runner):
        library_of(runner)
        interrupted = run(PYTHON, "-c", "raise KeyboardInterrupt")
        text = f"import {runner}\nasync def main():\n    try:\n        print('begun', flush=True)\n"
        text += f"        await {runner}.sleep(3600)\n"
        path = write("program.py", f"{text}    finally: print('cleaned up')\nawait main()\nprint('not reached')\n")
        program = [*OURS, "run", "-r", runner, path]
        running = Signalled(program, cwd=folder)
        assert running.process.stdout.readline() == "begun\n"
        status, shown, told = running.send("SIGINT")
        assert (status, shown) == (interrupted[0], "cleaned up\n")
        assert told.endswith("KeyboardInterrupt\n")
        assert "awaitall" not in without_folders(told)


def without_asyncio(text):
    """Take the frames of asyncio out of a traceback."""
    return re.sub(r'  File "[^"]*[/\\]asyncio[/\\].*\n(?:    .*\n)+', "", text)


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--nope"], "There is no option --nope; there are -i, -c, -m, --runner, and --app."),
            (["run"], "Run what? awaitall run --help tells more."),
            (["run", "-x", "a.py"], "There is no option -x; there are -i, -c, -m, --runner, and --app."),
            (["-c"], "-c takes code behind it."),
            (["-m"], "-m takes a module behind it."),
            (["run", "--runner"], "--runner takes the name of a runner."),
            (["run", "-r", "tiro", "-c", "1"], "No runner is called 'tiro'; there are: "),
            (["nowhere"], "No shell, command or file is called 'nowhere'; there are the shells "),
        ],
    )
    def test_wrong_arguments_cost_one_line(self, run, arguments, told):
        status, shown, line = run(OURS, *arguments)
        assert (status, shown, line.count("\n")) == (1 if told.startswith("No ") else 2, "", 1)
        assert line.startswith(f"awaitall: {told}")

    def test_a_file_without_an_ending_is_found(self, run, write):
        assert run(OURS, write("program", "print('runs')")) == (0, "runs\n", "")

    def test_a_wrong_setting_costs_one_line_and_it_runs(self, run, write):
        path = write("program.py", "import asyncio\nprint(await asyncio.sleep(0, 5))")
        status, shown, told = run(OURS, path, AWAITALL_RUNNER="tiro")
        assert (status, shown, told.count("\n")) == (0, "5\n", 1)


class TestPrompt:
    """A prompt after the program: it has the names, and the tasks go on."""

    TEXT = (
        "import asyncio, sys\nx = await asyncio.sleep(0, 5)\ntask = asyncio.create_task(asyncio.sleep(3600))\n"
        "print('ran', sys.argv[1:])\nif 'fail' in sys.argv: 1 / 0\nif 'exit' in sys.argv: sys.exit(4)\n"
    )

    @pytest.fixture
    def prompt(self, write, folder):
        """Start a prompt by a command line, and wait for it."""
        terminals = []

        def prompt(*arguments, **environment):
            write("program.py", self.TEXT)
            terminals.append(Terminal(*OURS, *arguments, env=environment, cwd=str(folder)))
            terminals[-1].wait_for(r"(?m)^>>>")
            return terminals[-1]

        yield prompt
        for terminal in terminals:
            terminal.close()

    @pytest.mark.parametrize("shell", ["console", "bpython", "ptpython"])
    def test_it_follows_a_file(self, prompt, shell):
        if shell != "console":
            need(shell)
        terminal = prompt(shell, "-i", "program.py", "a")
        assert "ran ['a']" in terminal.text()
        terminal.type("x + 60\r")
        terminal.wait_for(r"(?m)^65")
        terminal.type("%tasks\r")
        terminal.wait_for(r"(?m)^\[1\] ")

    def test_the_word_console_may_be_left_out(self, prompt):
        prompt("-i", "program.py").type("x + 60\r")

    @pytest.mark.parametrize(("argument", "error"), [("fail", "ZeroDivisionError: division by zero"), ("exit", "SystemExit: 4")])
    def test_it_follows_a_file_that_fails(self, prompt, argument, error):
        terminal = prompt("-i", "program.py", argument)
        assert f"\n{error}\n>>>" in terminal.text()
        assert "awaitall" not in without_folders(terminal.text())
        terminal.type("x + 60\r")
        terminal.wait_for(r"(?m)^65")

    def test_it_follows_a_file_that_is_no_python(self, prompt, write):
        terminal = prompt("-i", write("wrong.py", "x = ("))
        assert "SyntaxError: '(' was never closed" in terminal.text()

    def test_it_comes_where_a_program_would_be_typed(self, prompt):
        assert "with top-level await by awaitall" in prompt("-").text()

    def test_it_follows_code(self, prompt):
        terminal = prompt("-r", "trio", "-i", "-c", "import trio; y = await trio.sleep(0) or 7")
        terminal.type("y + 60\r")
        terminal.wait_for(r"(?m)^67")

    def test_what_is_not_there_has_a_status(self, run):
        assert run(OURS, "-i", "nowhere.py")[0] == 2


class TestOtherShells:
    @pytest.mark.parametrize("shell", ["bpython", "ptpython"])
    def test_a_file_that_awaits_runs_in_place_of_the_shell(self, write, folder, shell):
        need(shell)
        write("program.py", "import asyncio, sys\nprint(await asyncio.sleep(0, 'slept'), sys.argv, __name__)\nsys.exit(3)\n")
        terminal = Terminal(*OURS, shell, "program.py", "a", env={}, cwd=str(folder))
        terminal.wait_for(r"slept \['program.py', 'a'\] __main__")
        assert terminal.wait_for_end() == 3


def test_a_shell_that_starts_imports_nothing_of_the_launcher(run):
    names = "{'argparse', 'difflib', 'json', 'tomllib', 'awaitall.launcher.parser', 'awaitall.programs', 'pluggy'}"
    program = f"import awaitall_console, sys; awaitall_console.interact(); print({names} & set(sys.modules))"
    assert run(PYTHON, "-c", program)[1].endswith("set()\n")
