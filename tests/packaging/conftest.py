"""The wheel, built once, and fresh virtual environments with nothing in them but what an extra brings along."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from uv import find_uv_bin

ROOT = Path(__file__).parents[2]


def clean_environment() -> dict[str, str]:
    """What a user's own shell would have: nothing that this test run has set."""
    ours = ("PYTHON", "XONSH", "VIRTUAL_ENV", "COVERAGE", "PYTEST", "TOX")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def uv(*arguments: str) -> None:
    done = subprocess.run([find_uv_bin(), *arguments], env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class Environment:
    """A virtual environment on the Python that runs the tests."""

    def __init__(self, path: Path, *requirements: str) -> None:
        self.home = path / "home"
        self.home.mkdir(parents=True)
        self.bin = path / "venv" / "bin"
        uv("venv", "--quiet", "--python", sys.executable, str(path / "venv"))
        self.install(*requirements)

    def install(self, *requirements: str) -> None:
        """Install what is required, beside what is there."""
        uv("pip", "install", "--quiet", "--python", str(self.bin / "python"), *requirements)

    def run(self, *command: str, input: str = "", timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a program of this environment to its end, in an empty folder and an empty home."""
        env = {**clean_environment(), "HOME": str(self.home), "PATH": f"{self.bin}:{os.environ['PATH']}", "TERM": "dumb"}
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.home,
            env=env,
            input=input,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def imported_by(self, module: str) -> set[str]:
        """Name the modules that importing one of ours loads, beyond those that Python loads at its start."""
        program = f"import sys; before = set(sys.modules); import {module}; print(*set(sys.modules) - before)"
        return set(self.run("python", "-c", program).stdout.split())


@pytest.fixture
def slow():
    """What nobody who never awaits should have to wait for."""
    return {"asyncio", "curio", "importlib.metadata", "inspect", "pluggy", "trio"}


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """Gives the path of the wheel, or of the source distribution, that is built of a folder."""

    def build(kind, source):
        folder = tmp_path_factory.mktemp("dist")
        uv("build", "--quiet", f"--{kind}", "--python", sys.executable, "--out-dir", str(folder), str(source))
        (path,) = folder.glob("awaitall-*")
        return path

    return build


@pytest.fixture(scope="session")
def wheel(build):
    return build("wheel", ROOT)


@pytest.fixture(scope="session")
def new_environment(tmp_path_factory):
    """Gives an environment with what is required."""
    return lambda *requirements: Environment(tmp_path_factory.mktemp("environment"), *requirements)


@pytest.fixture(scope="module")
def environment(request, wheel, new_environment):
    """An environment with the extra that the module names as EXTRA, or with none, and what it names as PINS."""
    extra, pins = getattr(request.module, "EXTRA", ""), getattr(request.module, "PINS", ())
    return new_environment(f"awaitall[{extra}] @ {wheel.as_uri()}", *pins)


@pytest.fixture(scope="session")
def sdist(tmp_path_factory):
    """Gives the folder of the unpacked source distribution of a version of a project."""

    def sdist(project, version):
        folder = tmp_path_factory.mktemp("sdist")
        download = ("download", "--quiet", "--no-cache-dir", "--no-deps", "--no-binary", project, "--dest", str(folder))
        uv("tool", "run", "--quiet", "--python", sys.executable, "pip", *download, f"{project}=={version}")
        (archive,) = folder.glob("*.tar.gz")
        shutil.unpack_archive(archive, folder, filter="data")
        return folder / f"{project}-{version}"

    return sdist
