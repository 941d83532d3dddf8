"""The example plugin of the documentation passes its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "awaitall-debug"


def test_the_tests_of_the_example_pass():
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xonsh", "-p", "no:cacheprovider", "-q"],
        cwd=EXAMPLE,
        env={**os.environ, "PYTHONPATH": str(EXAMPLE), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert " passed" in result.stdout
