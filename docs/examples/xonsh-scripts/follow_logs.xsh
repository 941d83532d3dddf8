"""Follow some logs at the same time, each line with the name of its log: xonsh follow_logs.xsh a.log b.log c.log"""

import asyncio


async def follow(path):
    async for line in !(tail -F @(path)):
        print(f"{path}: {line}", end="", flush=True)


async with asyncio.TaskGroup() as group:
    for path in $ARGS[1:]:
        group.create_task(follow(path))
