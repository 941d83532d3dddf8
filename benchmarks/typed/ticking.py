"""What is typed into the shells that are measured: a task that ticks."""

from __future__ import annotations

import asyncio
import time


async def tick(seconds, settle=1):
    """Tick every 10 ms, and tell how often that was."""
    await asyncio.sleep(settle)
    count = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(0.01)
        count += 1
    print(count, "ticks")
