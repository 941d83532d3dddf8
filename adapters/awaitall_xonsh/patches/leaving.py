"""The end of xonsh: to its question before that, background tasks are jobs as others are."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from xonsh.built_ins import XSH
from xonsh.procs.jobs import get_jobs, get_tasks, use_main_jobs

from awaitall_xonsh import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["ask_about_tasks", "kill_no_tasks"]

#: The tasks that are named.
MANY = 20


class _Running:
    """What xonsh asks whether a job is over."""

    def poll(self) -> None:
        """Return None, as ``subprocess.Popen.poll()`` of what still runs."""


@contextmanager
def _among_jobs(tasks: dict[Any, Any]) -> Iterator[None]:
    """Return a context manager in which these are jobs, too; where there are none, xonsh is left to itself.

    It looks for jobs in the thread that asks, and finds none in that of an alias, which ``exit`` is: there it would not ask.
    """
    if not tasks:
        yield
        return
    with use_main_jobs():
        get_jobs().update(tasks)
        get_tasks().extend(tasks)
        try:
            yield
        finally:
            _leave_out_tasks()


def _leave_out_tasks() -> None:
    jobs, order = get_jobs(), get_tasks()
    for number in [number for number, job in list(jobs.items()) if isinstance(job["obj"], _Running)]:
        del jobs[number]
        if number in order:
            order.remove(number)


def kill_no_tasks(hup_all_jobs: Callable[[], object]) -> Callable[[], object]:
    """Wrap the end of all jobs: it takes each for a process."""

    @wraps(hup_all_jobs)
    def ours() -> object:
        _leave_out_tasks()
        return hup_all_jobs()

    return ours


def ask_about_tasks(clean_jobs: Callable[[], bool]) -> Callable[[], bool]:
    """Wrap the question of xonsh about unfinished jobs: for as long as it is asked, background tasks are among them."""
    asked = False

    @wraps(clean_jobs)
    def ours() -> bool:
        nonlocal asked
        of_shell = settings.session()
        if of_shell is None or not (XSH.env.get("XONSH_INTERACTIVE") and sys.stdin.isatty() and _is_asked_once(asked)):
            return clean_jobs()
        with _among_jobs(_jobs(of_shell.tasks_at_end())):
            answer = clean_jobs()
        asked = asked or not answer
        return answer

    return ours


def _is_asked_once(asked: bool) -> bool:
    """Report whether xonsh will let the user go who wants to leave once more; it goes by the last command of the history.

    Without any there, it would ask for ever; without a history, it breaks down.
    """
    times = getattr(XSH.history, "tss", None)
    return times is not None and (len(times) > 0 or not asked)


def _jobs(tasks: Sequence[Any]) -> dict[Any, Any]:
    """Return tasks as the jobs of xonsh, which names each in a line: not all where there are very many."""
    jobs = {f"task {task.number}": _job(task.name, task.state) for task in tasks[:MANY]}
    if len(tasks) > MANY:
        jobs["tasks"] = _job(f"and {len(tasks) - MANY} more tasks", "waiting")
    return jobs


def _job(name: str, state: str) -> dict[str, Any]:
    return {"cmds": [[name]], "status": state, "pids": [], "pgrp": None, "obj": _Running(), "bg": True}
