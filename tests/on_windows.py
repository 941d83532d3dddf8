"""Run files of tests one after the other, each in a process of the Python that AWAITALL_WINDOWS_PYTHON names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

#: Seconds for one file.
TIMEOUT = 600


def main(paths):
    python = os.environ.get("AWAITALL_WINDOWS_PYTHON", "")
    if not os.path.exists(python):
        sys.exit("There is no Python for Windows: AWAITALL_WINDOWS_PYTHON is to name the command that runs one.")
    files = [file for path in paths for file in (sorted(Path(path).glob("test_*.py")) if os.path.isdir(path) else [Path(path)])]
    wrong = [str(file) for file in files if not passes(python, file)]
    sys.exit(f"not all tests pass: {' '.join(wrong)}" if wrong else 0)


def passes(python, file):
    """Report whether the tests of a file pass, or are skipped; wine wants pipes for standard streams."""
    print(f"== {file}", flush=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", "60", str(file)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        print(f"not over in {TIMEOUT} seconds", flush=True)
        return False
    shown = done.stdout.decode(errors="replace")
    print(shown if done.returncode not in (0, 5) else shown.splitlines()[-1], flush=True)
    return done.returncode in (0, 5)


if __name__ == "__main__":
    main(sys.argv[1:])
