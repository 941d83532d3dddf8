"""xonsh as a process that runs scripts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = str(Path(__file__).parent)


#: Runs the scripts that it finds in a file, each after the same prelude, and tells what each has printed.
RUN_ALL = """
import json, sys
prelude, *texts = json.load(open('scripts.json'))
for number, text in enumerate(texts):
    print(f'== {number}', flush=True)
    namespace = {}
    with ${...}.swap(XONSH_SUBPROC_OUTPUT_FORMAT='stream_lines'):
        execx(prelude, 'exec', namespace)
        execx(text, 'exec', namespace)
        sys.stdout.flush()
"""


class Scripts:
    """Runs scripts in one folder, with one home; the aids are imported, unless awaitall is left out."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {
            **os.environ,
            "HOME": str(folder),
            "PYTHONPATH": f"{HERE}:{folder}",
            "TERM": "dumb",
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "data"),
        }

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return str(path)

    def start(self, *arguments, **env):
        return subprocess.Popen(
            [sys.executable, "-m", "xonsh", *arguments],
            cwd=self.folder,
            env={**self.env, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments, input="", **env):
        """Run xonsh to its end; gives the process, with ``stdout`` and ``stderr`` as text."""
        process = self.start(*arguments, **env)
        stdout, stderr = process.communicate(input)
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)

    def __call__(self, text, **env):
        """Run a script, which has to succeed, and give what it prints."""
        done = self.run(self.write("script.xsh", f"import asyncio; from aids import *\n{text}\n"), **env)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def run_all(self, prelude, scripts, **env):
        """Run many scripts one after the other in one process; gives what each has printed, by its name.

        Args:
            prelude: What is run before each.
            scripts: Name -> text and anything else.
        """
        self.write("scripts.json", json.dumps([prelude, *(text for text, *_ in scripts.values())]))
        done = self.run(self.write("all.xsh", RUN_ALL), **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(zip(scripts, re.split(r"== \d+\n", done.stdout)[1:], strict=True))

    def both(self, text, otherwise):
        """Run two scripts, one with and one without await; gives the status and the last line of the complaint of each."""
        ends = []
        for source in (text, otherwise):
            done = self.run(self.write("script.xsh", f"import asyncio; from aids import *\n{source}\nprint('after')\n"))
            ends.append((done.returncode, done.stdout.strip(), done.stderr.splitlines()[-1:]))
        return ends
