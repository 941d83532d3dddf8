"""Run a command whenever something in a folder has changed and then been quiet: xonsh rebuild.xsh src make"""

import asyncio

QUIET = 0.2  # seconds

$XONSH_SUBPROC_RAISE_ERROR = False  # a build that fails is told, and the next one comes
folder, command = $ARG1, $ARGS[2:]


async def state():
    return await $(find @(folder) -type f -printf @("%p %T@\n"))


built = await state()
print(f"watching {folder}", flush=True)
while True:
    await asyncio.sleep(QUIET)
    now = await state()
    if now == built:
        continue
    while now != built:  # a change starts the wait anew
        built = now
        await asyncio.sleep(QUIET)
        now = await state()
    p = await ![@(command)]
    print("built" if p else f"failed: {p.returncode}", flush=True)
