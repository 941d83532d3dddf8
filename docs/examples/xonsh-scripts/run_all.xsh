"""Run the commands in a file, five at a time, and stop all at the first failure: xonsh run_all.xsh commands.txt"""

import subprocess
import sys

from awaitall_xonsh import parallel


async def run(command):
    output = await $(sh -c @(command))
    print(f"done: {command}")
    return output


commands = open($ARG1).read().splitlines()
try:
    outputs = await parallel(run, commands, jobs=5)
except subprocess.CalledProcessError as exc:
    print(f"failed: {exc.cmd[-1]} ({exc.returncode})", file=sys.stderr)
    sys.exit(1)
for output in outputs:
    print(output.rstrip())
