"""Run files of tests one after the other, each in a process of the Python that AWAITALL_WINDOWS_PYTHON names.

Files that drive a shell on a terminal are run by this Python, and only the shell by the other one.

They test the awaitall that is installed for the Python that runs this. The other one finds it, in the tests and in whatever they
start, among the packages of a user that is there for this run only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import cache
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

HERE = Path(__file__).parent

#: The names of files that drive a shell.
DRIVING = "test_windows_console.py", "test_windows_editor.py"

#: Seconds for one file, and for one test of it; wine is slow where much else runs.
TIMEOUT = 1800
TEST_TIMEOUT = 240

#: Seconds for what has been printed to arrive, once all is over.
LAST_WORDS = 5

#: The folder of that user.
BASE = TemporaryDirectory()

#: Run by the Python for Windows, which has paths of its own; prints what PYTHONUSERBASE has to be.
INSTALL = """
import os, shutil, site, sys
metadata, customization, *sources = map(os.path.abspath, sys.argv[1:])
folder = os.path.abspath(site.getusersitepackages())
shutil.copytree(metadata, os.path.join(folder, os.path.basename(metadata)), copy_function=shutil.copyfile)  # wine has no other
shutil.copyfile(customization, os.path.join(folder, os.path.basename(customization)))
for source in sources:  # beside which there may be libraries for another system
    for name in os.listdir(source):
        if name.startswith(("awaitall", "xontrib")) and not name.endswith("-info"):
            shutil.copytree(os.path.join(source, name), os.path.join(folder, name), copy_function=shutil.copyfile)
print(os.path.abspath(site.getuserbase()))
"""


def main(paths):
    python = command()
    if python is None:
        sys.exit("There is no Python for Windows: AWAITALL_WINDOWS_PYTHON is to name the command that runs one.")
    files = [file for path in paths for file in (sorted(Path(path).glob("test_*.py")) if os.path.isdir(path) else [Path(path)])]
    os.environ["PYTHONUSERBASE"] = installed(python)
    wrong = [str(file) for file in files if not passes(python, file)]
    sys.exit(f"not all tests pass: {' '.join(wrong)}" if wrong else 0)


def command():
    """Return the command that runs a Python for Windows, or None."""
    python = os.environ.get("AWAITALL_WINDOWS_PYTHON", "")
    return python if os.path.exists(python) else None


@cache
def installed(python):
    """Put awaitall, and what mends wine, among the packages of the user, and return where those are."""
    metadata = next(file.locate().parent for file in distribution("awaitall").files if file.name == "METADATA")
    sources = {Path(find_spec(name).origin).parents[1] for name in ("awaitall", "awaitall_console")}
    with patch.dict(os.environ, PYTHONUSERBASE=BASE.name):
        done = run(python, "-c", INSTALL, metadata, HERE / "usercustomize.py", *sources)
    if done.returncode:
        sys.exit(done.stdout)
    return done.stdout.strip()


def passes(python, file):
    """Report whether the tests of a file pass, or are skipped."""
    print(f"== {file}", flush=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", str(TEST_TIMEOUT), file]
    try:
        with patch.dict(os.environ):
            if file.name in DRIVING:
                command[0] = sys.executable
            else:
                del os.environ["AWAITALL_WINDOWS_PYTHON"]  # for a setting, a shell would load more
            done = run(*command)
    except subprocess.TimeoutExpired:
        print(f"not over in {TIMEOUT} seconds", flush=True)
        return False
    print(done.stdout if done.returncode not in (0, 5) else done.stdout.splitlines()[-1], flush=True)
    return done.returncode in (0, 5)


def run(*command):
    """Run a command, and give what it prints: on a pipe, as wine does not take just any file.

    Services of wine that it starts may have that pipe open for longer.
    """
    lines = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        reader = threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True)
        reader.start()
        try:
            status = process.wait(TIMEOUT)
        finally:
            process.kill()
        reader.join(LAST_WORDS)
    return subprocess.CompletedProcess(command, status, "".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
