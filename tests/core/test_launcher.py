"""``python -m awaitall NAME`` starts any shell that a plugin offers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from awaitall import ShellSpec, hookimpl, launcher
from awaitall.plugins import Plugins, plugins
from awaitall.testing import Terminal

from shells import need


@pytest.fixture
def started():
    """Offer a shell that notes what it is started with."""
    calls = []

    def start(arguments):
        calls.append(list(arguments))
        return 3

    class Plugin:
        @hookimpl
        def awaitall_shells(self):
            yield ShellSpec("mine", "a shell of a stranger's", start, package="pytest", versions=">=8")

    plugins().manager.register(plugin := Plugin(), "stranger")
    yield calls
    plugins().manager.unregister(plugin)


def test_a_shell_is_started_by_its_name_with_its_arguments(started):
    assert launcher.main(["mine", "--fast", "file"]) == 3
    assert started == [["--fast", "file"]]


def test_a_shell_may_begin_with_a_runner(started, monkeypatch):
    monkeypatch.setenv("AWAITALL_RUNNER", "")
    assert launcher.main(["--runner", "sync", "mine", "--fast"]) == 3
    assert (started, os.environ["AWAITALL_RUNNER"]) == ([["--fast"]], "sync")
    assert launcher.main(["--runner", "asynci", "mine"]).endswith("Did you mean 'asyncio'?")


def test_an_unknown_shell_is_told_with_the_closest_name(started):
    assert launcher.main(["mime"]) == (
        "awaitall: No shell, command or file is called 'mime'; there are the shells bpython, console, mine, ptpython, xonsh, "
        "and the commands run, attach, enable, disable, doctor, plugins, runners, completion. Did you mean 'mine'?"
    )


def test_help_lists_all_shells(started, capsys):
    with pytest.raises(SystemExit):
        launcher.main(["--help"])
    shown = capsys.readouterr().out
    assert "mine                  a shell of a stranger's" in shown
    assert "console               a plain Python console" in shown


def test_without_a_name_the_shell_starts_that_takes_no_other_package():
    done = subprocess.run(
        [sys.executable, "-m", "awaitall"], input="6 * 7\n", capture_output=True, text=True, check=True, timeout=60
    )
    assert ">>> 42\n" in done.stdout


@pytest.mark.parametrize(
    "command",
    ["bpython", "ptpython", "xonsh", "xonsh --no-rc --shell-type readline", "xonsh -DXONTRIBS_AUTOLOAD_DISABLED=1", "console"],
)
def test_a_shell_awaits_that_is_configured_not_to(command, tmp_path):
    if command != "console":
        need(command.split()[0])
    env = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": str(tmp_path / "data")}
    terminal = Terminal(sys.executable, "-m", "awaitall", *command.split(), env=env, cwd=str(tmp_path))
    terminal.wait_for(r"(?m)^>>>|@[#\s]*\Z")
    terminal.type("import asyncio\r")
    terminal.type("await asyncio.sleep(0, 'sl' + 'ept')\r")
    terminal.wait_for(r"(?m)^'slept'")
    terminal.close()
    assert not (tmp_path / "config" / "awaitall").exists()


def test_without_a_name_no_plugin_of_others_is_loaded(tmp_path):
    (tmp_path / "broken_plugin-1.dist-info").mkdir()
    (tmp_path / "broken_plugin-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (tmp_path / "broken_plugin-1.dist-info" / "entry_points.txt").write_text("[awaitall]\nbroken = no_such_module\n")
    program = f"import sys; sys.path.append({str(tmp_path)!r}); from awaitall.launcher import main; main([])"
    done = subprocess.run([sys.executable, "-c", program], input="", capture_output=True, text=True, check=True, timeout=60)
    assert "broken" not in done.stderr


@pytest.fixture
def ours():
    registry = Plugins()
    registry.load(of="awaitall")
    return registry


@pytest.mark.parametrize("name", ["bpython", "console", "ptpython", "xonsh"])
def test_our_own_shells_are_offered_by_entry_points_of_our_distribution(ours, name):
    assert ours.shell(name).name == name


@pytest.mark.parametrize("name", ["bpython", "ptpython", "xonsh"])
def test_a_shell_tells_how_to_wire_and_unwire_it(ours, name):
    spec = ours.shell(name)
    assert spec.wire
    assert spec.unwire
    assert spec.versions.startswith(">=")


def test_a_shell_knows_the_version_that_is_installed(started):
    assert plugins().shell("mine").installed == pytest.__version__


def test_a_shell_without_a_package_has_no_version(ours):
    assert ours.shell("console").installed is None


def test_to_list_the_shells_imports_none_of_them():
    program = (
        "import sys; from awaitall.plugins import plugins; plugins().load(of='awaitall'); plugins().shells(); "
        "print(sorted({'asyncio', 'bpython', 'ptpython', 'xonsh', 'prompt_toolkit', 'code'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(("text", "wired"), [("import awaitall_bpython; awaitall_bpython.enable()", True), ("x = 1", False)])
def test_bpython_is_wired_by_the_startup_file(ours, monkeypatch, tmp_path, text, wired):
    (tmp_path / "startup.py").write_text(text)
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "startup.py"))
    assert ours.shell("bpython").is_wired() is wired


def test_bpython_is_not_wired_without_a_startup_file(ours, monkeypatch):
    monkeypatch.delenv("PYTHONSTARTUP", raising=False)
    assert not ours.shell("bpython").is_wired()


@pytest.mark.parametrize(("text", "wired"), [("from awaitall_ptpython import configure", True), ("x = 1", False)])
def test_ptpython_is_wired_by_its_configuration(ours, monkeypatch, tmp_path, text, wired):
    (tmp_path / "config.py").write_text(text)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PTPYTHON_CONFIG_HOME", str(tmp_path))
    assert ours.shell("ptpython").is_wired() is wired


@pytest.mark.parametrize(("disabled", "wired"), [("", True), ("True", False), ("awaitall", False), ("other", True)])
def test_xonsh_is_wired_unless_xontribs_are_not_loaded(ours, monkeypatch, disabled, wired):
    monkeypatch.setenv("XONSH_CONFIG_DIR", "/nowhere")
    monkeypatch.setenv("XONTRIBS_AUTOLOAD_DISABLED", disabled)
    assert ours.shell("xonsh").is_wired() is wired


@pytest.mark.parametrize(
    ("text", "wired"),
    [
        ("$XONTRIBS_AUTOLOAD_DISABLED = ['awaitall']", False),
        ("$XONTRIBS_AUTOLOAD_DISABLED = True", False),
        ("# $XONTRIBS_AUTOLOAD_DISABLED = True", True),
        ("$XONTRIBS_AUTOLOAD_DISABLED = ['other']", True),
    ],
)
def test_xonsh_is_wired_unless_its_configuration_says_so(ours, monkeypatch, tmp_path, text, wired):
    monkeypatch.delenv("XONTRIBS_AUTOLOAD_DISABLED", raising=False)
    monkeypatch.setenv("XONSH_CONFIG_DIR", str(tmp_path))
    (tmp_path / "rc.xsh").write_text(text)
    assert ours.shell("xonsh").is_wired() is wired


def test_a_spec_with_wrong_fields_costs_one_line(capsys):
    class Bad:
        @hookimpl
        def awaitall_shells(self):
            yield ShellSpec("bad", "no function", "start")

    registry = Plugins()
    registry.manager.register(Bad(), "bad plugin")
    assert registry.shells() == {}
    assert capsys.readouterr().err == (
        "awaitall: plugin 'bad plugin': one of its shells is ignored: 'bad' needs a function as its 'start', not 'start'\n"
    )


def test_a_spec_with_a_field_that_there_is_not_costs_one_line(capsys):
    class Bad:
        @hookimpl
        def awaitall_shells(self):
            yield ShellSpec("bad", "no such field", print, colour="red")

    registry = Plugins()
    registry.manager.register(Bad(), "bad plugin")
    assert registry.shells() == {}
    told = capsys.readouterr().err
    assert told.startswith("awaitall: plugin 'bad plugin': awaitall_shells() failed, so its shells are ignored: TypeError: ")
    assert told.count("\n") == 1
