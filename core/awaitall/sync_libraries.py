"""Which modules ask for a running event loop only to refuse, or to become asynchronous, where there is one.

In an input that does not await they are told the truth, that no coroutine is running, while everybody else sees the loop of the
session; see :mod:`awaitall.runners.visible_loop`. A library or a plugin that knows of another such module adds its name::

    from awaitall.sync_libraries import MODULES
    MODULES.add("mylibrary.blocking")
"""

from __future__ import annotations

__all__ = ["MODULES"]

#: The full names of the modules that call ``asyncio.get_running_loop()`` or ``get_running_loop()``, and none that needs the loop.
MODULES = {
    "asgiref.local",  # where the values of a thread are kept: database connections, the language
    "asgiref.sync",  # async_to_sync()
    "distributed.compatibility",  # an asyncio.run() of its own
    "django.utils.asyncio",  # SynchronousOnlyOperation, in what touches the database
    "jupyter_client.manager",
    "jupyter_core.utils",  # run_sync(), and with it the blocking clients of jupyter_client
    "litellm.harness.sync",
    "playwright.sync_api._context_manager",
    "prefect._internal.compatibility.async_dispatch",  # gives coroutines instead of results
    "prefect._internal.concurrency.event_loop",
    "prefect.client.orchestration",
    "prefect.flows",
    "prefect.utilities.asyncutils",  # up to 3.8 a module, then a package of the same name
    "ray.serve._private.replica_result",
    "ray.serve._private.utils",
    "strawberry.utils.inspect",
    "streamlit.web.bootstrap",
    "synchronicity.async_utils",
    "synchronicity.synchronizer",  # the clients of Modal
    "uvicorn._compat",  # an asyncio.run() of its own
}
