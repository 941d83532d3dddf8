"""What an attached prompt costs the program.

A server on aiohttp answers a client that keeps it busy, in three states that take turns: without a prompt, with an idle one,
and with one that awaits. Compared with the state without a prompt are requests for each second, and the median and the 99th
percentile of the time that one takes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Effort, Figure
from benchmarks.peers import is_installed

from shells import Attached

SERVER = """
import os, tempfile
import awaitall
from aiohttp import web


async def hello(request):
    return web.Response(text="hello")


awaitall.serve()
application = web.Application()
application.router.add_get("/", hello)
web.run_app(application, path=os.environ["SERVER_SOCKET"], print=None, access_log=None)
"""

#: Seconds that a state is measured for, each time, and how often.
SECONDS, TURNS = 2, 9

#: Requests at the same time.
CONNECTIONS = 4

#: State -> what is typed at the prompt, None where there is none.
STATES = {"no prompt": None, "idle prompt": "1", "awaiting prompt": "await asyncio.sleep(1000)"}


async def times(path: str, seconds: float) -> list[float]:
    """Return how long requests have taken, one after the other on each connection."""
    import aiohttp

    taken = []
    end = time.perf_counter() + seconds

    async def ask(session):
        while (began := time.perf_counter()) < end:
            async with session.get("http://server/") as response:
                await response.read()
            taken.append(time.perf_counter() - began)

    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as session:
        await asyncio.gather(*(ask(session) for _ in range(CONNECTIONS)))
    return taken


def state_times(state: str, pid: int, path: str, seconds: float) -> list[float]:
    """Return how long requests have taken in a state."""
    with ExitStack() as stack:
        if (typed := STATES[state]) is not None:
            shell = stack.enter_context(closing(Attached(Path(path).parent, None, str(pid))))
            shell.run("import asyncio")
            shell.submit(typed)
            shell.terminal.wait_for(lambda text: typed in text)
        return asyncio.run(times(path, seconds))


def measure(effort: Effort) -> Iterator[Figure]:
    if not is_installed("aiohttp") or not effort.has("console"):
        return
    seconds = effort.seconds(SECONDS)
    with TemporaryDirectory() as home:
        path = os.path.join(home, "server")
        server = subprocess.Popen([sys.executable, "-c", SERVER], env={**os.environ, "SERVER_SOCKET": path})
        try:
            while not os.path.exists(path):
                time.sleep(0.05)
            asyncio.run(times(path, seconds))  # to warm up
            found: dict[str, list[list[float]]] = {state: [] for state in STATES}
            for number in range(effort.count(TURNS)):
                for state in [*STATES][number % 3 :] + [*STATES][: number % 3]:
                    found[state].append(state_times(state, server.pid, path, seconds))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    base, *states = found.items()
    for name, unit, goal, at_least, figure in (
        ("rate", "/s", 0.95, True, lambda taken: len(taken) / seconds),
        ("median", "s", 1.05, False, statistics.median),
        ("99 %", "s", 1.05, False, lambda taken: statistics.quantiles(taken, n=100)[-1]),
    ):
        for state, rounds in states:
            yield Figure(
                f"a server's {name}, {state}", base[0], unit, [*map(figure, rounds)], [*map(figure, base[1])], goal, at_least
            )
