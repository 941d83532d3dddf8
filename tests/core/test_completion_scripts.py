"""``awaitall completion bash`` prints a script by which bash completes the arguments of ``awaitall``."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from awaitall.launcher import main
from awaitall.testing import Terminal

pytest.importorskip("shtab")


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """The script for bash, in a file."""
    path = tmp_path_factory.mktemp("completion") / "awaitall.bash"
    done = subprocess.run([sys.executable, "-m", "awaitall", "completion", "bash"], stdout=subprocess.PIPE, check=True)
    path.write_bytes(done.stdout)
    return path


@pytest.fixture
def bash(script, tmp_path):
    """A bash on a terminal that has read the script, in a folder with one file."""
    if (program := shutil.which("bash")) is None:
        pytest.skip("bash is not installed")
    (tmp_path / "program.py").touch()
    rc = tmp_path / "rc"
    rc.write_text(f"PS1='$ '\nbind 'set enable-bracketed-paste off'\nsource {script}\n")
    terminal = Terminal(program, "--norc", "--noprofile", "--rcfile", str(rc), "-i", cwd=str(tmp_path))
    terminal.type(f"source {rc}; clear\r")
    terminal.wait_for(r"^\$ *$")
    yield terminal
    terminal.close()


@pytest.mark.parametrize(
    ("typed", "becomes"),
    {
        "awaitall doc": "awaitall doctor",
        "awaitall ptp": "awaitall ptpython",
        "awaitall enable xo": "awaitall enable xonsh",
        "awaitall enable xonsh --dr": "awaitall enable xonsh --dry-run",
        "awaitall doctor --j": "awaitall doctor --json",
        "awaitall completion ba": "awaitall completion bash",
        "awaitall --ap": "awaitall --app",
        "awaitall --runner tr": "awaitall --runner trio",
        "awaitall --runner trio ptp": "awaitall --runner trio ptpython",
        "awaitall run -r tr": "awaitall run -r trio",
        "awaitall run -r trio pro": "awaitall run -r trio program.py",
        "awaitall prog": "awaitall program.py",
        "awaitall xonsh pro": "awaitall xonsh program.py",
    }.items(),
)
def test_bash_completes(bash, typed, becomes):
    bash.type(f"{typed}\t")
    bash.wait_for(rf"\$ {becomes}")


def test_bash_lists_the_commands_and_the_shells(bash):
    bash.type("awaitall \t\t")
    text = bash.wait_for("xonsh")
    assert {"run", "enable", "doctor", "runners", "ptpython", "console"} <= set(text.split())


def test_zsh_reads_the_script(tmp_path):
    if (zsh := shutil.which("zsh")) is None:
        pytest.skip("zsh is not installed")
    done = subprocess.run([sys.executable, "-m", "awaitall", "completion", "zsh"], stdout=subprocess.PIPE, check=True)
    (tmp_path / "_awaitall").write_bytes(done.stdout)
    subprocess.run([zsh, "-n", str(tmp_path / "_awaitall")], check=True)


def test_a_shell_that_is_not_known_costs_one_line(capsys):
    assert main(["completion", "bsh"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("awaitall: No completion for 'bsh'; there is one for bash, zsh, ")
    assert said.endswith(". Did you mean 'bash'?")


def test_without_shtab_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    said = main(["completion", "bash"])
    assert said == "awaitall: Completion takes shtab, and shtab is missing: pip install 'awaitall[completion]'"
