"""Settings that last: a file and environment variables; what is wrong there costs a line, and the shell starts all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import platformdirs.macos
import platformdirs.unix
import platformdirs.windows
import pytest

from awaitall import configuration
from awaitall.errors import UsageError
from awaitall.settings import SETTINGS
from awaitall.shells import new_session


@pytest.fixture
def configure(monkeypatch, tmp_path):
    """Write the file of settings, and forget what has been read before."""
    for setting in SETTINGS.values():
        monkeypatch.delenv(setting.variable, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    path = Path(configuration.file_path())
    path.parent.mkdir(parents=True)

    def configure(text=None, **environment):
        configuration.found.cache_clear()
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        if text is not None:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    yield configure
    configuration.found.cache_clear()


@pytest.fixture
def begun():
    """Make a session as a shell does."""
    sessions = []

    def begun(**given):
        sessions.append(new_session(settings=given))
        return sessions[-1]

    yield begun
    for session in sessions:
        session.close()


class TestPath:
    def test_it_is_that_of_platformdirs(self):
        assert configuration.config_directory("awaitall") == platformdirs.user_config_dir("awaitall")

    def test_it_may_have_the_name_of_an_author(self):
        assert configuration.config_directory("tool", "me") == platformdirs.user_config_dir("tool", "me")

    def test_it_follows_the_variable_of_xdg(self, monkeypatch, tmp_path):
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.setattr(sys, "platform", "linux")
        assert configuration.config_directory("awaitall") == os.path.join(tmp_path, "awaitall")

    def test_it_is_that_of_macos_there(self, monkeypatch):
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        monkeypatch.setattr(sys, "platform", "darwin")
        assert configuration.config_directory("awaitall") == platformdirs.macos.MacOS("awaitall").user_config_dir

    def test_it_is_that_of_windows_there(self, monkeypatch):
        monkeypatch.setenv("LOCALAPPDATA", "/local")
        monkeypatch.setattr(sys, "platform", "win32")
        assert configuration.config_directory("awaitall") == os.path.join("/local", "awaitall", "awaitall")


class TestOrder:
    def test_the_file_sets_every_setting(self, configure, begun):
        configure(
            'runner = "sync"\nautoawait = false\noutside = true\nimplicit = true\nhints = false\ngrace = 2\n'
            'plugins = ["console"]\nbanner = false\ndisplay = "none"\n'
        )
        session = begun()
        assert (session.runner, session.autoawait, session.outside, session.implicit) == ("sync", False, True, True)
        assert (session.hints, session.grace, session.display) == (False, 2, "none")
        assert session.origins["plugins"][0] == ["console"]
        assert session.origins["banner"][0] is False

    def test_a_variable_stands_above_the_file(self, configure, begun):
        configure('runner = "sync"\nhints = false', AWAITALL_RUNNER="trio", AWAITALL_GRACE="0.5")
        session = begun()
        assert (session.runner, session.hints, session.grace) == ("trio", False, 0.5)

    def test_a_call_stands_above_both(self, configure, begun):
        configure('runner = "sync"', AWAITALL_RUNNER="trio")
        assert begun(runner="sync").runner == "sync"

    def test_what_is_overridden_is_not_looked_up(self, configure, begun, capsys):
        configure('runner = "tiro"')
        begun(runner="sync")
        assert capsys.readouterr().err == ""

    def test_a_variable_that_is_empty_counts_as_not_set(self, configure, begun, capsys):
        configure('runner = "sync"', AWAITALL_RUNNER="")
        assert begun().runner == "sync"
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize(("text", "value"), [("1", True), ("True", True), ("on", True), ("no", False), ("0", False)])
    def test_a_switch_may_be_written_in_many_ways(self, configure, begun, text, value):
        configure(AWAITALL_IMPLICIT=text)
        assert begun().implicit is value

    def test_plugins_are_a_list_in_a_variable_too(self, configure, begun):
        configure(AWAITALL_PLUGINS="console, xonsh")
        assert begun().origins["plugins"] == (["console", "xonsh"], "AWAITALL_PLUGINS")


class TestCommand:
    def shown(self, session):
        return [line.split("# ") for line in session.command("settings").splitlines()]

    def test_it_shows_values_and_where_each_comes_from(self, configure, begun):
        path = configure('\nrunner = "sync"\n', AWAITALL_HINTS="off")
        (_, place), *lines = self.shown(begun(implicit=True))
        shown = {setting.strip(): origin for setting, origin in lines}
        assert place == str(path)
        assert shown['runner = "sync"'] == f"{path}:2"
        assert shown["hints = false"] == "AWAITALL_HINTS"
        assert shown["implicit = true"] == "enable()"
        assert shown["grace = 5.0"] == "default"
        assert len(shown) == len(SETTINGS)

    def test_what_it_shows_may_be_the_file(self, configure, begun, capsys):
        configure("hints = false\ngrace = 1.5")
        text = begun(implicit=True).command("settings")
        configure(text)
        session = begun()
        assert (session.hints, session.grace, session.implicit) == (False, 1.5, True)
        assert capsys.readouterr().err == ""

    def test_what_has_changed_since_is_of_this_session(self, configure, begun):
        configure('runner = "trio"')
        session = begun()
        session.command("autoawait sync")
        assert [line[1] for line in self.shown(session) if line[0].startswith('runner = "sync"')] == ["this session"]

    def test_it_tells_that_there_is_no_file(self, configure, begun):
        path = configure()
        assert begun().command("settings").startswith(f"# {path} (there is none yet)\n")

    def test_an_argument_is_refused(self, begun):
        with pytest.raises(UsageError, match="takes nothing, and not 'runner': it shows all of them"):
            begun().run_command("settings runner")


class TestBadInput:
    def told(self, begun, capsys):
        session = begun()
        assert session.run("import asyncio; await asyncio.sleep(0, 5)") == 5
        lines = capsys.readouterr().err.splitlines()
        begun()
        assert capsys.readouterr().err == ""  # once in a process
        return lines

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("runer = 1", "{}:1: runer=1 is left out: No setting is called 'runer'; there are: {} Did you mean 'runner'?"),
            (
                "\n[hint]\na = 1",
                "{}:2: hint={{'a': 1}} is left out: No setting is called 'hint'; there are: {} Did you mean 'hints'?",
            ),
            ("# runner\nrunner = 5", "{}:2: runner=5 is left out: The setting 'runner' is text."),
            ("autoawait = 1", "{}:1: autoawait=1 is left out: The setting 'autoawait' is true or false."),
            ("grace = -1", "{}:1: grace=-1 is left out: The setting 'grace' is a number of seconds from 0 to 86400."),
            ("grace = nan", "{}:1: grace=nan is left out: The setting 'grace' is a number of seconds from 0 to 86400."),
            ("grace = true", "{}:1: grace=True is left out: The setting 'grace' is a number of seconds from 0 to 86400."),
            (
                'display = "some"',
                "{}:1: display='some' is left out: The setting 'display' is one of last_expr, last_expr_or_assign, ",
            ),
            ('plugins = "a"', "{}:1: plugins='a' is left out: The setting 'plugins' is a list of names."),
            ("plugins = [1]", "{}:1: plugins=[1] is left out: The setting 'plugins' is a list of names."),
            ("'runner'='tiro'", "{}:1: runner='tiro' is left out: No runner is called 'tiro'; there are: "),
            ("plugins = ['x']", "{}:1: plugins=['x'] is left out: No plugin is called 'x'. Is it installed?"),
            ("runner = ", "{} is no TOML, so its settings are left out: Invalid value (at "),
            (b"runner = '\xff'", "{} is no TOML, so its settings are left out: 'utf-8' codec can't decode byte 0xff"),
            (b"\x00", "{} is no TOML, so its settings are left out: "),
        ],
    )
    def test_what_is_wrong_in_the_file_costs_one_line(self, configure, begun, capsys, text, line):
        path = configure(text)
        (told,) = self.told(begun, capsys)
        names = f"{', '.join(sorted(SETTINGS))}."
        assert told.startswith(f"awaitall: {line.format(path, names)}")

    def test_a_right_setting_holds_beside_a_wrong_one(self, configure, begun, capsys):
        configure("grace = 1\nimplicit = 5")
        assert begun().grace == 1

    def test_a_file_full_of_unknown_keys_costs_few_lines(self, configure, begun, capsys):
        path = configure("\n".join(f"key{number} = 1" for number in range(1000)))
        lines = self.told(begun, capsys)
        assert len(lines) == 6
        assert lines[-1] == f"awaitall: {path}: 995 more are left out"

    @pytest.mark.parametrize("kind", ["directory", "pipe"])
    def test_what_is_no_file_costs_one_line(self, configure, begun, capsys, kind):
        path = configure()
        if kind == "pipe" and not hasattr(os, "mkfifo"):
            pytest.skip("there are no pipes with a name")
        os.mkdir(path) if kind == "directory" else os.mkfifo(path)
        assert self.told(begun, capsys) == [f"awaitall: {path} cannot be read, so its settings are left out: it is no file"]

    def test_a_file_that_may_not_be_read_costs_one_line(self, configure, begun, capsys, monkeypatch):
        path = configure("grace = 1")

        def refuse(*args):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(configuration, "open", refuse, raising=False)  # root may read everything
        assert self.told(begun, capsys) == [f"awaitall: {path} cannot be read, so its settings are left out: Permission denied"]

    @pytest.mark.parametrize(
        ("name", "value", "line"),
        [
            ("AWAITALL_RUNNER", "tiro", "AWAITALL_RUNNER='tiro' is left out: No runner is called 'tiro'; "),
            ("AWAITALL_HINTS", "maybe", "AWAITALL_HINTS='maybe' is left out: The setting 'hints' is true or false."),
            ("AWAITALL_GRACE", "long", "AWAITALL_GRACE='long' is left out: The setting 'grace' is a number of seconds "),
            ("AWAITALL_GRACE", "inf", "AWAITALL_GRACE='inf' is left out: The setting 'grace' is a number of seconds "),
            ("AWAITALL_DISPLAY", "x", "AWAITALL_DISPLAY='x' is left out: The setting 'display' is one of last_expr, "),
            ("AWAITALL_RUNER", "trio", "AWAITALL_RUNER is left out: no setting is called 'runer'. Did you mean 'runner'?"),
        ],
    )
    def test_a_wrong_variable_costs_one_line(self, configure, begun, capsys, name, value, line):
        configure(**{name: value})
        (told,) = self.told(begun, capsys)
        assert told.startswith(f"awaitall: {line}")

    def test_a_variable_of_somebody_else_costs_nothing(self, configure, begun, capsys):
        configure(AWAITALL_STORM="600")
        assert self.told(begun, capsys) == []


def test_without_a_file_nothing_is_imported_for_it(tmp_path):
    program = (
        "import sys; from awaitall.shells import new_session; new_session(); "
        "print(sorted({'difflib', 'pluggy', 'tomllib'} & set(sys.modules)))"
    )
    env = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_file_that_is_too_deep_costs_one_line(configure):
    path = configure("a = " + "[" * 100_000)
    program = "from awaitall.shells import new_session; new_session().close()"  # pytest itself has hooks that go deep
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"awaitall: {path} is no TOML, so its settings are left out: ")


def test_hints_can_be_switched_off(configure, begun, capsys):
    configure("hints = false")
    session = begun()
    session.run("async def f(): pass")
    session.evaluate("x = f(); x").value.close()
    outcome = session.evaluate("c = f(); c.nope")
    assert not hasattr(outcome.error, "__notes__")
    session.run("c.close()")
    assert capsys.readouterr().err == ""


def test_the_end_waits_as_long_as_the_user_has_set(configure, begun):
    configure("grace = 0")
    session = begun()
    session.run("import asyncio")
    session.run(
        "async def stay():\n    while True:\n        try: await asyncio.sleep(3600)\n        except asyncio.CancelledError: pass"
    )
    session.run("task = asyncio.create_task(stay(), name='stays'); await asyncio.sleep(0)")
    assert session.close() == ["stays"]
