"""``awaitall doctor`` tells what is installed, what is wrong, and what to do; so do the other lists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from awaitall import RunnerSpec, ShellSpec, __version__, configuration, hookimpl
from awaitall.launcher import main
from awaitall.launcher.doctor import _age, examined
from awaitall.plugins import plugins


@pytest.fixture
def offer():
    """Offer shells and runners of a stranger's."""
    registered = []

    def offer(*, shells=(), runners=()):
        class Plugin:
            @hookimpl
            def awaitall_shells(self):
                return shells

            @hookimpl
            def awaitall_runners(self):
                return runners

        registered.append(Plugin())
        plugins().manager.register(registered[-1], "stranger")

    yield offer
    for plugin in registered:
        plugins().manager.unregister(plugin)


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def no_uvloop(monkeypatch):
    for library in ("uvloop", "winloop"):
        monkeypatch.setitem(sys.modules, library, None)


def found(part, name):
    return next(thing for thing in examined()[part] if thing["name"] == name)


def shell(**fields):
    return ShellSpec("mine", "a shell of a stranger's", print, **fields)


class TestShells:
    def test_one_that_awaits_is_well(self, offer):
        offer(shells=[shell(package="pytest", versions=">=8", is_wired=lambda: True)])
        assert found("shells", "mine") == {
            "name": "mine", "version": pytest.__version__, "versions": ">=8", "wired": True, "state": "ok", "text": "awaits"
        }  # fmt: skip

    def test_one_that_is_not_wired_tells_how_to_start_and_to_wire_it(self, offer):
        offer(shells=[shell(package="pytest", wire="Press the button.")])
        thing = found("shells", "mine")
        assert (thing["state"], thing["text"]) == ("off", "awaits if started by `awaitall mine`. Press the button.")
        assert examined()["ok"]

    def test_one_that_is_not_installed_tells_how_to_install_it(self, offer):
        offer(shells=[shell(package="no-such-package", requirement="'mine[shell]'")])
        thing = found("shells", "mine")
        assert (thing["state"], thing["text"]) == ("absent", "not installed: pip install 'mine[shell]'")
        assert examined()["ok"]

    def test_one_that_is_too_old_is_wrong(self, offer):
        offer(shells=[shell(package="pytest", versions=">=100,<101")])
        thing = found("shells", "mine")
        assert (thing["state"], thing["text"]) == ("wrong", "too old, >=100,<101 is needed: pip install -U pytest")
        assert not examined()["ok"]

    def test_one_that_is_newer_than_known_is_told(self, offer):
        offer(shells=[shell(package="pytest", versions=">=1,<2")])
        assert found("shells", "mine")["state"] == "unknown"
        assert examined()["ok"]

    def test_one_that_fails_is_wrong_and_the_others_are_told(self, offer):
        def fail():
            raise RuntimeError("no idea")

        offer(shells=[shell(is_wired=fail)])
        assert found("shells", "mine")["text"] == "whether it awaits cannot be told: RuntimeError: no idea"
        assert found("shells", "console")["state"] == "ok"

    def test_what_goes_wrong_at_its_start_is_wrong(self, offer):
        offer(shells=[shell(is_wired=lambda: True, trouble=lambda: "it does not start")])
        thing = found("shells", "mine")
        assert (thing["state"], thing["text"], thing["wired"]) == ("wrong", "it does not start", True)

    @pytest.mark.parametrize("name", ["bpython", "ptpython"])
    def test_a_startup_file_that_awaits_is_trouble(self, monkeypatch, home, name):
        startup = home / "startup.py"
        monkeypatch.setenv("PYTHONSTARTUP", str(startup))
        trouble = plugins().shell(name).trouble
        startup.write_text("x = 5\n")
        assert trouble() == ""
        startup.write_text("import asyncio\nawait asyncio.sleep(0)\n")
        assert f"{startup}, which PYTHONSTARTUP names and which awaits" in trouble()
        assert f"`awaitall {name}`" in trouble()

    @pytest.mark.parametrize(
        ("installed", "age"),
        [("3.0.23", "old"), ("3.0.24", "known"), ("3.0.24rc1", "known"), ("3.0", "old"), ("3.1", "new"), ("4", "new")],
    )
    def test_versions_are_compared_by_their_numbers(self, installed, age):
        assert _age(installed, ">=3.0.24,<3.1") == age


class TestRunners:
    def test_ours_work(self):
        assert {name: found("runners", name)["state"] for name in ("asyncio", "sync", "trio")} == {
            "asyncio": "ok", "sync": "ok", "trio": "ok"
        }  # fmt: skip

    def test_one_whose_library_is_not_installed_tells_how_to_install_it(self, no_uvloop):
        thing = found("runners", "uvloop")
        assert thing["state"] == "absent"
        assert thing["text"].endswith("pip install 'awaitall[uvloop]'")

    def test_one_that_cannot_be_opened_is_wrong(self, offer):
        def fail(context):
            raise RuntimeError("no loop today")

        offer(runners=[RunnerSpec("mine", fail)])
        thing = found("runners", "mine")
        assert thing["state"] == "wrong"
        assert "no loop today" in thing["text"]


class TestSettings:
    def test_a_wrong_one_is_wrong(self):
        path = Path(configuration.file_path())
        path.parent.mkdir(parents=True)
        path.write_text("runer = 1\nrunner = 'tiro'\n")
        (thing,) = examined()["settings"]
        assert thing["state"] == "wrong"
        assert "Did you mean 'runner'?" in thing["text"]
        assert "Did you mean 'trio'?" in thing["text"]


class TestCommand:
    def test_json_has_what_is_shown(self, capsys):
        assert main(["doctor", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == examined()

    def test_the_exit_status_tells_that_something_is_wrong(self, offer, capsys):
        offer(shells=[shell(package="pytest", versions=">=100")])
        assert main(["doctor"]) == 1
        assert "  wrong   mine " in capsys.readouterr().out

    def test_a_broken_plugin_is_wrong(self, tmp_path):
        folder = tmp_path / "broken_plugin-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-plugin\nVersion: 1\n")
        (folder / "entry_points.txt").write_text("[awaitall]\nbroken = no_such_module\n")
        env = {**os.environ, "PYTHONPATH": str(tmp_path)}
        program = [sys.executable, "-m", "awaitall", "doctor", "--json"]
        done = subprocess.run(program, env=env, capture_output=True, text=True)
        assert done.returncode == 1
        (thing,) = (thing for thing in json.loads(done.stdout)["plugins"] if thing["name"] == "broken")
        assert thing["text"] == "broken-plugin 1 could not be loaded: ModuleNotFoundError: No module named 'no_such_module'"

    def test_there_are_no_colours_but_on_a_terminal(self, capsys):
        main(["doctor"])
        assert "\x1b" not in capsys.readouterr().out

    def test_plugins_are_listed_with_what_they_offer(self, offer, capsys):
        offer()
        main(["plugins"])
        lines = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert ["stranger", "built", "in", "runners,", "shells"] in lines
        assert ["xonsh", "awaitall", __version__, "shells"] in lines

    def test_runners_are_listed(self, no_uvloop, capsys):
        main(["runners"])
        shown = capsys.readouterr().out
        assert "\ntrio                 one persistent trio, every input in the same task\n" in shown
        assert "not installed: pip install 'awaitall[uvloop]'\n" in shown

    @pytest.mark.parametrize("command", [[], ["enable"], ["disable"], ["doctor"], ["plugins"], ["runners"], ["completion"]])
    def test_each_command_has_help(self, command, capsys):
        with pytest.raises(SystemExit) as caught:
            main([*command, "--help"])
        assert caught.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: awaitall {command[0] if command else '[-r'}")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        {
            "doctor now": "awaitall doctor takes no 'now'; awaitall doctor --help tells more.",
            "enable": "the following arguments are required: SHELL; awaitall enable --help tells more.",
            "enable a b": "awaitall enable takes no 'b'; awaitall enable --help tells more.",
            "runners --json": "awaitall runners takes no '--json'; awaitall runners --help tells more.",
            "attach shop.py": "argument PID: 'shop.py' is no number of a process; awaitall attach --help tells more.",
        }.items(),
    )
    def test_wrong_arguments_are_told_in_a_line(self, arguments, said, capsys):
        assert main(arguments.split()) == 2
        assert capsys.readouterr().err == f"awaitall: {said}\n"

    def test_a_command_that_is_misspelt_is_told_with_the_closest_name(self):
        assert main(["doctr"]).endswith("Did you mean 'doctor'?")

    @pytest.mark.parametrize("option", ["-u", "-B"])
    def test_who_reads_no_further_sees_no_error(self, option):
        program = f"{sys.executable} {option} -m awaitall doctor | {sys.executable} -c pass"
        assert subprocess.run(program, shell=True, capture_output=True, text=True).stderr == ""

    @pytest.mark.parametrize("arguments", [["doctor"], ["--help"], ["xonsh"]])
    def test_without_pluggy_one_line_says_what_to_do(self, tmp_path, arguments):
        (tmp_path / "pluggy.py").write_text("raise ModuleNotFoundError(\"No module named 'pluggy'\", name='pluggy')")
        env = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run([sys.executable, "-m", "awaitall", *arguments], env=env, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("awaitall: This command cannot be used, as pluggy cannot be imported (")
        assert done.stderr.endswith("): pip install awaitall\n")
