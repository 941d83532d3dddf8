"""``awaitall enable`` and ``disable`` edit the configuration of a shell: shown first, kept, whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from awaitall import AwaitallError, ShellSpec
from awaitall.launcher.editing import BEGIN, END, edit
from awaitall.plugins import plugins
from awaitall.testing import Terminal

from shells import need

BLOCK = f"{BEGIN}\nwire()\n{END}\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("LOCALAPPDATA", str(home / "Local"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


@pytest.fixture
def path(home):
    return home / "shell" / "config.py"


@pytest.fixture
def spec(path):
    return ShellSpec(
        "mine",
        "a shell",
        print,
        configuration=lambda: str(path),
        is_wired=lambda: path.exists() and "wire()" in path.read_text(errors="replace"),
        enabling="wire()",
        wire="Write wire().",
        unwire="Delete wire().",
    )


def write(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def configuration(shell):
    """The file that a shell of ours reads at its start."""
    return Path(plugins().shell(shell).configuration())


def files(path):
    return sorted(os.listdir(path.parent))


class TestEdit:
    def test_a_file_that_is_not_there_is_made(self, spec, path):
        assert edit(spec, on=True) == 0
        assert path.read_text() == BLOCK
        assert files(path) == ["config.py"]

    def test_what_is_there_stays_and_is_kept(self, spec, path):
        write(path, "x = 1\n")
        edit(spec, on=True)
        assert path.read_text() == f"x = 1\n{BLOCK}"
        assert (path.parent / "config.py.before-awaitall").read_text() == "x = 1\n"

    def test_what_will_go_wrong_at_the_start_is_told(self, spec, capsys):
        edit(replace(spec, trouble=lambda: "it does not start"), on=True)
        assert capsys.readouterr().err == "awaitall: it does not start\n"

    def test_the_change_is_shown(self, spec, path, capsys):
        write(path, "x = 1\n")
        edit(spec, on=True)
        assert f"--- {path}\n+++ {path}\n@@ -1 +1,4 @@\n x = 1\n+{BEGIN}\n+wire()\n+{END}\n" in capsys.readouterr().out

    def test_twice_is_as_good_as_once(self, spec, path, capsys):
        edit(spec, on=True)
        before = path.stat()
        capsys.readouterr()
        assert edit(spec, on=True) == 0
        assert capsys.readouterr().out == "mine awaits already\n"
        assert path.stat() == before

    def test_disable_undoes_it(self, spec, path):
        write(path, "x = 1\n")
        edit(spec, on=True)
        edit(spec, on=False)
        assert path.read_text() == "x = 1\n"

    def test_disable_without_a_file_changes_nothing(self, spec, path, capsys):
        assert edit(spec, on=False) == 0
        assert capsys.readouterr().out == "mine does not await\n"
        assert not path.exists()

    def test_lines_that_have_changed_with_a_version_are_renewed(self, spec, path):
        write(path, f"x = 1\n{BEGIN}\nold()\n{END}\ny = 2\n")
        edit(spec, on=True)
        assert path.read_text() == f"x = 1\ny = 2\n{BLOCK}"

    def test_a_dry_run_only_shows_it(self, spec, path, capsys):
        assert edit(spec, on=True, dry_run=True) == 0
        assert "+wire()" in capsys.readouterr().out
        assert not path.exists()

    @pytest.mark.parametrize("text", [b"x = '\xff'\n", b"x = 1\r\n", b"x = 1"])
    def test_no_other_byte_changes(self, spec, path, text):
        write(path, text)
        edit(spec, on=True)
        edit(spec, on=False)
        assert path.read_bytes().rstrip(b"\r\n") == text.rstrip(b"\r\n")

    @pytest.mark.skipif(not hasattr(os, "fchmod"), reason="no file has a mode")
    def test_the_mode_stays(self, spec, path):
        write(path, "x = 1\n")
        path.chmod(0o640)
        edit(spec, on=True)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert stat.S_IMODE((path.parent / "config.py.before-awaitall").stat().st_mode) == 0o640

    def test_no_copy_is_written_over(self, spec, path):
        write(path, "x = 1\n")
        edit(spec, on=True)
        write(path, "x = 2\n")
        edit(spec, on=True)
        assert [(path.parent / f"config.py.before-awaitall{end}").read_text() for end in ("", "-2")] == ["x = 1\n", "x = 2\n"]

    def test_what_is_wired_by_hand_is_left_alone(self, spec, path, capsys):
        write(path, "wire()\n")
        assert edit(spec, on=True) == 0
        assert capsys.readouterr().out == f"mine awaits already, by a line in {path}\n"
        assert path.read_text() == "wire()\n"

    def test_what_is_wired_by_hand_is_not_taken_out(self, spec, path):
        write(path, "x = 1\nwire()  # awaitall\n")
        with pytest.raises(AwaitallError) as caught:
            edit(spec, on=False)
        assert str(caught.value) == f"{path}:2: something else decides whether mine awaits. Delete wire()."


@pytest.mark.usefixtures("links")
class TestLinks:
    def test_a_link_below_the_home_stays_a_link(self, spec, path, home):
        write(home / "dotfiles" / "config.py", "x = 1\n")
        path.parent.mkdir()
        path.symlink_to(home / "dotfiles" / "config.py")
        edit(spec, on=True)
        assert path.is_symlink()
        assert (home / "dotfiles" / "config.py").read_text() == f"x = 1\n{BLOCK}"

    @pytest.mark.parametrize("link", ["file", "folder"])
    def test_a_link_out_of_the_home_is_not_followed(self, spec, path, tmp_path, link):
        outside = tmp_path / "outside" / "config.py"
        write(outside, "x = 1\n")
        if link == "folder":
            path.parent.symlink_to(outside.parent)
        else:
            path.parent.mkdir()
            path.symlink_to(outside)
        with pytest.raises(AwaitallError) as caught:
            edit(spec, on=True)
        assert f"is a link to {outside}, which is not below your home directory" in str(caught.value)
        assert outside.read_text() == "x = 1\n"
        assert files(outside) == ["config.py"]


class TestBadInput:
    def refused(self, spec, *, on=True):
        with pytest.raises(AwaitallError) as caught:
            edit(spec, on=on)
        return str(caught.value)

    @pytest.mark.parametrize("text", [f"{BEGIN}\nwire()\n", f"wire()\n{END}\n", f"{BLOCK}{BEGIN}\n"])
    def test_marks_that_have_been_changed_are_told(self, spec, path, text):
        write(path, text)
        told = self.refused(spec)
        assert told.startswith(f"{path}:")
        assert told.endswith("the lines of awaitall have been changed by hand: delete them, and try again.")
        assert path.read_text() == text

    @pytest.mark.parametrize("kind", ["directory", "pipe"])
    def test_what_is_no_file_is_told(self, spec, path, kind):
        path.parent.mkdir()
        if kind != "directory" and not hasattr(os, "mkfifo"):
            pytest.skip("there are no pipes with a name")
        path.mkdir() if kind == "directory" else os.mkfifo(path)
        assert self.refused(spec) == f"{path} is no file."

    def test_a_folder_that_cannot_be_made_is_told(self, spec, path):
        path.parent.write_text("a file")
        assert self.refused(spec).startswith(f"{path} cannot be edited, and is as it was: ")

    def test_a_shell_without_a_file_says_what_to_do(self):
        spec = ShellSpec("mine", "a shell", print, wire="Press the button.")
        assert self.refused(spec) == "mine has no file that could be edited. Press the button."

    def test_a_shell_that_is_not_installed_is_not_enabled(self, spec, path):
        assert self.refused(replace(spec, package="no-such-shell")) == "mine is not installed: pip install no-such-shell"
        assert not path.exists()

    def test_a_shell_without_a_file_that_does_not_await_need_not_be_disabled(self, capsys):
        assert edit(ShellSpec("mine", "a shell", print), on=False) == 0
        assert capsys.readouterr().out == "mine does not await\n"

    def test_a_full_disk_leaves_all_as_it_was(self, spec, path):
        write(path, "x = 1\n" * 1000)
        resource = pytest.importorskip("resource")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        try:
            told = self.refused(spec)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert told == f"{path} cannot be edited, and is as it was: File too large"
        assert path.read_text() == "x = 1\n" * 1000
        assert files(path) == ["config.py"]

    def test_a_disk_that_is_full_after_the_copy_leaves_the_file_as_it_was(self, spec, path, monkeypatch):
        write(path, "x = 1\n")

        def full(source, target):
            if target == str(path):
                raise OSError(28, "No space left on device")
            os.rename(source, target)

        monkeypatch.setattr(os, "replace", full)
        assert self.refused(spec) == f"{path} cannot be edited, and is as it was: No space left on device"
        assert path.read_text() == "x = 1\n"
        assert files(path) == ["config.py", "config.py.before-awaitall"]


class TestOurShells:
    """The commands as they are typed, and what the shells make of what they write."""

    @pytest.fixture
    def run(self, home):
        env = {**os.environ, "PYTHONSTARTUP": str(home / "startup.py"), "TERM": "dumb"}

        def run(*command):
            return subprocess.run(
                [sys.executable, "-m", *command], env=env, cwd=home, capture_output=True, text=True, stdin=subprocess.DEVNULL
            )

        return run

    def test_xonsh_is_disabled_and_enabled(self, run, home):
        need("xonsh")
        assert run("awaitall", "disable", "xonsh").returncode == 0
        assert run("xonsh", "-c", "autoawait").returncode == 1
        assert "off     xonsh" in run("awaitall", "doctor").stdout
        assert run("awaitall", "xonsh", "-c", "autoawait").returncode == 0
        assert run("awaitall", "enable", "xonsh").returncode == 0
        assert run("xonsh", "-c", "autoawait").returncode == 0
        assert (home / ".config/xonsh/rc.xsh").read_text() == ""

    def test_the_users_own_configure_of_ptpython_runs_first(self, run, home, capsys):
        need("ptpython")
        path = configuration("ptpython")
        path.parent.mkdir(parents=True)
        path.write_text("def configure(repl):\n    print('mine')\n")
        assert run("awaitall", "enable", "ptpython").returncode == 0
        names = {}
        exec(path.read_text(), names)
        names["configure"](object())
        assert capsys.readouterr().out == "mine\n"

    def test_what_is_written_does_nothing_where_there_is_no_awaitall(self, run, home, monkeypatch):
        for shell in ("bpython", "ptpython"):
            need(shell)
            assert run("awaitall", "enable", shell).returncode == 0
        for name in ("awaitall_bpython", "awaitall_ptpython"):
            monkeypatch.setitem(sys.modules, name, None)
        for path in (home / "startup.py", configuration("ptpython")):
            names = {}
            exec(path.read_text(), names)
            assert "configure" not in names

    def test_bpython_without_a_startup_file_says_what_to_do(self, home):
        need("bpython")
        env = {name: value for name, value in os.environ.items() if name != "PYTHONSTARTUP"}
        done = subprocess.run([sys.executable, "-m", "awaitall", "enable", "bpython"], env=env, capture_output=True, text=True)
        assert done.returncode == 1
        assert done.stderr.startswith("awaitall: bpython has no file that could be edited. For good: have PYTHONSTARTUP name ")

    @pytest.mark.parametrize("shell", ["bpython", "ptpython"])
    def test_a_shell_that_is_enabled_awaits(self, run, home, shell):
        need(shell)
        assert run("awaitall", "enable", shell).returncode == 0
        env = {"HOME": str(home), "PYTHONSTARTUP": str(home / "startup.py")}
        terminal = Terminal(sys.executable, "-m", shell, env=env, cwd=str(home))
        terminal.wait_for(r">>>|In \[1\]")
        terminal.type("import asyncio; await asyncio.sleep(0, 'sl' + 'ept')\r")
        terminal.wait_for(r"'slept'")
        terminal.close()

    @pytest.fixture
    def question(self, home):
        """A terminal on which the user is asked."""
        need("ptpython")
        terminal = Terminal(sys.executable, "-m", "awaitall", "enable", "ptpython", env={"HOME": str(home)}, cwd=str(home))
        terminal.wait_for(r"Write this\? \[Y/n\]")
        yield terminal
        terminal.close()

    @pytest.mark.parametrize(("answer", "written"), [("\r", True), ("n\r", False), ("\x04", False)])
    def test_a_person_is_asked(self, question, home, answer, written):
        question.type(answer)
        question.wait_for_end()
        assert configuration("ptpython").exists() is written

    def test_ctrl_c_at_the_question_writes_nothing(self, question, home):
        question.type("\x03")
        question.wait_for("\\^C")
        question.type("\r")  # in case it came just before input() waits, when Python notices it at the next line
        question.wait_for_end()
        assert not configuration("ptpython").exists()
