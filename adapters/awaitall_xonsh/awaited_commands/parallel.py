"""Many at once, so many at a time: what GNU parallel and ``xargs -P`` are for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

from awaitall.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

__all__ = ["parallel"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


async def parallel(function: Callable[[_Item], Awaitable[_Result]], items: Iterable[_Item], *, jobs: int) -> list[_Result]:
    """Run an async function for each item, some at the same time, and return the results in the order of the items.

    The first failure cancels what runs, starts no more, and is raised. It runs on asyncio, uvloop and trio.

    Args:
        function: Called with one item.
        items: An iterable, from which an item is taken when its turn comes.
        jobs: How many run at the same time at most.

    Raises:
        UsageError: ``jobs`` is less than 1.
    """
    if jobs < 1:
        raise UsageError(f"At least 1 job has to run at a time, and not {jobs}.")
    todo = enumerate(items)
    results: dict[int, _Result] = {}
    failures: list[BaseException] = []

    async def work() -> None:
        try:
            for number, item in todo:
                results[number] = await function(item)
                if failures:
                    break
        except anyio.get_cancelled_exc_class():
            raise
        except BaseException as exc:
            failures.append(exc)
            workers.cancel_scope.cancel()

    async with anyio.create_task_group() as workers:
        for _ in range(jobs):
            workers.start_soon(work)
    if failures:
        raise failures[0]
    return [results[number] for number in sorted(results)]
