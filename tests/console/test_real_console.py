"""The console with the libraries that people have."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest

from real_suite import RealSuite
from shells import Console

#: A program that waits until a dask scheduler has had two more heartbeats of a client.
HEARTBEATS = """
import asyncio, sys
from distributed import Client

address, name = sys.argv[1:]

async def heard(dask_scheduler):
    client = dask_scheduler.clients[name]
    for _ in range(2):
        before = client.last_seen
        while client.last_seen == before:
            await asyncio.sleep(0.01)

with Client(address) as client:
    client.run_on_scheduler(heard)
"""


class TestConsoleReal(RealSuite):
    shell_class = Console


class TestDask:
    shell_class = Console

    @pytest.fixture
    def cluster(self, tmp_path):
        """The address of a scheduler that has two workers, each a process of its own."""
        pytest.importorskip("distributed")
        with ExitStack() as stack:
            scheduler = stack.enter_context(dask(tmp_path, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"))
            address = next(found[1] for line in scheduler.stderr if (found := re.search(r"Scheduler at: +(\S+)", line)))
            for _ in range(2):
                stack.enter_context(dask(tmp_path, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"))
            yield address

    def test_what_was_submitted_before_idle_heartbeats_is_gathered_after_them(self, cluster, fresh, tmp_path):
        fresh.run("import dask; d = dask.config.set({'distributed.client.heartbeat': '200ms'})")
        fresh.run("from dask.distributed import Client")
        fresh.run(f"client = await Client({cluster!r}, asynchronous=True)")
        fresh.run("await client.wait_for_workers(2)")
        fresh.run("futures = [client.submit(pow, number, 2) for number in range(4)]")
        name = fresh.run("client.id").strip("'")
        subprocess.run([sys.executable, "-c", HEARTBEATS, cluster, name], env=environment(tmp_path), timeout=60, check=True)
        assert fresh.run("await client.gather(futures)") == "[0, 1, 4, 9]"


@contextmanager
def dask(home, *arguments):
    """A command of dask's, running; gives the process."""
    with subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments], cwd=home, env=environment(home), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def environment(home):
    """That of a process which finds no settings of the user's, and leaves its files in the folder of the test."""
    return {**os.environ, "HOME": str(home), "DASK_TEMPORARY_DIRECTORY": str(home)}
