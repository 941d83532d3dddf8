"""What awaitall knows about ptpython, and how to start a ptpython that awaits whatever its configuration says."""

from __future__ import annotations

import os
import sys
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from awaitall import ShellSpec, hookimpl
from awaitall.shells import cannot_start, config_directory, first_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["awaitall_shells"]

#: For config.py, whose own ``configure`` is called first. Another ptpython that reads the file may not have awaitall.
_ENABLING = """\
try:
    from awaitall_ptpython import configure_after
except ImportError:
    pass
else:
    configure = configure_after(globals().get("configure"))
"""


@hookimpl
def awaitall_shells() -> Iterator[ShellSpec]:
    """Offer ptpython."""
    yield ShellSpec(
        "ptpython",
        "ptpython, with all of its own options",
        _start,
        package="ptpython",
        versions=">=3.0.24,<3.1",
        is_wired=_is_wired,
        wire="For good: awaitall enable ptpython",
        unwire="Delete the lines of ptpython's config.py that name awaitall.",
        requirement="'awaitall[ptpython]'",
        configuration=_configuration,
        enabling=_ENABLING,
        embed=_embed,
        aembed=partial(_embed, return_asyncio_coroutine=True),
        hosts=frozenset({"asyncio"}),
        trouble=_trouble,
    )


def _start(arguments: Sequence[str]) -> object:
    """Run ptpython's own command; ``embed`` and ``create_parser`` in its module were seen in 3.0.24 to 3.0.32.

    ptpython compiles the files that it runs, those before the prompt as it makes the prompt, so those that await are run by us.
    """
    try:
        from ptpython.entry_points import run_ptpython as module
    except ImportError as exc:
        return cannot_start("ptpython", exc)
    from awaitall.shells.programs import file_awaits, run_program

    run_ptpython: Any = module
    options = run_ptpython.create_parser().parse_args(list(arguments))
    if options.args and not options.interactive:
        run_program(options.args)
        return None
    from awaitall_ptpython import enable, run_files

    embed = run_ptpython.embed

    def embed_with_await(*args: Any, configure: Any = None, startup_paths: Sequence[str] | None = None, **options: Any) -> Any:
        paths = list(startup_paths or ())
        plain = list(takewhile(lambda path: not file_awaits(path), paths))

        def configured(repl: Any) -> None:
            if configure is not None:
                configure(repl)
            enable(repl)
            run_files(repl, paths[len(plain) :])

        options["globals"].update(first_names())
        return embed(*args, configure=configured, startup_paths=plain, **options)

    sys.argv = ["ptpython", *arguments]
    run_ptpython.embed = embed_with_await
    try:
        run_ptpython.run()
    finally:
        run_ptpython.embed = embed
    return None


def _embed(globals: dict[str, Any], locals: Any, banner: str | None, settings: Mapping[str, Any], **options: Any) -> Any:
    """Open ptpython with the user's config.py, which ``ptpython.embed()`` does not read by itself.

    The path is that of ptpython's own command; ``run_config()`` would read ``~/.config/ptpython/config.py`` (3.0.24 to 3.0.32).
    """
    from ptpython.repl import embed, run_config

    from awaitall_ptpython import enable

    def configure(repl: Any) -> None:
        if os.path.exists(path := _configuration()):
            run_config(repl, path)
        enable(repl, **settings)

    if banner is not None:
        print(banner)
    return embed(globals, locals, configure=configure, **options)


def _trouble() -> str:
    """Return that ptpython ends with a SyntaxError at its start: it compiles the startup file before it reads config.py."""
    from awaitall.shells.programs import awaiting_startup_file

    if not (path := awaiting_startup_file()):
        return ""
    cure = "start it by `awaitall ptpython`, or have `awaitall_ptpython.run_files(repl, [...])` in config.py run what awaits"
    return f"`ptpython` cannot start with {path}, which PYTHONSTARTUP names and which awaits: {cure}"


def _configuration() -> str:
    """Return the path of config.py; entry_points/run_ptpython.py of 3.0.24 to 3.0.32 chooses it so."""
    if os.path.isfile(before := os.path.expanduser("~/.ptpython/config.py")):
        return before
    return os.path.join(os.environ.get("PTPYTHON_CONFIG_HOME") or config_directory("ptpython", "prompt_toolkit"), "config.py")


def _is_wired() -> bool:
    try:
        with open(_configuration(), encoding="utf-8", errors="replace") as file:
            return "awaitall" in file.read()
    except OSError:
        return False
