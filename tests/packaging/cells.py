"""Run cells in the xonsh kernel of Jupyter, one for each argument; print for each, as JSON, its status and what it shows."""

from __future__ import annotations

import json
import sys
from functools import partial

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager


def main(cells: list[str]) -> None:
    manager = KernelManager(kernel_name="xonsh")
    argv = [sys.executable, "-m", "xonsh_jupyter.kernel", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=argv, display_name="xonsh", language="xonsh")  # nothing has to be installed
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        for cell in cells:
            shown: list[str] = []
            reply = client.execute_interactive(cell, timeout=60, output_hook=partial(show, shown))
            print(json.dumps([reply["content"]["status"], "".join(shown)]))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def show(shown: list[str], message: dict) -> None:
    content = message["content"]
    if message["msg_type"] == "stream":
        shown.append(content["text"])
    elif message["msg_type"] == "execute_result":
        shown.append(content["data"]["text/plain"])


if __name__ == "__main__":
    main(sys.argv[1:])
