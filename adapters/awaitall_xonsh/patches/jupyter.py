"""The kernel of xontrib-jupyter, whose loop runs already; imported only there."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["await_on_loop_of_kernel"]


def await_on_loop_of_kernel(do_execute: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what runs a cell: with greenback installed it can await on the loop of the kernel."""

    @wraps(do_execute)
    async def ours(*args: Any, **options: Any) -> Any:
        try:
            from greenback import ensure_portal
        except ImportError:
            pass  # an await tells what to install
        else:
            await ensure_portal()
        return await do_execute(*args, **options)

    return ours
