"""The conformance suites: subclass one in the tests of a package of yours, and pytest checks your runner, or your shell.

* :class:`RunnerSuite` is for runners. Takes pytest, which is no dependency of awaitall.
* :class:`ShellSuite` is for shells that await by awaitall, on real terminals; :class:`Shell` tells it how to start one, and
  :class:`Terminal` is what the shell runs on. They take pexpect and pyte, too.

Importing this package imports nothing else: each name loads its module when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awaitall import _load

if TYPE_CHECKING:
    from awaitall.testing.runner_suite import RunnerSuite
    from awaitall.testing.shell import Shell
    from awaitall.testing.shell_suite import ShellSuite
    from awaitall.testing.terminal import Terminal

__all__ = ["RunnerSuite", "Shell", "ShellSuite", "Terminal"]

_MODULE_OF = {
    "RunnerSuite": "testing.runner_suite",
    "Shell": "testing.shell",
    "ShellSuite": "testing.shell_suite",
    "Terminal": "testing.terminal",
}

_NEEDED = ("pexpect", "pyte", "pytest")


def __getattr__(name: str) -> object:
    """Load the module that holds a public name (PEP 562)."""
    try:
        return _load(globals(), _MODULE_OF, name)
    except ModuleNotFoundError as exc:
        if exc.name in _NEEDED:
            exc.add_note(f"awaitall.testing.{name} takes {exc.name}, which awaitall does not install: pip install {exc.name}")
        raise


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
