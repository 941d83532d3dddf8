"""What an attached prompt costs the program, in one run: ``python tests/benchmarks/attached.py [rounds]``.

A server on aiohttp answers a client that keeps it busy, in three states that take turns: without a prompt, with an idle one, and
with one that awaits. Each line is a state: requests for each second, the median and the 99th percentile of the time that one
takes, and the ratios to the state without a prompt. Those of the rate are to be over 0.95, those of the times under 1.05.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from shells import Console

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

#: Seconds that a state is measured for, each time.
SECONDS = 2

#: Requests at the same time.
CONNECTIONS = 4

#: State -> what is typed at the prompt, None where there is none.
STATES = {"no prompt": None, "idle prompt": "1", "awaiting prompt": "await asyncio.sleep(1000)"}


class Attached(Console):
    """The prompt inside a program, by its number."""

    def argv(self, *options):
        return [sys.executable, "-m", "awaitall", "attach", *options]


async def times(path: str) -> list[float]:
    """Return how long requests have taken, one after the other on each connection."""
    import aiohttp

    taken = []
    end = time.perf_counter() + SECONDS

    async def ask(session):
        while (began := time.perf_counter()) < end:
            async with session.get("http://server/") as response:
                await response.read()
            taken.append(time.perf_counter() - began)

    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as session:
        await asyncio.gather(*(ask(session) for _ in range(CONNECTIONS)))
    return taken


def measure(state: str, pid: int, path: str, home: Path) -> list[float]:
    with ExitStack() as stack:
        if (typed := STATES[state]) is not None:
            shell = stack.enter_context(closing(Attached(home, None, str(pid))))
            shell.run("import asyncio")
            shell.submit(typed)
            shell.terminal.wait_for(lambda text: typed in text)
        return asyncio.run(times(path))


def main(rounds: int) -> None:
    with TemporaryDirectory() as home:
        path = os.path.join(home, "server")
        server = subprocess.Popen([sys.executable, "-c", SERVER], env={**os.environ, "SERVER_SOCKET": path})
        try:
            while not os.path.exists(path):
                time.sleep(0.05)
            asyncio.run(times(path))  # to warm up
            found: dict[str, list[list[float]]] = {state: [] for state in STATES}
            for number in range(rounds):
                for state in [*STATES][number % 3 :] + [*STATES][: number % 3]:
                    found[state].append(measure(state, server.pid, path, Path(home)))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    show(found)


def show(found: dict[str, list[list[float]]]) -> None:
    print(f"{'':<16}{'rate':>9}{'ratio':>7}{'median':>10}{'ratio':>7}{'99 %':>10}{'ratio':>7}")
    base: list[float] = []
    for state, rounds in found.items():
        numbers = [
            statistics.median(len(taken) / SECONDS for taken in rounds),
            statistics.median(statistics.median(taken) for taken in rounds) * 1000,
            statistics.median(statistics.quantiles(taken, n=100)[-1] for taken in rounds) * 1000,
        ]
        base = base or numbers
        ratios = [number / first for number, first in zip(numbers, base, strict=True)]
        rate, median, late = numbers
        print(f"{state:<16}{rate:>7.0f}/s{ratios[0]:>7.3f}{median:>7.2f} ms{ratios[1]:>7.3f}{late:>7.2f} ms{ratios[2]:>7.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
